"""What finished runs showed, in place of what was expected and failed.

Law: pure. Only blocks that failed change. What ended in an ERROR, or did not get to its end, is
refused, and so is its whole file: a block may serve several cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from lab.artifacts.edits import NotEdited, Place, edited, place, scalars
from lab.artifacts.rewriting import Block, Disagreement, Run, rewrite
from lab.events import NodeObservation, ProcessRecord
from lab.kinds.output.expectation import OutputExpectation
from lab.kinds.output.stream import stream_of
from lab.kinds.output.whole import Whole
from lab.model import NodeExpectation, Scenario
from lab.result import ScenarioResult
from lab.source import Span
from lab.source.located import Located, Scalar
from lab.source.reader import read
from lab.verdict import Judgement, Verdict

_BOM = "\ufeff"


class Change(Struct, frozen=True):
    """A file's text before and after; empty before: it may not be there yet."""

    path: Path
    before: str
    after: str


class Refusal(Struct, frozen=True):
    """What was not accepted, and why."""

    where: str
    why: str
    verdict: Verdict = Verdict.FAIL


class Acceptance(Struct, frozen=True):
    """What changes, and what still would not pass."""

    changes: tuple[Change, ...]
    refusals: tuple[Refusal, ...]


class _Asked(Struct):
    """A block, and every program that was held against it."""

    source: Scalar
    runs: list[Run] = field(default_factory=list)
    failed: bool = False


def accept(
    cases: Sequence[Scenario], results: Sequence[ScenarioResult], files: Mapping[Path, bytes]
) -> Acceptance:
    """What to write. `files` are the scenario files as they were when the cases were loaded."""
    changes: list[Change] = []
    refusals: list[Refusal] = []
    found = {(result.path, result.case): result for result in results}
    for path, data in files.items():
        pairs = [
            (case, found[case.path, case.name])
            for case in cases
            if case.path == path and (case.path, case.name) in found
        ]
        barred = [refusal for _, result in pairs for refusal in _barred(result)]
        refusals += barred
        if not barred:
            refusals += [refusal for case, result in pairs for refusal in _others(case, result)]
            _change(path, data, _asked(pairs), changes, refusals)
    return Acceptance(*_one_each(changes, refusals))


def _one_each(
    changes: Sequence[Change], refusals: Sequence[Refusal]
) -> tuple[tuple[Change, ...], tuple[Refusal, ...]]:
    """Each file changed once; a golden file that scenarios share may be asked to be two things."""
    chosen: dict[Path, Change] = {}
    split: dict[Path, Refusal] = {}
    for change in changes:
        if chosen.setdefault(change.path, change) != change:
            why = "scenarios that share it write different things: give each a file of its own"
            split[change.path] = Refusal(str(change.path), why)
    kept = tuple(change for path, change in chosen.items() if path not in split)
    return kept, (*refusals, *split.values())


def _barred(result: ScenarioResult) -> Iterator[Refusal]:
    """Why nothing of this file is accepted."""
    if result.verdict is Verdict.ERROR:
        yield Refusal(result.case, f"ERROR: {result.reason}", Verdict.ERROR)
    for step in result.steps:
        if step.verdict is Verdict.FAIL:
            yield Refusal(str(step.span), f"the run ended at this step: {result.reason}")
            return
    for judgement in result.judgements:
        if judgement.verdict is Verdict.FAIL and judgement.final:
            why = f"put this right first, it cut the run short: {_about(judgement)}"
            yield Refusal(str(judgement.span or result.case), why)


def _about(judgement: Judgement) -> str:
    return f"{judgement.subject}: {judgement.reason}" if judgement.subject else judgement.reason


