"""Explanations: each is said where its evidence is, and not where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from dpkt import tcp
from msgspec.structs import replace

from lab.events import Call, Capture, Exit, Packet, ProcessRecord, State
from lab.kinds.standing import BUFFERED
from lab.report.case import likely
from lab.result import NodeResult, ScenarioResult
from lab.story import explanations as package
from lab.story.explanations import explanations, names
from lab.verdict import Difference, Judgement, Verdict
from tests.corpus.reports.examples import RESULTS, ended
from tests.corpus.reports.timed import LISTENER, TIMED, node, program, timed
from tests.corpus.reports.wire import BACK, message, segment

Rows = tuple[tuple[str | None, str | None, bool], ...]


def blamed(who: str, reason: str = "stdout is wrong", rows: Rows | None = None) -> Judgement:
    difference = None if rows is None else Difference(rows)
    return Judgement(Verdict.FAIL, reason, subject=who, difference=difference)


def failed(*nodes: NodeResult, judgements: tuple[Judgement, ...]) -> ScenarioResult:
    return timed(Verdict.FAIL, *nodes, reason="x", judgements=judgements)


def client(record: ProcessRecord) -> NodeResult:
    return node("client", "fd00:1::9", record)


def wrote(text: str, *, status: int = 1) -> NodeResult:
    return client(ended(stderr=text.encode(), status=status))


def called(name: str, error: str) -> NodeResult:
    call = Call(500.5, 7, name, ("3", "{sa_family=AF_INET}", "16"), -1, error, socket=1)
    return client(replace(ended(status=1), calls=(call,)))


def told(data: bytes, *, outgoing: bool = False) -> ScenarioResult:
    packet = Packet(500.5, "client", "lan", outgoing, data, len(data))
    found = failed(client(ended(status=1)), judgements=EXIT)
    return replace(found, capture=Capture((packet,)))


EXIT = (blamed("client", "it exited 1; it must exit 0"),)
SPLIT: Rows = (
    ("[server] started", "[server] started", True),
    ("[server] got 'hello world'", "[server] got 'hello '", False),
    (None, "[server] got 'world'", False),
)
MERGED: Rows = (("got: one", "got: onetwo", False), ("got: two", None, False))
SHORT: Rows = (("one", "one", True), ("two", None, False), ("three", None, False))
SILENT = program(("x",), 0.5, None)
SPEAKING = program(("x",), 0.5, None, (0.6, b"x\n"))

SAID: dict[str, dict[str, ScenarioResult]] = {
    "refused": {
        "written": failed(wrote("client: connect: Connection refused\n"), judgements=EXIT),
        "called": failed(called("connect", "ECONNREFUSED"), judgements=EXIT),
        "reset": told(segment(BACK, tcp.TH_RST | tcp.TH_ACK, sequence=0)),
        "port unreachable": told(message(BACK, 1, 4)),
    },
    "unreachable": {
        "written": failed(wrote("sendto: Network is unreachable\n"), judgements=EXIT),
        "no route": failed(wrote("connect: No route to host\n"), judgements=EXIT),
        "called": failed(called("connect", "EHOSTUNREACH"), judgements=EXIT),
        "no route, told": told(message(BACK, 1, 0)),
    },
    "wrong_family": {
        "written": failed(
            wrote("getaddrinfo: Address family for hostname not supported\n"), judgements=EXIT
        ),
        "called": failed(called("socket", "EAFNOSUPPORT"), judgements=EXIT),
    },
    "never_flushed": {
        "silent": failed(client(SILENT), judgements=(blamed("client", "stdout lacks the line x"),)),
    },
    "framing": {
        "split": failed(client(SPEAKING), judgements=(blamed("client", rows=SPLIT),)),
        "merged": failed(client(SPEAKING), judgements=(blamed("client", rows=MERGED),)),
    },
    "early_end": {
        "exited": failed(client(ended(b"one\n")), judgements=(blamed("client", rows=SHORT),)),
        "killed": failed(
            client(replace(ended(b"one\n"), exit=Exit(signal=11))),
            judgements=(blamed("client", rows=SHORT),),
        ),
    },
}
PHRASE = "client: connect: Connection refused"
UNSAID: dict[str, dict[str, ScenarioResult]] = {
    "refused": {
        "not written": failed(wrote("client: oops\n"), judgements=EXIT),
        "asked for": failed(
            wrote(f"{PHRASE}\n"),
            judgements=(*EXIT, blamed("client", rows=((PHRASE, PHRASE, True), ("x", "y", False)))),
        ),
        "of a program that did well": failed(
            wrote(f"{PHRASE}\n"),
            LISTENER,
            judgements=(Judgement(Verdict.PASS, subject="client"), blamed("listener")),
        ),
        "another call": failed(called("connect", "ETIMEDOUT"), judgements=EXIT),
        "a reset later": told(segment(BACK, tcp.TH_RST | tcp.TH_ACK, sequence=7)),
        "it sent the reset": told(
            segment(BACK, tcp.TH_RST | tcp.TH_ACK, sequence=0), outgoing=True
        ),
    },
    "unreachable": {"refused": failed(wrote(f"{PHRASE}\n"), judgements=EXIT)},
    "wrong_family": {"refused": failed(wrote(f"{PHRASE}\n"), judgements=EXIT)},
    "never_flushed": {
        "it ended": failed(client(ended()), judgements=(blamed("client"),)),
        "it wrote": failed(
            client(program(("x",), 0.5, None, (0.6, b"x\n"))), judgements=(blamed("client"),)
        ),
        "nothing is said of its output": failed(
            client(SILENT), judgements=(blamed("client", "it is still running; it must exit 0"),)
        ),
        "it has closed its output": failed(
            client(replace(SILENT, stdout_closed=True)), judgements=(blamed("client"),)
        ),
    },
    "framing": {
        "other text": failed(
            client(SILENT),
            judgements=(blamed("client", rows=(("got: ab", "got: a", False), (None, "c", False))),),
        ),
        "a byte lost": failed(
            client(SILENT),
            judgements=(
                blamed("client", rows=(("got: abcd", "got: ab", False), (None, "got: d", False))),
            ),
        ),
    },
    "early_end": {
        "it runs": failed(client(SILENT), judgements=(blamed("client", rows=SHORT),)),
        "what it wrote is wrong": failed(
            client(ended(b"two\n")),
            judgements=(blamed("client", rows=(("one", "two", False), ("two", None, False))),),
        ),
        "nothing is missing": failed(
            client(ended(b"one\n")), judgements=(blamed("client", rows=(("one", "one", True),)),)
        ),
    },
}
WORDS = {
    "refused": "was refused",
    "unreachable": "could not get there",
    "wrong_family": "the wrong address family",
    "never_flushed": BUFFERED,
    "framing": "TCP is a stream",
    "early_end": "ended too early",
}


def cases(table: dict[str, dict[str, ScenarioResult]]) -> list[tuple[str, str]]:
    return [(name, which) for name, results in table.items() for which in results]


@pytest.mark.parametrize(("name", "which"), cases(SAID))
def test_it_is_said_where_the_evidence_is(name: str, which: str) -> None:
    (said,) = explanations(SAID[name][which])
    assert WORDS[name] in said
    assert said.startswith("client")


@pytest.mark.parametrize(("name", "which"), cases(UNSAID))
def test_it_is_not_said_where_it_is_not(name: str, which: str) -> None:
    assert [said for said in explanations(UNSAID[name][which]) if WORDS[name] in said] == []


def test_every_explanation_is_shown_said_and_unsaid() -> None:
    assert set(names()) == set(SAID) == set(UNSAID) == set(WORDS)


@pytest.mark.parametrize("verdict", set(Verdict) - {Verdict.FAIL})
def test_only_a_failure_is_explained(verdict: Verdict) -> None:
    for name, which in cases(SAID):
        assert explanations(replace(SAID[name][which], verdict=verdict)) == ()


def test_the_families_of_its_networks_are_named() -> None:
    (said,) = explanations(SAID["wrong_family"]["written"])
    assert "lan is ipv6" in said


def test_what_a_program_wrote_is_one_harmless_line() -> None:
    evil = failed(wrote("\x1b[2J Connection refused\n\x07"), judgements=EXIT)
    (said,) = explanations(evil)
    assert r'"\x1b[2J Connection refused"' in said


def test_what_is_advised_already_is_not_said_twice() -> None:
    found = SAID["never_flushed"]["silent"]
    (judgement,) = found.judgements
    assert likely(found)
    assert likely(replace(found, judgements=(replace(judgement, advice=BUFFERED),))) == ()


def test_most_failures_are_not_explained() -> None:
    assert explanations(TIMED["fail"]) == ()
    assert explanations(RESULTS["fail-output"]) == ()


def test_each_says_its_law() -> None:
    for name in names():
        text = (Path(package.__path__[0]) / f"{name}.py").read_text()
        assert "\nLaw: said " in text


def test_one_that_never_ran_explains_nothing() -> None:
    held = NodeResult("client", ProcessRecord(state=State.HELD))
    assert explanations(failed(held, judgements=EXIT)) == ()
