"""The live picture as lines of styled text, cut to the terminal.

Law: pure, and never taller than it is told; it ends no line with a word the next frame would
have to take back, so it can be drawn over and over.
"""

from collections import Counter
from collections.abc import Mapping
from itertools import islice

from lab.events import State
from lab.report.columns import cut, padded, width
from lab.report.escapes import harmless, shown
from lab.report.paint import Paint, Style
from lab.report.picture import CaseView, NodeView, Picture, StepView
from lab.report.words import duration
from lab.verdict import Verdict

_BAD = {Verdict.FAIL: "failed", Verdict.ERROR: "in error"}
LEAST = 3  # nodes shown of a case, before the case is shown without its nodes
STEPS = 5  # steps shown around the one under way
STATES = {
    None: ("making", Style.QUIET),
    State.HELD: ("held", Style.QUIET),
    State.RUNNING: ("running", Style.GOOD),
    State.ENDED: ("ended", None),
    State.LOST: ("lost", Style.BAD),
}


def frame(
    picture: Picture,
    total: int,
    now: float,
    size: tuple[int, int],
    paint: Paint,
    *,
    usual: Mapping[str, float] | None = None,
) -> str:
    """The picture as text `size` (columns, rows) large at most, `now` on the drawer's clock.

    `total` is how many cases there are, 0 where nobody knows; `usual` how many seconds they took
    before, by name.
    """
    columns, rows = size
    heads = {
        name: _head(view, now, columns, paint, (usual or {}).get(name))
        for name, view in picture.cases.items()
    }
    room = max(rows - 2, 1)
    each = room // max(len(heads), 1) - 1
    lines = [
        line
        for name, view in picture.cases.items()
        for line in (heads[name], *_parts(view, columns, each, paint))
    ]
    if len(lines) > room:
        lines = _fitting(list(heads.values()), room, paint)
    if total != 1:
        lines.append(paint(cut(_tally(picture, total), columns), Style.QUIET))
    return "\n".join(lines)


def _fitting(heads: list[str], room: int, paint: Paint) -> list[str]:
    """Those that have run the longest."""
    if len(heads) <= room:
        return heads
    return [*heads[: room - 1], paint(f"and {len(heads) - room + 1} more", Style.QUIET)]


def _tally(picture: Picture, total: int) -> str:
    said = f"{picture.done} of {total} done" if total else f"{picture.done} done"
    bad = [
        f"{picture.ended[verdict]} {word}"
        for verdict, word in _BAD.items()
        if verdict in picture.ended
    ]
    behind = [f"{len(picture.removing)} being removed"] if picture.removing else []
    return ", ".join((said, *bad, *behind))


def _parts(view: CaseView, columns: int, room: int, paint: Paint) -> list[str]:
    steps = [_step(step, columns, paint) for step in _near(view.steps)]
    nodes = list(view.nodes.items())
    if len(nodes) > LEAST and len(nodes) + len(steps) > room:
        nodes = nodes[: max(room - len(steps) - 1, LEAST)]
    names = max((width(name) for name, _ in nodes), default=0)
    shown_ones = [_node(name, node, names, columns, paint) for name, node in nodes]
    return [*shown_ones, *_rest(view, len(nodes), columns, paint), *steps]


def _rest(view: CaseView, first: int, columns: int, paint: Paint) -> list[str]:
    """A line for all nodes after the first so many: how many there are in each state."""
    words = Counter(STATES[node.state][0] for node in islice(view.nodes.values(), first, None))
    said = ", ".join(f"{number} {word}" for word, number in words.items())
    line = f"  and {words.total()} more: {said}"
    return [paint(cut(line, columns), Style.QUIET)] if words else []


def _head(view: CaseView, now: float, columns: int, paint: Paint, usual: float | None) -> str:
    took = now - view.began
    rest = f"  {view.phase}  {duration(took)}"
    slow = usual is not None and took > 2 * usual + 1
    before = f"  usually {duration(usual or 0.0)}" if slow else ""
    if width(rest + before) + 12 > columns:
        before = ""
    name = cut(harmless(view.case), max(columns - width(rest + before) - 2, 10))
    return f"{paint(name, Style.STRONG)}{paint(rest, Style.QUIET)}{paint(before, Style.DOUBT)}"


def _node(name: str, node: NodeView, names: int, columns: int, paint: Paint) -> str:
    word, style = STATES[node.state]
    shortened = cut(harmless(name), columns // 3)
    front = f"  {padded(shortened, min(names, columns // 3))}  "
    said = cut(padded(harmless(node.detail or word), 10), columns - width(front))
    last = shown(node.line.rstrip(b"\r\n")[-1000:])
    room = columns - width(front) - width(said) - 1
    return f"{front}{paint(said, style)} {cut(last, max(room, 0))}".rstrip()


def _near(steps: tuple[StepView, ...]) -> tuple[StepView, ...]:
    """The steps around the first one that is not over."""
    open_ones = [place for place, step in enumerate(steps) if step.verdict is None]
    here = open_ones[0] if open_ones else len(steps)
    first = max(min(here - STEPS // 2, len(steps) - STEPS), 0)
    return steps[first : first + STEPS]


def _step(step: StepView, columns: int, paint: Paint) -> str:
    sign, style = _sign(step)
    return f"  {paint(sign, style)} {cut(harmless(step.title), max(columns - 5, 10))}"


def _sign(step: StepView) -> tuple[str, Style | None]:
    if step.verdict is Verdict.PASS:
        return "✓", Style.GOOD
    if step.verdict is not None:
        return "✗", Style.BAD
    return (">", Style.STRONG) if step.begun else ("·", Style.QUIET)
