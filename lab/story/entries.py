"""What a story is made of.

Law: plain frozen data; text and bytes are raw, and who shows them makes them harmless.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from lab.verdict import Verdict


class Kind(Enum):
    """What sort of thing happened."""

    PHASE = "phase"
    STEP = "step"
    STATE = "state"
    STDOUT = "stdout"
    STDERR = "stderr"
    PACKET = "packet"
    ACK = "ack"  # a packet that only says what has come
    CALL = "call"
    CUT = "cut"  # something of a node that is not told
    JUDGEMENT = "judgement"
    VERDICT = "verdict"


class Entry(Struct, frozen=True):
    """One thing that happened, `at` seconds from the beginning of the case.

    `node` is where, empty for the lab itself; `program` what it is known by, where that is not the
    node's own. `data` is a line that was written, or the beginning of one of `size` bytes. `text`
    says whatever else it is. `step` counts from 1.

    A packet went from `node` to `peer`, empty where no node of the run got it; `lost`: one should
    have, and did not. One that no node of the run sent stands at the node that got it.
    """

    at: float
    kind: Kind
    node: str = ""
    program: str = ""
    text: str = ""
    data: bytes = b""
    size: int = 0
    verdict: Verdict | None = None
    step: int = 0
    peer: str = ""
    lost: bool = False

    @property
    def who(self) -> str:
        """What the program is known by, or the node."""
        return self.program or self.node


class Story(Struct, frozen=True):
    """Entries in the order of time. `notes` say what is not known, or is left out."""

    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = ()
