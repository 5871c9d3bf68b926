"""Stories: all that happened, in the order of time, bounded, and no clock taken for another."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import Phase, given, settings
from msgspec.structs import replace

from lab.events import Call, Capture, Exit, Life, State
from lab.report.paint import Paint
from lab.report.story import ON_TERMINAL
from lab.report.story import story as lines
from lab.result import ScenarioResult, Timing
from lab.story.entries import Kind, Story
from lab.story.output import LEAST, LINE
from lab.story.telling import story
from lab.verdict import Verdict
from tests.corpus.reports.examples import RESULTS
from tests.corpus.reports.timed import BEGAN, TIMED, TIMING, node, program, timed
from tests.corpus.reports.wire import CAPTURE
from tests.unit.test_report_escapes import obeyed
from tests.unit.test_report_formats import results

BARE = Paint()


def told(found: Story) -> list[tuple[str, str, str]]:
    return [
        (e.kind.value, e.who, e.text or e.data.decode("utf-8", "replace")) for e in found.entries
    ]


def test_everything_is_in_the_order_of_time() -> None:
    found = story(TIMED["fail"])
    assert told(found) == [
        ("phase", "", "making"),
        ("phase", "", "running"),
        ("step", "", "start listener"),
        ("state", "listener", "begins: listener"),
        ("stdout", "listener", "listener: waiting to recvfrom..."),
        ("step", "", ""),
        ("step", "", "start talker"),
        ("state", "talker", "begins: talker listener 'hello over IPv6'"),
        ("step", "", ""),
        ("stdout", "talker", "talker: sent 15 bytes to listener"),
        ("stdout", "listener", "listener: packet is 14 bytes long"),
        ("stdout", "listener", 'listener: packet contains "hello over IPv"'),
        ("state", "talker", "exited 0"),
        ("state", "listener", "exited 0"),
        ("phase", "", "collecting"),
        ("judgement", "listener", "stdout differs in line 2 of 3"),
        ("verdict", "", "udp-ipv6-only"),
    ]
    times = [entry.at for entry in found.entries]
    assert times == sorted(times)
    assert found.notes == ()


def test_a_line_has_the_time_it_was_complete() -> None:
    (line,) = [e for e in story(TIMED["pass"]).entries if e.data.startswith(b"listener: packet c")]
    assert line.at == pytest.approx(0.57)


def test_another_machines_clock_is_set_and_that_is_said() -> None:
    here, there = story(TIMED["pass"]), story(TIMED["elsewhere"])
    assert told(here) == told(there)
    assert [e.at for e in there.entries] == pytest.approx([e.at for e in here.entries], abs=0.01)
    (note,) = there.notes
    assert "1000.000 s ahead of the lab's, give or take 10 ms" in note


@pytest.mark.parametrize("ahead", [None, (-0.1, 0.1), (0.0, 0.5), (-3.0, 0.0)])
def test_clocks_that_may_be_one_are_one(ahead: tuple[float, float] | None) -> None:
    found = story(replace(TIMED["pass"], timing=replace(TIMING, ahead=ahead)))
    assert [e.at for e in found.entries] == [e.at for e in story(TIMED["pass"]).entries]
    assert found.notes == ()


def test_what_is_not_known_is_said() -> None:
    old = replace(TIMED["pass"], timing=None)
    assert "when steps were done is not known" in story(old).notes
    untimed = story(RESULTS["pass"])
    assert any("when listener, talker wrote is not known" in note for note in untimed.notes)


def test_each_life_of_a_program_is_told() -> None:
    again = program(("server",), 0.5, None, (0.6, b"x\n"))
    ended = Life(BEGAN + 0.45, BEGAN + 0.47, Exit(signal=9))
    found = story(
        timed(Verdict.PASS, node("a", "::1", replace(again, lives=(ended, *again.lives))))
    )
    states = [(e.text, round(e.at, 3)) for e in found.entries if e.kind is Kind.STATE]
    assert states == [
        ("begins: server", 0.45),
        ("ended by SIGKILL", 0.47),
        ("begins: server", 0.5),
    ]


def test_a_node_that_is_lost_is_told() -> None:
    lost = replace(program(("x",), 0.5, None), state=State.LOST, reason="the engine is gone")
    found = story(timed(Verdict.ERROR, node("a", "::1", lost)))
    assert ("state", "a", "the engine is gone") in told(found)


def test_visitors_are_told_on_their_node() -> None:
    own, visitor = program(("x",), 0.5, None), program(("ss",), 0.55, 0.6, (0.56, b"State\n"))
    found = story(timed(Verdict.PASS, replace(node("a", "::1", own), visitors=(("a#2", visitor),))))
    entries = [e for e in found.entries if e.program == "a#2"]
    assert [e.text or e.data for e in entries] == ["begins: ss", b"State", "exited 0"]
    assert {e.node for e in entries} == {"a"}


# -- bounds ----------------------------------------------------------------------------------


def test_much_output_is_its_beginning_and_end_and_a_number() -> None:
    found = story(TIMED["flood"], room=20)
    data = [e.data for e in found.entries if e.kind is Kind.STDOUT]
    assert len(data) == 20
    assert (data[0], data[-1]) == (b"y0", b"y899")
    assert [e.text for e in found.entries if e.kind is Kind.CUT] == ["6280 more lines of stdout"]


def test_every_writer_has_its_say() -> None:
    nodes = [
        node(f"n-{i}", "::1", program(("x",), 0.4, 0.6, (0.5, b"a\n" * 50))) for i in range(30)
    ]
    found = story(timed(Verdict.PASS, *nodes), room=20)
    for each in nodes:
        assert sum(e.node == each.node and e.kind is Kind.STDOUT for e in found.entries) == LEAST


def test_a_story_of_much_output_is_short() -> None:
    flood = program(
        ("yes",), 0.4, None, (0.5, b"x" * 99 + b"\n"), (0.6, (b"y" * 99 + b"\n") * 100_000)
    )
    one = program(("cat",), 0.4, None, (0.5, b"z" * 10_000_000))
    found = lines(
        timed(Verdict.PASS, node("a", "::1", flood), node("b", "::1", one)), 100, BARE, ON_TERMINAL
    )
    assert len(found) < ON_TERMINAL + 50
    assert max(len(line) for line in found) <= 100
    entries = story(timed(Verdict.PASS, node("b", "::1", one))).entries
    assert [e.data for e in entries if e.kind is Kind.STDOUT] == [b"z" * LINE]


# -- on a terminal ---------------------------------------------------------------------------


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)
@given(results)
def test_no_terminal_obeys_a_story(found: ScenarioResult) -> None:
    for line in lines(found, 80, BARE):
        assert "\n" not in line
        assert not obeyed(line)


def test_hostile_output_is_a_line_each() -> None:
    found = lines(TIMED["hostile"], 100, BARE)
    assert not [line for line in found if obeyed(line)]
    assert len(found) == len(story(TIMED["hostile"]).entries)


def test_colour_changes_nothing_but_colour() -> None:
    plain, painted = lines(TIMED["fail"], 90, BARE), lines(TIMED["fail"], 90, Paint(True))
    assert plain != painted
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in painted] == plain


def test_a_run_that_never_began_has_a_story() -> None:
    bare = replace(RESULTS["error-engine"], nodes=(), steps=(), timing=Timing(5.0))
    assert [e.kind for e in story(bare).entries] == [Kind.VERDICT]


# -- packets and calls -----------------------------------------------------------------------

WIRED = replace(TIMED["pass"], capture=CAPTURE)


def packets(found: ScenarioResult, **more: int) -> list[tuple[str, str, str, bool]]:
    entries = story(found, **more).entries
    return [(e.node, e.peer, e.text, e.lost) for e in entries if e.kind in (Kind.PACKET, Kind.ACK)]


def test_a_packet_is_an_arrow_from_who_sent_it_to_who_got_it() -> None:
    assert packets(WIRED) == [
        ("talker", "listener", 'udp 40000 > 4950, 15 bytes "hello over IPv6"', False),
        ("talker", "", r'udp 40000 > 4950, 8 bytes "gone\x1b[2J"', True),
        ("talker", "listener", "tcp 40000 > 3490 SYN, 0 bytes", False),
        ("listener", "talker", "tcp 40000 > 3490 SYN+ACK, 0 bytes", False),
        ("talker", "listener", "tcp 40000 > 3490 ACK, 0 bytes", False),
        ("talker", "listener", 'tcp 40000 > 3490 PSH+ACK, 2 bytes "hi"', False),
    ]
    assert story(WIRED).notes == ("2 packets of ARP or neighbour discovery not shown",)


def test_packets_stand_in_the_order_of_time_with_all_else() -> None:
    found = [e for e in story(WIRED).entries if e.kind in (Kind.PACKET, Kind.STDOUT)]
    assert [e.kind for e in found] == [Kind.STDOUT, *[Kind.PACKET] * 5, *[Kind.STDOUT] * 3]


def test_what_was_not_all_seen_was_not_lost() -> None:
    gap = replace(CAPTURE, gap="the kernel dropped 3 packets")
    found = replace(WIRED, capture=gap)
    assert [lost for *_, lost in packets(found)] == [False] * 6
    assert "the kernel dropped 3 packets" in story(found).notes


def test_a_packet_nobody_of_the_run_sent_stands_where_it_came() -> None:
    arrived = tuple(p for p in CAPTURE.packets if not p.outgoing)
    node_, peer, text, lost = packets(replace(WIRED, capture=Capture(arrived)))[0]
    assert (node_, peer, lost) == ("listener", "", False)
    assert text.startswith("from fd00:1::3: udp ")


def test_many_packets_are_the_first_and_the_last_and_a_number() -> None:
    many = CAPTURE.packets * 50
    found = replace(WIRED, capture=Capture(many))
    assert len(packets(found, room=80)) == 40
    assert "260 more packets" in [e.text for e in story(found, room=80).entries]


def test_without_packets_nothing_is_taken_apart() -> None:
    code = "import sys; from lab.story import telling; sys.exit('dpkt' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_calls_are_told_as_strace_writes_them() -> None:
    calls = tuple(
        Call(BEGAN + 0.45 + n / 1e4, 7, "connect", ("3", "{sa_family=AF_INET6}", "28"), -1,
             "ECONNREFUSED", socket=1)
        for n in range(30)
    )  # fmt: skip
    one = replace(program(("x",), 0.4, 0.6), calls=calls)
    entries = story(timed(Verdict.PASS, node("a", "::1", one)), room=20).entries
    texts = [e.text for e in entries if e.kind is Kind.CALL]
    assert texts == ["connect(3, {sa_family=AF_INET6}, 28) = -1 ECONNREFUSED"] * 10
    assert [e.text for e in entries if e.kind is Kind.CUT] == ["20 more calls"]


def test_packets_on_a_terminal_say_where_they_went() -> None:
    found = lines(WIRED, 100, BARE)
    assert any('-> listener: udp 40000 > 4950, 15 bytes "hello over' in line for line in found)
    assert any("-x lost: udp" in line for line in found)
    assert "note: 1 packet that only says what has come not shown" in found
