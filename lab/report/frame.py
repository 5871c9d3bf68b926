"""The live picture as lines of styled text, cut to the terminal.

Law: pure, and never taller than it is told; it ends no line with a word the next frame would
have to take back, so it can be drawn over and over.
"""

from lab.events import State
from lab.report.columns import cut, padded, width
from lab.report.escapes import harmless, shown
from lab.report.paint import Paint, Style
from lab.report.picture import CaseView, NodeView, Picture, StepView
from lab.report.words import duration
from lab.verdict import Verdict

STEPS = 5  # steps shown around the one under way
STATES = {
    None: ("making", Style.QUIET),
    State.HELD: ("held", Style.QUIET),
    State.RUNNING: ("running", Style.GOOD),
    State.ENDED: ("ended", None),
    State.LOST: ("lost", Style.BAD),
}


def frame(picture: Picture, total: int, now: float, size: tuple[int, int], paint: Paint) -> str:
    """The picture as text `size` (columns, rows) large at most, `now` on the drawer's clock."""
    columns, rows = size
    lines = [line for view in picture.cases.values() for line in _case(view, now, columns, paint)]
    room = max(rows - 2, 1)
    if len(lines) > room:
        lines = [_head(view, now, columns, paint) for view in picture.cases.values()][:room]
    if total > 1:
        lines.append(paint(f"{len(picture.ended)} of {total} done", Style.QUIET))
    return "\n".join(lines)


def _case(view: CaseView, now: float, columns: int, paint: Paint) -> list[str]:
    names = max((width(name) for name in view.nodes), default=0)
    return [
        _head(view, now, columns, paint),
        *(_node(name, node, names, columns, paint) for name, node in view.nodes.items()),
        *(_step(step, columns, paint) for step in _near(view.steps)),
    ]


def _head(view: CaseView, now: float, columns: int, paint: Paint) -> str:
    rest = f"  {view.phase}  {duration(now - view.began)}"
    name = cut(harmless(view.case), max(columns - width(rest) - 2, 10))
    return f"{paint(name, Style.STRONG)}{paint(rest, Style.QUIET)}"


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
