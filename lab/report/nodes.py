"""Each node's end: how its program stands, its addresses, the last lines it wrote.

Law: output is shown escaped and cut, and it says what was left out; a node that wrote nothing
is said to have written nothing.
"""

from collections.abc import Sequence

from lab.report.columns import cut, padded, width
from lab.report.escapes import harmless, shown
from lab.report.paint import Paint, Style
from lab.report.words import counted, state
from lab.result import NodeResult

LINES = 10  # last lines of each stream shown
BYTES = 64 * 1024  # of which this much of the stream's end is looked at


def nodes(results: Sequence[NodeResult], columns: int, paint: Paint) -> list[str]:
    """A paragraph for each node."""
    names = max((width(node.node) for node in results), default=0)
    return [line for node in results for line in _node(node, names, columns, paint)]


def _node(node: NodeResult, names: int, columns: int, paint: Paint) -> list[str]:
    name = paint(padded(harmless(node.node), names), Style.STRONG)
    said = [harmless(state(node.program)), *map(harmless, node.addresses)]
    lines = [f"{name}  {'  '.join(said)}"]
    for title, data in (("stdout", node.program.stdout), ("stderr", node.program.stderr)):
        lines += _stream(title, data, columns, paint)
    if not node.program.stdout and not node.program.stderr:
        lines.append(paint("  (wrote nothing)", Style.QUIET))
    if node.program.truncated:
        lines.append(paint("  (it wrote more than the lab keeps)", Style.DOUBT))
    return lines


def _stream(title: str, data: bytes, columns: int, paint: Paint) -> list[str]:
    if not data:
        return []
    total = data.count(b"\n") + (not data.endswith(b"\n"))
    last = data[-BYTES:].removesuffix(b"\n").split(b"\n")[-LINES:]
    notes = [f"last {len(last)} of {counted(total, 'line')}"] if total > len(last) else []
    notes += [] if data.endswith(b"\n") else ["no newline at its end"]
    head = f"  {title}" + (f" ({', '.join(notes)})" if notes else "")
    room = max(columns - 4, 20)
    bar = paint("|", Style.QUIET)
    return [paint(head, Style.QUIET), *(f"  {bar} {cut(shown(line), room)}" for line in last)]
