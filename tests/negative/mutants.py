"""Every wrong program against its scenario, and a table of what became of each.

    python -m tests.negative.mutants [--engine modern] [all | SCENARIO | CASE | PROGRAM ...]

Law: told from what the runs said, and from nothing else. Exit status: 0 all were killed by the
expectation that wrong.yaml names, 1 one was not, 3 the lab could not tell, 4 nothing of that name.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, as_completed

from lab.errors import LabError
from lab.model import Scenario
from lab.ports import Expectation
from lab.report.columns import table as in_columns
from lab.report.paint import Paint, Style
from lab.result import ScenarioResult
from lab.verdict import Judgement
from tests.negative.cases import right_cases, wrong_case
from tests.negative.outcome import Fate, Outcome, fate
from tests.negative.runs import Runs, runs_on
from tests.negative.wrong import Wrong, table

STYLES = {Fate.KILLED: Style.GOOD, Fate.UNKNOWN: Style.DOUBT}
HEADS = ("scenario", "wrong program", "is", "by", "because")
NARROWEST = 100  # columns of the table where nobody looks at it on a terminal


def main(words: Sequence[str]) -> int:
    """The exit status."""
    options = _options(words)
    chosen = [wrong for wrong in table() if _is_chosen(wrong, options.names)]
    if not chosen:
        print(f"mutants: nothing is named {' '.join(options.names)}", file=sys.stderr)
        return 4
    paint = Paint(sys.stdout.isatty())
    begun = time.monotonic()
    try:
        with runs_on(options.engine) as runs:
            outcomes = _watch(runs, chosen, paint)
    except LabError as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 3
    _tell(outcomes, time.monotonic() - begun, paint)
    return status(outcome.fate for outcome in outcomes)


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("mutants", description="Run wrong programs: none may survive.")
    parser.add_argument("--engine", help="modern: the private engine")
    parser.add_argument("names", nargs="*", default=["all"], help="scenarios, cases or programs")
    return parser.parse_args(words)


def _is_chosen(wrong: Wrong, names: Sequence[str]) -> bool:
    ways = {"all", wrong.case, wrong.scenario, wrong.program, str(wrong)}
    return any(name in ways for name in names)


def _watch(runs: Runs, chosen: Sequence[Wrong], paint: Paint) -> list[Outcome]:
    """Run them, saying what became of each as soon as it is known; the outcomes in file order."""
    under_way: dict[Future[ScenarioResult], Wrong] = {
        runs.begin(str(wrong), wrong_case(wrong, runs.image)): wrong for wrong in chosen
    }
    outcomes: dict[Wrong, Outcome] = {}
    for future in as_completed(under_way):
        outcome = fate(under_way[future], future.result())
        outcomes[outcome.wrong] = outcome
        seconds = f"{future.result().seconds:.1f} s"
        count = f"[{len(outcomes):{len(str(len(chosen)))}}/{len(chosen)}]"
        print(f"{count} {_painted(outcome, paint):8} {outcome.wrong} ({seconds})", flush=True)
        if outcome.fate is not Fate.KILLED:
            print("\n".join(f"    {said}" for said in outcome.said), flush=True)
    return [outcomes[wrong] for wrong in chosen]


def _tell(outcomes: Sequence[Outcome], seconds: float, paint: Paint) -> None:
    rows = [_row(outcome) for outcome in outcomes]
    columns = max(shutil.get_terminal_size((180, 24)).columns, NARROWEST)
    print()
    print("\n".join(in_columns(HEADS, rows, columns, paint)))
    counts = Counter(outcome.fate for outcome in outcomes)
    told = ", ".join(f"{counts[each]} {each.value}" for each in Fate if counts[each])
    print(f"\n{len(outcomes)} wrong programs in scenarios: {told}, in {seconds:.0f} s")


def _row(outcome: Outcome) -> tuple[str, ...]:
    wrong, by = outcome.wrong, outcome.by
    where = _where(right_cases()[wrong.case], by) if by else "-"
    because = by.reason if by else outcome.said[0]
    return (wrong.case, wrong.program, outcome.fate.value, where, because)


def _where(case: Scenario, by: Judgement) -> str:
    """Node, kind and line of the expectation, as `client stdout :17`."""
    line = by.span.line if by.span else 0
    return f"{by.subject} {_kind(case, by)} :{line}"


def _kind(case: Scenario, by: Judgement) -> str:
    """The word that asked: an expectation of the node's or a step, whichever begins last before
    that line."""
    node = by.subject.partition("#")[0]
    asked: list[tuple[int, str]] = [(step.span.line, step.kind) for step in case.steps]
    asked += [_asked(each.expectation) for each in case.expectations if each.node == node]
    before = [each for each in asked if by.span and each[0] <= by.span.line]
    nearest = max(before, key=lambda each: each[0], default=(0, "node"))
    return nearest[1]


def _asked(expectation: Expectation) -> tuple[int, str]:
    return expectation.span.line, expectation.kind


def _painted(outcome: Outcome, paint: Paint) -> str:
    return paint(outcome.fate.value, STYLES.get(outcome.fate, Style.BAD))


def status(fates: Iterable[Fate]) -> int:
    """The exit status: one that lived is worse than one the lab could not tell of."""
    seen = set(fates)
    if seen & {Fate.SURVIVED, Fate.MISNAMED}:
        return 1
    return 3 if Fate.UNKNOWN in seen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
