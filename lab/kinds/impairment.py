"""What makes a link bad, as it is written: the same in an impair step and from the start.

Law: what is written is made JSON for the agent (lab/agent/program/effects.py) here and nowhere
else. Which links there are is not known here.
"""

from __future__ import annotations

import re

from lab.kinds.times import DURATION
from lab.kinds.ways import WAYS, titled, ways_of
from lab.model import Impairment
from lab.quantities import (
    HIGHEST_PORT,
    format_duration,
    format_rate,
    format_share,
    parse_rate,
    parse_share,
)
from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import (
    Boolean,
    ByForm,
    Field,
    Integer,
    OneOrMany,
    Parsed,
    Record,
    Schema,
    patterned,
    refused,
)

_MOST = 10**9
EVERY = Field("every", Integer("a number of packets", 1, _MOST), "every third: 3")
NTH = Field[tuple[int, ...]](
    "nth",
    OneOrMany(Integer("the number of a packet", 1, _MOST), "a list of numbers"),
    "the second, or a list: [2, 5]",
)
_CHOICE = Record("a choice of packets", EVERY, NTH)
_SHARE = Parsed("a share", parse_share, "write 20%", patterned("[0-9]{1,3}([.][0-9]{1,2})?%"))


class _Share:
    """20%"""

    def read(self, value: Located, scope: Scope) -> dict[str, object]:
        return {"share": _SHARE.read(value, scope)}

    def schema(self) -> Schema:
        return _SHARE.schema()


class _Chosen:
    """{every: 3} or {nth: [2, 5]}"""

    def read(self, value: Located, scope: Scope) -> dict[str, object]:
        read = _CHOICE.read(value, scope)
        if (EVERY in read) == (NTH in read):
            what = "packets are chosen in one way"
            raise refused(scope, value.span, what, "write {every: 3}, or {nth: [2, 5]}, or 20%")
        numbers = read.get(NTH, ())
        return {"nth": list(numbers)} if numbers else {"every": read[EVERY]}

    def schema(self) -> Schema:
        return {**_CHOICE.schema(), "minProperties": 1, "maxProperties": 1}


CHOICE = ByForm[dict[str, object]](
    "a choice of packets",
    "write 20%, {every: 3} or {nth: [2, 5]}",
    scalar=_Share(),
    mapping=_Chosen(),
)
LOSS = Field("loss", CHOICE, "these are lost: 20%, {every: 3}, {nth: 2} or {nth: [2, 5]}")
DUPLICATE = Field("duplicate", CHOICE, "these come twice; chosen as those of loss")
CORRUPT = Field("corrupt", CHOICE, "of these one bit is turned over; chosen as those of loss")
REORDER = Field("reorder", CHOICE, "these are overtaken by the next; chosen as those of loss")
DELAY = Field("delay", DURATION, "all come so much later")
JITTER = Field("jitter", DURATION, "up to so much more or less delay, by chance")
RATE = Field(
    "rate",
    Parsed("a rate", parse_rate, "write 1mbit", patterned("[0-9]{1,9}(bit|kbit|mbit|gbit)")),
    "so many bits go in a second: 64kbit",
)
CHOSEN = (LOSS, DUPLICATE, CORRUPT, REORDER)
_ONLY = "(udp|tcp|icmp)(?:/([0-9]{1,5}))?"


def _only(text: str) -> tuple[str, int | None]:
    match = re.fullmatch(_ONLY, text, re.ASCII)
    if not match or (match[2] and (match[1] == "icmp" or not 0 < int(match[2]) <= HIGHEST_PORT)):
        raise ValueError("write udp, tcp, icmp, udp/4950 or tcp/3490")
    return match[1], int(match[2]) if match[2] else None


ONLY = Field(
    "only",
    Parsed("a sort of packet", _only, "write udp/4950", patterned("(udp|tcp)(/[0-9]{1,5})?|icmp")),
    "of these packets alone: udp, tcp, icmp, udp/4950 (from or to that port)",
)
MAY_MISS = Field("may-miss", Boolean(), "true: it may turn out that there was nothing to impair")
SHAPE = Record("an impairment", *WAYS, *CHOSEN, DELAY, JITTER, RATE, ONLY, MAY_MISS)


def decode(value: Located, scope: Scope) -> Impairment:
    """An impairment. Raises Unreadable."""
    read = SHAPE.read(value, scope)
    ways = ways_of(read, value, scope)
    effects: list[tuple[str, object]] = [(f.name, read[f]) for f in CHOSEN if f in read]
    effects += [(f.name, read[f]) for f in (DELAY, JITTER) if f in read]
    if RATE in read:
        effects.append((RATE.name, read[RATE]))
    if not effects:
        mend = "say how: loss: 20%, delay: 50ms, duplicate: {every: 2}, ..."
        raise refused(scope, value.span, "this impairs nothing", mend)
    if JITTER in read and read[JITTER] > read.get(DELAY, 0):
        what = "packets cannot come before they are sent: jitter is at most the delay"
        raise refused(scope, read.located(JITTER).span, what, "raise the delay")
    transport, port = read.get(ONLY, ("", None))
    words = [f"{name} {_shown(name, what)}" for name, what in effects]
    if transport:
        words.append(f"of {transport}" if port is None else f"of {transport}/{port}")
    return Impairment(
        title=f"{', '.join(words)} {titled(read)}",
        ways=ways,
        effects=tuple(effects),
        span=value.span,
        transport=transport,
        port=port,
        may_miss=read.get(MAY_MISS, False),
    )


def _shown(name: str, what: object) -> str:
    match what:
        case {"share": float(share)}:
            return format_share(share)
        case {"every": number}:
            return f"of every {number}." if number != 1 else "of all"
        case {"nth": [*numbers]}:
            return f"of number {', '.join(map(str, numbers))}"
        case int():
            return format_rate(what)
        case float():
            return format_duration(what)
    raise TypeError(f"{name}: {what!r}")
