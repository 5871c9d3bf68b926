"""What the agent cannot do, in words its starter can act on.

Law: every expected failure is a Refusal with one of the kinds below; anything else is a defect.
"""

NOT_HERE = "not-here"  # that process is not the node, as far as this host can see
GONE = "gone"  # the node's holder has ended
UNKNOWN = "unknown"  # no node of that key was adopted, or the request makes no sense
NO_TRACER = "no-tracer"  # there is no strace where the agent is
FAILED = "failed"  # the kernel refused


class Refusal(Exception):  # noqa: N818 - an answer, not a failure of the program
    """`what` happened, in a sentence; `kind` is one of the constants of this module."""

    def __init__(self, kind: str, what: str) -> None:
        super().__init__(what)
        self.kind = kind
        self.what = what
