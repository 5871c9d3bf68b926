"""The versions of everything a run was made with.

Law: only what changes how a run goes; nothing of the user or the machine's name.
"""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Mapping

import lab
from lab.errors import LabError
from lab.ports import Engine

PACKAGES = ("docker", "PyYAML", "click", "rich")


def versions(engine: Engine) -> Mapping[str, str]:
    """By name; what cannot be found out is left out."""
    abilities = engine.abilities()
    known = {
        "lab": lab.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        **{name: _package(name) for name in PACKAGES},
        "engine": f"{abilities.version} (API {'.'.join(map(str, abilities.api))})",
        "engine kernel": abilities.kernel,
        "image": _image(engine),
    }
    return {name: value for name, value in known.items() if value}


def _package(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _image(engine: Engine) -> str:
    """Of the nodes that run the lab's own; known since the run began."""
    try:
        return engine.image(None).reference
    except LabError:
        return ""
