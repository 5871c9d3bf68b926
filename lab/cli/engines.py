"""The engine a command works with: found, or the private one started where that was allowed.

Law: an engine that somebody named is never replaced by another; nothing is started unasked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cli.parts import EngineChoice, Say
from lab.engine import open_engine

if TYPE_CHECKING:
    from lab.engine.docker_engine import DockerEngine


def opened(choice: EngineChoice, say: Say) -> DockerEngine:
    """An engine that answers. Raises EngineError that tells how to get one."""
    from lab.engine.errors import NoEngineError  # noqa: PLC0415 - brings docker in, as opening does

    try:
        return open_engine(
            choice.url, services=choice.services, report=say, machines=choice.machines
        )
    except NoEngineError:
        if choice.url is not None or not choice.start:
            raise
    from lab.private_engine import no_engine, possible, start  # noqa: PLC0415 - rarely needed

    reason = possible()
    if reason is not None:
        raise no_engine(reason)
    say("no Docker Engine answers: starting a private one (make modern-engine-stop stops it)")
    return open_engine(start(say), services=choice.services, report=say)
