"""What stays of a result until all are over: as much as the reports asked for say, no more."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lab.cli.remains import remains
from lab.events import Call
from lab.report.case import Page
from lab.report.formats import FORMATS, WHOLE, render
from lab.report.paint import Paint
from lab.report.run import ReportedCase, ReportedRun
from lab.result import ScenarioResult
from tests.corpus.reports.timed import BEGAN, TIMED
from tests.corpus.reports.wire import CAPTURE

PAGE = Page(100, Paint(), lambda _path, _line: None)
CALL = Call(BEGAN + 0.5, 7, "connect", ("3",), None, "ECONNREFUSED")
FAILED = "fail"


def full(name: str) -> ScenarioResult:
    """A result with packets, and calls of a node and of what visited it."""
    first, *others = TIMED[name].nodes
    program = replace(first.program, calls=(CALL,))
    node = replace(first, program=program, visitors=((f"{first.node}#2", program),))
    return replace(TIMED[name], capture=CAPTURE, nodes=(node, *others))


def said(name: str, result: ScenarioResult) -> str:
    return render(name, ReportedRun((ReportedCase(result),), 1.0), PAGE)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("case", ["pass", FAILED])
def test_no_report_says_anything_else_for_it(name: str, case: str) -> None:
    assert said(name, remains(full(case), [name])) == said(name, full(case))


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_what_shows_packets_and_calls_has_them(name: str) -> None:
    less = remains(full("pass"), [])
    assert said(name, less) != said(name, full("pass"))


@pytest.mark.parametrize(
    ("case", "formats", "whole"),
    [
        ("pass", [], False),
        (FAILED, [], False),
        ("pass", ["junit", "github"], False),
        (FAILED, ["junit"], True),
        ("pass", ["junit", "html"], True),
    ],
)
def test_packets_and_calls_are_let_go_unless_a_report_needs_them(
    case: str, formats: list[str], *, whole: bool
) -> None:
    found = remains(full(case), formats)
    programs = [node.program for node in found.nodes] + [p for _, p in found.nodes[0].visitors]
    assert (found.capture is not None) is whole
    assert any(program.calls is not None for program in programs) is whole
    assert found.verdict is full(case).verdict
