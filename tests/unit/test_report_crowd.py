"""A report of hundreds of nodes is as long as one of twenty: who is blamed is in it, the rest is
counted."""

from __future__ import annotations

from pathlib import Path

from lab.catalog import Catalog
from lab.events import Exit, ProcessRecord, State
from lab.loader import load_text
from lab.report.nodes import nodes
from lab.report.paint import Paint
from lab.report.steps import steps
from lab.report.topology import scenario
from lab.result import NodeResult, StepResult
from lab.source import Span
from lab.verdict import Verdict

HERE = Span(Path("x.yaml"), 9, 1, 9, 2)
ENDED = ProcessRecord(argv=("x",), state=State.ENDED, exit=Exit(0, None))
FAILED = ProcessRecord(argv=("x",), state=State.ENDED, exit=Exit(2, None))

CROWD = """
intent: all must be greeted
networks: {lan: {family: ipv6}}
nodes:
  server: {service: stream-server, args: [--family, ipv6], networks: [lan]}
  client: {service: stream-client, args: [server], networks: [lan], count: 399}
expect:
  client: {stdout: {contains: Hello}}
"""


def test_of_many_nodes_those_that_are_blamed_are_shown_and_the_rest_is_counted() -> None:
    results = [NodeResult(f"n{at}", ENDED, ()) for at in range(399)]
    results.append(NodeResult("last", FAILED, ()))
    lines = nodes(results, 80, Paint(), {"last"})
    assert [line.split()[0] for line in lines[:4:2]] == ["last", "n0"]
    assert lines[-1] == "and 380 more nodes: 380 exited 0"
    assert len(lines) == 2 * 20 + 1


def test_of_many_steps_those_around_the_last_that_was_done_are_shown() -> None:
    done = [StepResult(f"start n{at}", HERE, Verdict.PASS, 0.1, None) for at in range(299)]
    failed = StepResult("start n299", HERE, Verdict.FAIL, 0.1, None)
    later = [StepResult(f"start n{at}", HERE, None) for at in range(300, 400)]
    lines = steps([*done, failed, *later], Paint())
    assert lines[0] == "(280 earlier steps not shown)"
    assert lines[-1] == "(80 later steps not shown)"
    assert len(lines) == 42
    assert sum("FAIL" in line for line in lines) == 1


def test_a_large_group_is_drawn_as_one() -> None:
    (case,) = load_text(Path("x.yaml"), CROWD.encode(), Catalog(Path("services")))
    text = "\n".join(scenario(case, 100, Paint()))
    assert "`-- client-1 to client-399  stream-client server" in text
    assert "  2. to 400. start client-1 ... start client-399  (within" in text
    assert "  client-1 to client-399  stdout (line 8), " in text
    assert len(text.splitlines()) < 20
