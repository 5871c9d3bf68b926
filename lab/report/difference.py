"""Expected and seen: side by side where both fit, one under the other where they do not.

Law: every row that differs is marked by a sign as well as a colour. Long runs of equal rows,
endless rows and endless lines are cut, and it says that they were.
"""

from collections.abc import Sequence

from lab.report.columns import cut, padded, width
from lab.report.escapes import harmless
from lab.report.paint import Paint, Style
from lab.report.words import counted
from lab.verdict import Difference

Row = tuple[str | None, str | None, bool]

CONTEXT = 3  # equal rows kept around rows that differ
ROWS = 40  # rows shown at most
LINE = 400  # columns of one side shown at most
GAP = "  "


def difference(found: Difference, columns: int, paint: Paint) -> list[str]:
    """The rows of a difference as lines at most `columns` wide, where that is possible."""
    rows = [_harmless(row) for row in found.rows]
    kept, rest = windows(rows), 0
    if len(kept) > ROWS:
        kept, rest = kept[:ROWS], len(kept) - ROWS
    sizes = _sizes(kept)
    beside = sum(sizes) + 2 * len("  ") + len(GAP) <= columns
    lines = _side_by_side(kept, sizes, paint) if beside else _stacked(kept, paint)
    return [*lines, *([paint(f"  ... {counted(rest, 'more row')}", Style.QUIET)] if rest else [])]


def _harmless(row: Row) -> Row:
    expected, seen, equal = row
    return _side(expected), _side(seen), equal


def _side(text: str | None) -> str | None:
    return None if text is None else cut(harmless(text.replace("\n", r"\n")), LINE)


def windows(rows: Sequence[Row]) -> list[Row | str]:
    """The rows near a difference; a text stands for each run of equal ones left out."""
    near = [
        any(not row[2] for row in rows[max(index - CONTEXT, 0) : index + CONTEXT + 1])
        for index in range(len(rows))
    ]
    kept: list[Row | str] = []
    left_out = 0
    for row, keep in zip(rows, near, strict=True):
        if keep and left_out:
            kept.append(f"... {counted(left_out, 'equal line')}")
            left_out = 0
        if keep:
            kept.append(row)
        else:
            left_out += 1
    return [*kept, f"... {counted(left_out, 'equal line')}"] if left_out else kept


def _sizes(rows: Sequence[Row | str]) -> tuple[int, int]:
    pairs = [row for row in rows if not isinstance(row, str)]
    left = max((width(row[0] or "") for row in pairs), default=0)
    right = max((width(row[1] or "") for row in pairs), default=0)
    return max(left, len("expected")), max(right, len("seen"))


def _side_by_side(rows: Sequence[Row | str], sizes: tuple[int, int], paint: Paint) -> list[str]:
    head = f"  {padded('expected', sizes[0])}{GAP}  seen"
    lines = [paint(head, Style.QUIET)]
    for row in rows:
        if isinstance(row, str):
            lines.append(paint(f"  {row}", Style.QUIET))
            continue
        expected, seen, equal = row
        left = padded("  " if expected is None else _sign("-", equal) + expected, sizes[0] + 2)
        right = "" if seen is None else _sign("+", equal) + seen
        if not equal:
            left, right = paint(left, Style.GOOD), paint(right, Style.BAD)
        lines.append(f"{left}{GAP}{right}".rstrip())
    return lines


def _stacked(rows: Sequence[Row | str], paint: Paint) -> list[str]:
    lines = [paint("- expected   + seen", Style.QUIET)]
    for row in rows:
        if isinstance(row, str):
            lines.append(paint(f"  {row}", Style.QUIET))
        elif row[2]:
            lines.append(f"  {row[1]}")
        else:
            lines += [] if row[0] is None else [paint(f"- {row[0]}", Style.GOOD)]
            lines += [] if row[1] is None else [paint(f"+ {row[1]}", Style.BAD)]
    return lines


def _sign(sign: str, equal: bool) -> str:
    return "  " if equal else f"{sign} "
