"""A block of expected lines, rewritten to what runs showed.

Law: pure. A line that still matches stays as it is written; one that does not is replaced by
what was seen in its place, or goes. The new block holds for every run, or there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from lab.artifacts.writing import written
from lab.kinds.output.alignment import Row, ways
from lab.kinds.output.matching import Line, follow
from lab.kinds.output.pattern import Pattern, split_rule
from lab.source.template import Template

MOST = 1_000_000  # pairs of lines that are looked at: expected ones times seen ones
_EMPTY = " (esc)"  # an empty line where YAML would drop one


class Run(Struct, frozen=True):
    """What one program wrote in one case, and the block as it was read there."""

    who: str
    patterns: tuple[Pattern, ...]
    seen: bytes
    bindings: Mapping[str, str]


class Block(Struct, frozen=True):
    """Lines as they are written; `newline`: one ends the last of them."""

    lines: tuple[str, ...]
    newline: bool

    @property
    def text(self) -> str:
        """As one text."""
        return "\n".join(self.lines) + ("\n" if self.newline and self.lines else "")


class Disagreement(Exception):  # noqa: N818 - the runs', not the lab's
    """No block that is made line by line holds for all runs; says why."""


_Piece = int | str  # a line that stays, by its number, or a new one


def rewrite(lines: Sequence[str], runs: Sequence[Run]) -> Block:
    """The block that holds for all runs. Raises Disagreement."""
    pieces: list[_Piece] = list(range(len(lines)))
    newline = True
    for run in runs:
        newline = _ends_in_newline(run, pieces)
        if not _holds(pieces, newline, run):
            pieces = _rewritten(pieces, run)
            newline = _ends_in_newline(run, pieces)
    for run in runs:
        if not _holds(pieces, newline, run):
            others = " and ".join(dict.fromkeys(r.who for r in (run, *runs) if r is not run))
            raise Disagreement(f"{run.who} writes something else here than {others}")
    return Block(tuple(_texts(pieces, lines)), newline)


def _ends_in_newline(run: Run, pieces: Sequence[_Piece]) -> bool:
    last = _patterns(pieces[-1:], run, newline=True)
    return run.seen.endswith(b"\n") or not run.seen or bool(last and last[0].elision)


def _holds(pieces: Sequence[_Piece], newline: bool, run: Run) -> bool:
    lines = [Line(pattern, run.bindings) for pattern in _patterns(pieces, run, newline=newline)]
    return follow(lines, run.seen).holds


def _patterns(pieces: Sequence[_Piece], run: Run, *, newline: bool) -> list[Pattern]:
    """The block for this run."""
    found = [run.patterns[p] if isinstance(p, int) else _pattern(p) for p in pieces]
    found = [replace(pattern, ends=True) for pattern in found]
    if found:
        found[-1] = replace(found[-1], ends=newline)
    return found


def _pattern(text: str) -> Pattern:
    rule, body, optional = split_rule(text)
    return Pattern(rule, Template(body), optional)


def _rewritten(pieces: Sequence[_Piece], run: Run) -> list[_Piece]:
    if not run.seen:
        return []
    newline = run.seen.endswith(b"\n")
    lines = [Line(p, run.bindings) for p in _patterns(pieces, run, newline=newline)]
    rows = ways(lines, run.seen, MOST)
    if rows is None:
        what = f"{run.who} wrote too many other lines"
        raise Disagreement(f"{what}: write ... in place of those that do not matter")
    hints = [name for name in _references(pieces, run) if not name.endswith(".port")]
    made: list[_Piece] = []
    for row in rows:
        old = None if row.expected is None else pieces[row.expected]
        if old is not None and (row.equal or _same_text(row, lines)):
            made.append(old)
        elif row.seen is not None and not row.elided:
            own = () if old is None else _references([old], run)
            made.append(written(row.seen, run.bindings, [*hints, *own]))
    return made if newline else _without_rest(made, run)


def _without_rest(pieces: list[_Piece], run: Run) -> list[_Piece]:
    """The block without lines that may come behind the last one, where that is unfinished."""
    kept = list(pieces)
    while kept and not _holds(kept, _ends_in_newline(run, kept), run):
        last = _patterns(kept[-1:], run, newline=True)[0]
        if not (last.optional or last.elision):
            return pieces
        kept.pop()
    return kept


def _same_text(row: Row, lines: Sequence[Line]) -> bool:
    """Whether only the newline behind it differs."""
    if row.expected is None or row.seen is None:
        return False
    return lines[row.expected].same_text(row.seen)


def _references(pieces: Sequence[_Piece], run: Run) -> list[str]:
    """What these lines refer to."""
    patterns = _patterns(pieces, run, newline=True)
    return [name for pattern in patterns for name in pattern.template.references]


def _texts(pieces: Sequence[_Piece], lines: Sequence[str]) -> list[str]:
    texts = [lines[p] if isinstance(p, int) else p for p in pieces]
    if texts and any(texts):
        for index in range(len(texts) - 1, -1, -1):
            if texts[index]:
                break
            texts[index] = _EMPTY
    return texts
