"""`python -m lab.cli.prepare`: engines and image made ready before the tests.

Law: what is there already is left as it is; what is done is said, a line each.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from lab.cli.guard import guarded
from lab.cli.installed import InstalledParts
from lab.cli.parts import BuildOptions, EngineChoice, Parts
from lab.cli.views import say
from lab.errors import ExitStatus
from lab.private_engine import possible, start

WITHOUT = "LAB_WITHOUT_DOCKER"


def prepare(parts: Parts, environment: Mapping[str, str]) -> int:
    """Have an engine that answers, the private one where possible, and the image on both."""
    if environment.get(WITHOUT) == "1":
        say(f"{WITHOUT}=1: no engine is prepared; the tests that need one are not run")
        return ExitStatus.PASSED
    first = _ready(parts, EngineChoice(start=True))
    reason = possible()
    if reason is not None:
        say(f"no private engine beside it: {reason}")
        return ExitStatus.PASSED
    url = start(say)
    if url != first:
        _ready(parts, EngineChoice(url))
    return ExitStatus.PASSED


def _ready(parts: Parts, choice: EngineChoice) -> str:
    """The image on that engine; the engine's URL."""
    with parts.connect(choice, say) as connection:
        version = connection.engine.abilities().version
        reference = parts.build(connection, BuildOptions(), say)
        say(f"engine {version} at {connection.url}: {reference} is there")
        return connection.url


if __name__ == "__main__":
    sys.exit(guarded(lambda: prepare(InstalledParts(), os.environ), ["lab.cli.prepare"]))
