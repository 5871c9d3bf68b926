"""The picture of what goes on, and the thread that draws it."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lab.report.screen
from lab.events import State
from lab.report.case import Page
from lab.report.columns import width
from lab.report.frame import frame
from lab.report.live import LiveView
from lab.report.paint import Paint
from lab.report.picture import Picture, after
from lab.result import CaseBegan, CaseEnded, CaseRemoved, NodeChanged, OutputSeen, Progress
from lab.verdict import Verdict
from tests.corpus.reports.examples import RESULTS, source

PAGE = Page(80, Paint(), source)
BEGAN = CaseBegan("udp", "i", ("a", "b"), ("one", "two"))


class FakeScreen:
    """Remembers what was shown and printed."""

    size = (80, 24)

    def __init__(self) -> None:
        self.frames: list[str] = []
        self.printed: list[str] = []
        self.open = False
        self.printed_any = threading.Event()

    def __enter__(self) -> FakeScreen:
        self.open = True
        return self

    def __exit__(self, *_: object) -> None:
        self.open = False

    def print(self, lines: Sequence[str]) -> None:
        self.printed += lines
        if lines:
            self.printed_any.set()

    def show(self, frame: str) -> None:
        self.frames.append(frame)


@pytest.fixture(name="screen")
def _screen(monkeypatch: pytest.MonkeyPatch) -> FakeScreen:
    screen = FakeScreen()
    monkeypatch.setattr(lab.report.screen, "Screen", lambda: screen)
    return screen


def test_a_thousand_events_make_few_frames(screen: FakeScreen) -> None:
    stopped_clock = 0.0
    with LiveView(PAGE, 1, lambda: stopped_clock, verbose=False) as view:
        view(BEGAN)
        for number in range(1000):
            view(OutputSeen("udp", "a", b"line %d" % number))
    assert len(screen.frames) <= 2
    assert "line 999" in screen.frames[-1]
    assert not screen.open


def test_a_verdict_is_printed_before_anything_else_is_told(screen: FakeScreen) -> None:
    stopped_clock = 0.0
    with LiveView(PAGE, 1, lambda: stopped_clock, verbose=False) as view:
        view(BEGAN)
        view(CaseEnded("udp", RESULTS["pass"]))
        assert screen.printed_any.wait(timeout=60)
        view(CaseRemoved("udp"))
    assert screen.printed == ["PASS  udp-ipv6-only  0.87 s"]


def test_what_goes_wrong_while_drawing_is_not_lost(
    screen: FakeScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(screen, "show", broken)
    view = LiveView(PAGE, 1, lambda: 0.0, verbose=False)
    with pytest.raises(ZeroDivisionError), view:
        view(BEGAN)


def test_an_event_of_an_unknown_case_changes_nothing() -> None:
    assert after(Picture(), NodeChanged("x", "a", State.HELD), 0.0) == Picture()


def test_a_case_leaves_the_picture_with_its_verdict() -> None:
    picture = after(after(Picture(), BEGAN, 0.0), CaseEnded("udp", RESULTS["fail-output"]), 1.0)
    assert picture == Picture({}, {Verdict.FAIL: 1}, frozenset({"udp"}))
    assert after(picture, CaseRemoved("udp"), 2.0) == Picture({}, {Verdict.FAIL: 1})


_EVENTS = st.one_of(
    st.builds(
        CaseBegan,
        st.sampled_from("xyz"),
        st.just("i"),
        st.just(("a", "日本", "n" * 50)),
        st.just(("s",) * 9),
    ),
    st.builds(OutputSeen, st.sampled_from("xyz"), st.sampled_from(["a", "日本"]), st.binary()),
    st.builds(NodeChanged, st.sampled_from("xyz"), st.just("a"), st.sampled_from(State), st.text()),
)


@given(st.lists(_EVENTS), st.integers(30, 200), st.integers(4, 50))
def test_a_frame_fits_the_terminal(events: list[Progress], columns: int, rows: int) -> None:
    picture = Picture()
    for event in events:
        picture = after(picture, event, 0.0)
    usual = {"x": 0.1, "y": 100.0}
    drawn = frame(picture, 3, 50.0, (columns, rows), Paint(), usual=usual).split("\n")
    assert len(drawn) < rows
    assert max(map(width, drawn)) <= columns


def test_of_very_many_nodes_as_many_are_drawn_as_fit_and_the_rest_is_counted() -> None:
    names = tuple(f"client-{number}" for number in range(1, 401))
    picture = after(Picture(), CaseBegan("crowd", "i", names, ("one", "two")), 0.0)
    for name in names[:300]:
        picture = after(picture, NodeChanged("crowd", name, State.RUNNING), 0.0)
    drawn = frame(picture, 1, 50.0, (80, 24), Paint()).split("\n")
    assert len(drawn) == 22
    assert [line.split()[0] for line in drawn[1:19]] == list(names[:18])
    assert drawn[-3:] == ["  and 382 more: 282 running, 100 making", "  · one", "  · two"]