def _others(case: Scenario, result: ScenarioResult) -> Iterator[Refusal]:
    """What failed and is no block of output."""
    said: set[tuple[str, str]] = set()
    for wanted, expectation, program in _outputs(case, result):
        seen = NodeObservation(wanted.node, program)
        said.add((wanted.node, expectation.judge(seen, result.bindings).reason))
        rest = tuple(claim for claim in expectation.claims if not isinstance(claim, Whole))
        judgement = replace(expectation, claims=rest).judge(seen, result.bindings) if rest else None
        if judgement and judgement.verdict is Verdict.FAIL:
            yield Refusal(str(judgement.span or wanted.expectation.span), judgement.reason)
    for judgement in result.judgements:
        told = (judgement.subject, judgement.reason) in said
        if judgement.verdict is Verdict.FAIL and not told:
            yield Refusal(str(judgement.span or result.case), _about(judgement))


def _outputs(
    case: Scenario, result: ScenarioResult
) -> Iterator[tuple[NodeExpectation, OutputExpectation, ProcessRecord]]:
    """Expectations with a block, and the programs they are held against."""
    programs = {node.node: node.program for node in result.nodes}
    programs |= {key: program for node in result.nodes for key, program in node.visitors}
    for wanted in case.expectations:
        expectation = wanted.expectation
        if not isinstance(expectation, OutputExpectation) or wanted.node not in programs:
            continue
        if any(isinstance(claim, Whole) for claim in expectation.claims):
            yield wanted, expectation, programs[wanted.node]


def _asked(pairs: Iterable[tuple[Scenario, ScenarioResult]]) -> dict[tuple[Path, Place], _Asked]:
    """Every block of these cases, by the place where it is written."""
    asked: dict[tuple[Path, Place], _Asked] = {}
    for case, result in pairs:
        for wanted, expectation, program in _outputs(case, result):
            stream = stream_of(program, expectation.kind)
            for claim in expectation.claims:
                if isinstance(claim, Whole) and claim.source is not None:
                    span = claim.source.span
                    one = asked.setdefault((span.path, place(span)), _Asked(claim.source))
                    who = f"{wanted.node} of {case.name}"
                    one.runs.append(Run(who, claim.patterns, stream.data, result.bindings))
                    verdict = claim.judge(stream, result.bindings).verdict
                    one.failed = one.failed or verdict is Verdict.FAIL
    return asked


def _change(
    path: Path,
    data: bytes,
    asked: Mapping[tuple[Path, Place], _Asked],
    changes: list[Change],
    refusals: list[Refusal],
) -> None:
    text = data.decode("utf-8").removeprefix(_BOM)
    document, _ = read(path, data)
    raw = _raw(document)
    inside: dict[Place, Block] = {}
    for (file, where), one in asked.items():
        if not one.failed:
            continue
        try:
            source = one.source if file != path else raw[where]
            block = rewrite(_written(source, one), one.runs)
        except Disagreement as why:
            refusals.append(Refusal(str(_shown(one.source.span)), str(why)))
            continue
        if file == path:
            inside[where] = block
        else:
            changes.append(Change(file, one.source.text, block.text))
    if inside:
        _edit(path, text, inside, changes, refusals, bom=data.startswith(_BOM.encode()))


def _edit(
    path: Path,
    text: str,
    inside: Mapping[Place, Block],
    changes: list[Change],
    refusals: list[Refusal],
    *,
    bom: bool,
) -> None:
    mark = _BOM if bom else ""
    try:
        changes.append(Change(path, mark + text, mark + edited(path, text, inside)))
    except NotEdited as why:
        line, column = min(inside)
        refusals.append(Refusal(f"{path}:{line}:{column}", str(why)))


def _raw(document: Located) -> dict[Place, Scalar]:
    """Every scalar as it is written, `${...}` of a matrix included."""
    return {place(scalar.span): scalar for scalar in scalars(document)}


def _written(source: Scalar, one: _Asked) -> list[str]:
    """The block's lines. Raises Disagreement where a value of the matrix holds several."""
    lines = source.text.split("\n")
    if lines[-1] == "":
        lines.pop()
    if any(len(run.patterns) != len(lines) for run in one.runs):
        raise Disagreement("a value of the matrix has several lines: write the block by hand")
    return lines


def _shown(span: Span) -> Span:
    """The scalar's place; of a golden file, its beginning."""
    return replace(span, line=max(1, span.line))
