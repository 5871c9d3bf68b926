"""Reports compared with golden files in tests/corpus/reports.

`LAB_ACCEPT=1 pytest tests/unit/test_report_goldens.py` writes them anew; look at the difference
before it is committed. On CI that is refused (tests.corpus.golden).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from lab.events import State
from lab.model import (
    Attachment,
    Endpoint,
    Family,
    Network,
    Node,
    Program,
    Scenario,
    Template,
    Topology,
    Transport,
)
from lab.report.case import Page, case
from lab.report.columns import table
from lab.report.formats import FORMATS, render
from lab.report.frame import frame
from lab.report.paint import Paint
from lab.report.picture import Picture, after
from lab.report.plain import lines
from lab.report.record import record
from lab.report.run import ReportedCase, ReportedRun
from lab.report.story import story
from lab.report.summary import summary
from lab.report.topology import scenario
from lab.result import (
    CaseBegan,
    CaseEnded,
    CaseRemoved,
    NodeChanged,
    OutputSeen,
    PhaseBegan,
    Progress,
    ScenarioResult,
    StepBegan,
    StepEnded,
)
from tests.corpus.golden import check
from tests.corpus.reports import examples
from tests.corpus.reports.examples import PATH, RESULTS, STEPS, result, source, span
from tests.corpus.reports.timed import TIMED

CORPUS = Path(examples.__file__).parent
BARE = Paint()

EVENTS: tuple[Progress, ...] = (
    CaseBegan("udp", "a datagram must arrive", ("listener", "talker"), ("start a", "start b")),
    PhaseBegan("udp", "making"),
    NodeChanged("udp", "listener", State.HELD),
    PhaseBegan("udp", "running"),
    StepBegan("udp", 0),
    NodeChanged("udp", "listener", State.RUNNING),
    OutputSeen("udp", "listener", b"listener: \x1b[31mwaiting\r\n"),
    StepEnded("udp", 0, STEPS[0]),
    StepBegan("udp", 1),
    NodeChanged("udp", "talker", State.ENDED, "exited 0"),
)
ENDING: tuple[Progress, ...] = (
    CaseEnded("udp", RESULTS["pass"]),
    CaseRemoved("udp", ("network lab-1-lan stays: it has endpoints",)),
)


def page(columns: int, *, colour: bool = False) -> Page:
    return Page(columns, Paint(colour), source)


def on_page(name: str, columns: int, *, colour: bool = False) -> Callable[[], list[str]]:
    return lambda: case(RESULTS[name], page(columns, colour=colour))


def a_scenario() -> Scenario:
    here = span(5, 3, 11)
    port = Endpoint(Transport.UDP, "::", 4950)
    networks = (
        Network("lan", Family.IPV6, here),
        Network("wan", Family.DUAL, here, internal=False, subnets=("192.0.2.0/24",)),
    )
    on_lan, on_wan = Attachment("lan", here), Attachment("wan", here, ("192.0.2.7",))
    words = (Template("listener"), Template("hello over\nIPv6"), Template(""))
    nodes = (
        Node("listener", "listener", Program(None, None, None), (on_lan,), True, here,
             service="listener", listens=(port,)),
        Node("talker", "talker", Program(None, None, words), (on_lan, on_wan), True, here,
             service="talker"),
        Node("other", "other", Program("my/image:1", None, None), (on_wan,), False, here),
        Node("alone", "alone", Program(None, ("sleep", "5"), None), (), True, here),
    )  # fmt: skip
    return Scenario(
        "udp", PATH, "a datagram must arrive", ("udp",), Topology(networks, nodes), (), (),
        requires=("netem",),
    )  # fmt: skip


def live_frame() -> list[str]:
    picture = Picture()
    for event in EVENTS:
        picture = after(picture, event, now=10.0)
    return frame(picture, 3, 12.5, (60, 24), BARE).split("\n")


def crowded_frame() -> list[str]:
    picture = Picture()
    for number in range(4):
        began = CaseBegan(f"case-{number}", "i", ("a", "b"), ("s1", "s2"))
        picture = after(picture, began, now=10.0 + number)
    return frame(picture, 9, 20.0, (40, 8), BARE).split("\n")


def busy_frames() -> list[str]:
    """More cases than there is room for, one slower than it was; some failed, some removed."""
    picture = Picture()
    for number in range(8):
        name = f"case-{number}"
        picture = after(picture, CaseBegan(name, "i", ("a",), ()), now=10.0 + number)
        picture = after(picture, PhaseBegan(name, "running"), now=10.0 + number)
    for name, came_to in (("x", "fail-output"), ("y", "error-engine"), ("z", "pass")):
        picture = after(picture, CaseEnded(name, RESULTS[came_to]), 19.0)
    picture = after(picture, CaseRemoved("x"), 20.0)
    usual = {"case-0": 0.8, "case-1": 9.0}
    known = frame(picture, 20, 20.0, (60, 7), BARE, usual=usual).split("\n")
    return [*known, "", *frame(picture, 0, 20.0, (30, 12), BARE, usual=usual).split("\n")]


def repeats(name: str, *came_to: str) -> list[ScenarioResult]:
    return [
        replace(RESULTS[each], case=name, repeat=number) for number, each in enumerate(came_to, 1)
    ]


def summaries() -> list[str]:
    many = [RESULTS["pass"], RESULTS["fail-output"], RESULTS["error-engine"], RESULTS["skip"]]
    again = [
        *repeats("steady", "pass", "pass", "pass"),
        *repeats("now-and-then", "pass", "error-engine", "fail-output"),
        *repeats("never", "fail-output", "fail-output", "fail-output"),
    ]
    return [
        *summary(many, 8.14, BARE),
        *summary([RESULTS["pass"]], 0.87, BARE),
        *summary([], 0.0, BARE),
        *summary(again, 8.14, BARE),
        *summary(repeats("one", "pass", "fail-output"), 1.6, BARE),
    ]


KINDS = ("pass", "skip", "fail-output", "fail-step", "error-engine", "hostile")


def a_run(*names: str, interrupted: bool = False) -> ReportedRun:
    """Those results, as one command came to them."""
    about = {"lab": "0.1.0", "engine": "28.5.2 (API 1.51)"}
    cases = tuple(
        ReportedCase(RESULTS[name], 1795251684.116, f".lab/runs/r/{name}", f"lab run {name}")
        for name in names
    )
    return ReportedRun(cases, 8.14, 1795251683.5, about, interrupted)


def in_format(name: str, run: ReportedRun) -> Callable[[], list[str]]:
    return lambda: render(name, run, page(100)).removesuffix("\n").split("\n")


def beneath(name: str) -> Callable[[], list[str]]:
    def rendered() -> list[str]:
        return case(TIMED[name], replace(page(100), beneath=lambda found: story(found, 98, BARE)))

    return rendered


RENDERINGS: dict[str, Callable[[], list[str]]] = {
    **{f"{name}-100": on_page(name, 100) for name in RESULTS},
    "fail-output-120": on_page("fail-output", 120),
    "fail-output-80": on_page("fail-output", 80),
    "fail-output-wrapped": lambda: case(RESULTS["fail-output"], Page(40, BARE, source, wrap=40)),
    "fail-output-colour": on_page("fail-output", 120, colour=True),
    "fail-long-24": on_page("fail-long", 24),
    "json": lambda: [record(found) for found in RESULTS.values()],
    "live": live_frame,
    "live-busy": busy_frames,
    "live-crowded": crowded_frame,
    "repeat": lambda: [*case(repeats("udp", "pass")[0], page(100))],
    "plain": lambda: [line for event in ENDING for line in lines(event, page(100), verbose=False)],
    "plain-verbose": lambda: [
        line for event in (*EVENTS, *ENDING) for line in lines(event, page(100), verbose=True)
    ],
    "scenario": lambda: scenario(a_scenario(), 80, BARE),
    "summaries": summaries,
    **{f"story-{name}": beneath(name) for name in TIMED if name != "flood"},
    **{
        f"{name}-{kind}": in_format(name, a_run(kind))
        for name in ("junit", "tap", "github", "markdown")
        for kind in KINDS
    },
    **{
        f"{name}-all": in_format(name, a_run(*KINDS, "pass", interrupted=True))
        for name in FORMATS
        if name != "html"  # see test_report_html
    },
    **{f"{name}-none": in_format(name, a_run()) for name in ("junit", "tap", "markdown")},
    "table": lambda: table(
        ("NAME", "TAGS", "INTENT"),
        [("a", "x,y", "short"), ("日本語", "", "a sentence that is far too long for it")],
        40,
        BARE,
    ),
}


@pytest.mark.parametrize("name", RENDERINGS)
def test_rendering(name: str) -> None:
    check(CORPUS / f"{name}.txt", "".join(f"{line}\n" for line in RENDERINGS[name]()))


def test_ci_accepts_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAB_ACCEPT", "1")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(AssertionError, match="CI"):
        check(tmp_path / "x.txt", "anything")


def test_no_golden_file_is_an_orphan() -> None:
    assert {path.stem for path in CORPUS.glob("*.txt")} == set(RENDERINGS)


def test_a_page_narrower_than_both_sides_stacks_them() -> None:
    wide, narrow = on_page("fail-output", 120)(), on_page("fail-output", 60)()
    assert any("15 bytes long" in line and "14 bytes long" in line for line in wide)
    assert not any("15 bytes long" in line and "14 bytes long" in line for line in narrow)
    assert max(map(len, on_page("fail-output", 100)())) <= 100


def test_results_of_the_same_case_render_the_same() -> None:
    assert case(result(RESULTS["pass"].verdict), page(80)) == case(RESULTS["pass"], page(80))
