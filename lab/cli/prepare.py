"""`python -m lab.cli.prepare`: engines and image made ready before the tests.

Law: what is there already is left as it is; what is done is said, a line each.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from lab.cli.guard import guarded
from lab.cli.installed import InstalledParts
from lab.cli.parts import BuildOptions, Connection, EngineChoice, Parts
from lab.cli.views import say
from lab.errors import ExitStatus
from lab.private_engine import possible, start

WITHOUT = "LAB_WITHOUT_DOCKER"


def prepare(parts: Parts, environment: Mapping[str, str]) -> int:
    """Have an engine that answers, the private one where possible, and the image on both."""
    if environment.get(WITHOUT) == "1":
        say(f"{WITHOUT}=1: no engine is prepared; the tests that need one are not run")
        return ExitStatus.PASSED
    with parts.connect(EngineChoice(start=True), say) as first:
        _ready(parts, first, BuildOptions())
        reason = possible()
        if reason is not None:
            say(f"no private engine beside it: {reason}")
            return ExitStatus.PASSED
        url = start(say)
        if url != first.url:
            with parts.connect(EngineChoice(url), say) as private:
                _ready(parts, private, BuildOptions(source=first))
    return ExitStatus.PASSED


def _ready(parts: Parts, connection: Connection, options: BuildOptions) -> None:
    """The image on that engine."""
    version = connection.engine.abilities().version
    reference = parts.build(connection, options, say)
    say(f"engine {version} at {connection.url}: {reference} is there")


if __name__ == "__main__":
    sys.exit(guarded(lambda: prepare(InstalledParts(), os.environ), ["lab.cli.prepare"]))
