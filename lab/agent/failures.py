"""What the agent could not do, as errors a caller can tell apart.

Law: every one is an EngineError; the kinds are those of the program's refusals.
"""

from lab.errors import EngineError


class NotHereError(EngineError):
    """The process is not that container's here: the engine's processes are on another machine."""


class NodeGoneError(EngineError):
    """The node's holder has ended, so nothing can be said of it any more."""


class AgentDeadError(EngineError):
    """The agent itself ended or does not answer."""


class NoTracerError(EngineError):
    """There is no strace where the agent is."""


_KINDS: dict[str, type[EngineError]] = {
    "not-here": NotHereError,
    "gone": NodeGoneError,
    "no-tracer": NoTracerError,
}


_INSTEAD = {
    "not-here": "this engine keeps its containers elsewhere: set LAB_AGENT=container",
    "no-tracer": "install strace, or set LAB_AGENT=container: the lab's own image has one",
}


def failure(kind: str, what: str) -> EngineError:
    """The error for a refusal."""
    return _KINDS.get(kind, EngineError)(what, help=_INSTEAD.get(kind, ""))
