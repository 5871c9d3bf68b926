"""Which system calls about sockets the program makes, with all processes it forks.

`order` are calls that must be seen in this order, with any others between them; `must` are
seen at some time, `must-not` are never made. A call is its name, or its name with what must be
among its arguments: a word of them as strace(1) writes them, or a list of such words. It counts
once it returned without failing; one that is to fail names the error among its words. `must-not`
counts attempts too. accept stands for accept4; recv for recvfrom, recvmsg, and read on a socket;
send for sendto, sendmsg, and write on a socket; poll, select and epoll_wait for their newer forms,
fork for clone. Sockets that getaddrinfo opens for itself do not count.

`closed`: all, or accepted: every socket that the program got (of these, or from accept) was
closed by the process that got it. That a process ends closes what it inherited, and nothing that
it got itself. `busy-loop: none`: never 100 calls within 1s that get nothing done, such as poll
upon poll, or recv upon recv that would block.

The program is traced from its first call by strace, outside of its node, which needs nothing for
it and gets no privilege. Every call takes some 0.1 ms longer.

Example:

    expect:
      server:
        calls:
          order: [socket, {setsockopt: SO_REUSEADDR}, bind, listen, accept, recv, send, close]
          must-not: [{socket: SOCK_DGRAM}]
          closed: all
          busy-loop: none
      client:
        calls:
          order: [{socket: [AF_INET, SOCK_STREAM]}, {connect: "${server.ip}"}, send, recv, close]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from lab.events import Call, Fact, NodeObservation, ProcessRecord, State
from lab.kinds.calls.claims import ACCEPTED, ALL, at, calm, closed, in_order, made, not_made
from lab.kinds.calls.library import own
from lab.kinds.calls.names import NAMES
from lab.kinds.calls.pattern import CallPattern
from lab.kinds.output.together import together
from lab.kinds.standing import lost, standing
from lab.source import Span
from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import (
    ByForm,
    Choice,
    Field,
    ListOf,
    MapOf,
    OneOrMany,
    Record,
    Schema,
    TemplateText,
    Unreadable,
    patterned,
    refused,
)
from lab.verdict import Judgement, failed, unknown

_UNTRACED = (
    "those of a scenario's own expectations are; lab run --calls traces every machine, and so does "
    "pytest --lab-calls"
)


class Word(Struct, frozen=True):
    """A word, and where it is written."""

    text: str
    span: Span


class CallsExpectation(Struct, frozen=True):
    """Empty, or None: nothing was said of it. `closed`: "all" or "accepted"."""

    span: Span
    order: tuple[CallPattern, ...] = ()
    must: tuple[CallPattern, ...] = ()
    must_not: tuple[CallPattern, ...] = ()
    closed: Word | None = None
    calm: Word | None = None

    @property
    def kind(self) -> str:
        return "calls"

    @property
    def needs(self) -> frozenset[Fact]:
        return frozenset({Fact.CALLS})

    def judge(self, seen: NodeObservation, bindings: Mapping[str, str]) -> Judgement:
        if error := lost(seen):
            return error
        program = seen.program
        if program.state is State.HELD:
            return failed(standing(program))
        if program.calls is None:
            return unknown("the lab cannot tell: its calls were not traced", advice=_UNTRACED)
        calls, missing = own(program.calls), program.calls_lost
        if missing:  # those are what came after all that are there
            program = replace(program, calls_over=False)
        return together(_sure(each, missing) for each in self._judge(program, calls, bindings))

    def _judge(
        self, program: ProcessRecord, calls: tuple[Call, ...], bindings: Mapping[str, str]
    ) -> Iterator[Judgement]:
        over = program.calls_over
        # First, as it is seen first: what is told does not depend on whether the program has ended.
        for pattern in self.must_not:
            yield not_made(pattern, calls, bindings, over=over)
        yield in_order(self.order, calls, program, bindings)
        for pattern in self.must:
            yield made(pattern, calls, program, bindings)
        if self.closed is not None:
            yield at(self.closed.span, closed(self.closed.text, calls, program))
        if self.calm is not None:
            yield at(self.calm.span, calm(calls, over=over))


def _sure(claim: Judgement, missing: str) -> Judgement:
    """Where calls are missing, only what no further call could change is known."""
    if claim.final or not missing:
        return claim
    return replace(unknown(f"the lab cannot tell: {missing}"), span=claim.span)


NONE = "none"
_WORD = TemplateText("a word of the arguments")
_WORDS = OneOrMany(_WORD, "a list of words")


class _Name:
    """socket"""

    _choice = Choice("a call", {name: name for name in NAMES})

    def read(self, value: Located, scope: Scope) -> str:
        return self._choice.read(value, scope)

    def schema(self) -> Schema:
        return patterned("|".join(NAMES))


_NAME = _Name()


class _Plain:
    """socket"""

    def read(self, value: Located, scope: Scope) -> CallPattern:
        return CallPattern(value.span, _NAME.read(value, scope))

    def schema(self) -> Schema:
        return _NAME.schema()


class _WithWords:
    """{setsockopt: SO_REUSEADDR}"""

    _map = MapOf(_NAME, _WORDS, "a call with words of its arguments", at_least=1)

    def read(self, value: Located, scope: Scope) -> CallPattern:
        found = self._map.read(value, scope)
        if len(found) != 1:
            what = f"one call belongs here, and {len(found)} are written"
            raise refused(scope, value.span, what, "give each a dash, or braces, of its own")
        ((_, name, words),) = found
        for word in words:
            if not word.text:
                what = "an empty word is in any call"
                raise refused(
                    scope, word.span or value.span, what, "write a word, or the name alone"
                )
        return CallPattern(value.span, name, words)

    def schema(self) -> Schema:
        return {**self._map.schema(), "maxProperties": 1}


_CALL: ByForm[CallPattern] = ByForm(
    "a call",
    "write its name, or {setsockopt: SO_REUSEADDR}",
    scalar=_Plain(),
    mapping=_WithWords(),
)
_CALLS = ListOf(_CALL, "a list of calls", at_least=1)

ORDER = Field("order", _CALLS, "calls in this order, others between them")
MUST = Field("must", _CALLS, "calls that are made, in whatever order")
MUST_NOT = Field("must-not", _CALLS, "calls that are never made, nor tried")
CLOSED = Field(
    "closed",
    Choice("all or accepted", {word: word for word in (ALL, ACCEPTED)}),
    "all, or accepted: sockets that were closed by who got them",
)
BUSY_LOOP = Field("busy-loop", Choice("none", {NONE: NONE}), "none: it never spins")
SHAPE = Record(
    "this expectation", *(ORDER, MUST, MUST_NOT, CLOSED, BUSY_LOOP), also={"minProperties": 1}
)


def decode(value: Located, scope: Scope) -> CallsExpectation:
    """The expectation. Raises Unreadable."""
    read = SHAPE.read(value, scope)
    said = CallsExpectation(
        value.span,
        read.get(ORDER, ()),
        read.get(MUST, ()),
        read.get(MUST_NOT, ()),
        Word(read[CLOSED], read.key(CLOSED).span) if CLOSED in read else None,
        Word(read[BUSY_LOOP], read.key(BUSY_LOOP).span) if BUSY_LOOP in read else None,
    )
    if said == CallsExpectation(value.span):
        scope.problems.add(
            value.span, "this expectation says nothing", "write order: [socket, bind]"
        )
        raise Unreadable
    return said
