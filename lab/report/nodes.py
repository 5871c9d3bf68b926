"""Each node's end: how its program stands, its addresses, the last lines it wrote.

Law: output is shown escaped and cut, and it says what was left out; a node that wrote nothing
is said to have written nothing. Of a node that has no program of its own, what ran there is shown.
"""

import shlex
from collections import Counter
from collections.abc import Collection, Sequence

from lab.events import ProcessRecord
from lab.report.columns import cut, padded, width
from lab.report.escapes import harmless, shown
from lab.report.paint import Paint, Style
from lab.report.words import counted, state
from lab.result import NodeResult

MOST = 20  # nodes shown
LINES = 10  # last lines of each stream shown
VISITORS = 4  # last programs beside a node's own shown
BYTES = 64 * 1024  # of which this much of the stream's end is looked at


def nodes(
    results: Sequence[NodeResult], columns: int, paint: Paint, blamed: Collection[str] = ()
) -> list[str]:
    """A paragraph for each node, and one for each program that a step ran there.

    Of very many nodes those of `blamed` come first, and the rest is counted.
    """
    if len(results) > MOST:
        picked = sorted(results, key=lambda node: node.node not in blamed)[:MOST]
        shown_ones = {node.node for node in picked}
        rest = [node for node in results if node.node not in shown_ones]
        return [*nodes(picked, columns, paint), *_rest(rest, columns, paint)]
    keys = [key for node in results for key, _ in node.visitors[-VISITORS:]]
    names = max(map(width, [*(node.node for node in results), *keys]), default=0)
    return [line for node in results for line in _node(node, names, columns, paint)]


def _rest(left: Sequence[NodeResult], columns: int, paint: Paint) -> list[str]:
    states = Counter(harmless(state(node.program)) for node in left)
    said = ", ".join(f"{number} {word}" for word, number in states.most_common(4))
    line = f"and {counted(len(left), 'more node')}: {said}"
    return [paint(cut(line, max(columns, 30)), Style.QUIET)]


def _node(node: NodeResult, names: int, columns: int, paint: Paint) -> list[str]:
    name = paint(padded(harmless(node.node), names), Style.STRONG)
    own = node.program != ProcessRecord() or not node.visitors
    stands = [harmless(state(node.program))] if own else []
    lines = [f"{name}  {'  '.join([*stands, *map(harmless, node.addresses)])}".rstrip()]
    lines += _output(node.program, columns, paint) if own else []
    if (unseen := len(node.visitors) - VISITORS) > 0:
        lines.append(paint(f"  ({counted(unseen, 'earlier program')} not shown)", Style.QUIET))
    for key, program in node.visitors[-VISITORS:]:
        front = f"{padded(harmless(key), names)}  "
        said = f"{harmless(state(program))}  on {harmless(node.node)}: {_command(program)}"
        lines.append(paint(front, Style.STRONG) + cut(said, max(columns - width(front), 30)))
        lines += _output(program, columns, paint)
    return lines


def _command(program: ProcessRecord) -> str:
    return shown(shlex.join(program.argv).encode(errors="surrogateescape")).replace("\n", r"\n")


def _output(program: ProcessRecord, columns: int, paint: Paint) -> list[str]:
    lines: list[str] = []
    for title, data, cut_off in (
        ("stdout", program.stdout, program.stdout_truncated),
        ("stderr", program.stderr, program.stderr_truncated),
    ):
        lines += _stream(title, data, columns, paint)
        if cut_off:
            lines.append(paint(f"  ({title} went on: the lab keeps no more)", Style.DOUBT))
    if not lines:
        lines.append(paint("  (wrote nothing)", Style.QUIET))
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
