"""The report of an error nobody expected: a file with all that is known of it.

Law: never raises; the user gets one line where the file is, whatever happened. Environment
variables are not written: they may hold secrets.
"""

import importlib.metadata
import os
import platform
import shlex
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

import lab

PACKAGES = ("click", "docker", "msgspec", "PyYAML", "rich")


def write(error: BaseException, command: Sequence[str], here: Path) -> Path | None:
    """Write the report below `here`, or in the temporary folder; None where neither can be."""
    text = report(error, command)
    name = f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    for folder in (here / ".lab" / "reports", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / name
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError:
            continue
        return path
    return None


def report(error: BaseException, command: Sequence[str]) -> str:
    """What the file says."""
    lines = [
        "Socket Lab ended because of an error nobody expected.",
        "",
        f"command   {shlex.join(command)}",
        f"lab       {lab.__version__}",
        f"python    {sys.version.split()[0]} ({platform.platform()})",
        *(f"{name:9} {_version(name)}" for name in PACKAGES),
        "",
        *traceback.format_exception(error),
    ]
    return "\n".join(line.rstrip("\n") for line in lines) + "\n"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def said(error: BaseException, path: Path | None) -> str:
    """What the user reads."""
    kind = type(error).__name__
    if path is None:
        return f"lab: an error nobody expected ({kind}); no report of it could be written"
    return (
        f"lab: an error nobody expected ({kind}); the report is in {path}\n"
        "help: this is a defect of the lab: please pass the report on to its authors; "
        "`lab clean` removes what may be left on the engine"
    )
