r"""A story in columns: when, who, what.

Law: a line of the story is a line of text, whatever a program wrote; what stands behind `|` was
written to standard output, behind `!` to standard error, in the lossless form of `escapes`.

    1.342141 s  listener | listener: waiting to recvfrom...
"""

from __future__ import annotations

from lab.report.columns import cut, padded, width
from lab.report.escapes import harmless, shown
from lab.report.paint import VERDICT_STYLES, Paint, Style
from lab.report.words import counted
from lab.result import ScenarioResult
from lab.story.entries import Entry, Kind, Story
from lab.story.telling import ROOM
from lab.story.telling import story as told
from lab.verdict import Verdict

ON_TERMINAL = 400  # entries of output, about: what somebody scrolls through
COLUMNS = 400  # of a line at most
LEAST = 40  # columns that are left for what happened
NAMES = 20  # columns of a name at most
_SIGNS = {Kind.STDOUT: "|", Kind.STDERR: "!"}


def story(result: ScenarioResult, columns: int, paint: Paint, room: int = ROOM) -> list[str]:
    """A line for each thing that happened, in the order of time; what is not known first."""
    found = told(result, room)
    kept = tuple(entry for entry in found.entries if entry.kind is not Kind.ACK)
    notes = found.notes
    if left := len(found.entries) - len(kept):
        said = counted(left, "packet")
        notes = (*notes, f"{said} that only say{'s' if left == 1 else ''} what has come not shown")
    found = Story(kept, notes)
    return [*_notes(found, paint), *_lines(found, columns, paint)]


def _notes(found: Story, paint: Paint) -> list[str]:
    return [paint(f"note: {_flat(note)}", Style.DOUBT) for note in found.notes]


def _lines(found: Story, columns: int, paint: Paint) -> list[str]:
    names = [cut(_flat(entry.who), NAMES) for entry in found.entries]
    size = max(map(width, names), default=0)
    room = max(min(columns, COLUMNS) - size - 17, LEAST)
    return [
        f"{paint(f'{entry.at:10.6f} s', Style.QUIET)}  "
        f"{paint(padded(name, size), Style.STRONG)} {_said(entry, room, paint)}".rstrip()
        for entry, name in zip(found.entries, names, strict=True)
    ]


def _said(entry: Entry, room: int, paint: Paint) -> str:
    if entry.kind in _SIGNS:
        style = Style.QUIET if entry.kind is Kind.STDOUT else Style.DOUBT
        more = f"... ({entry.size} bytes)" if entry.size > len(entry.data) else ""
        return f"{paint(_SIGNS[entry.kind], style)} {cut(f'{shown(entry.data)}{more}', room)}"
    text = cut(_flat(f"{_way(entry)}{entry.text}"), room)
    if entry.kind is Kind.STEP:
        return f"  {_step(entry, text, paint)}"
    if entry.verdict is not None:
        word = paint(f"{entry.verdict.name}", VERDICT_STYLES[entry.verdict])
        return f"  {word} {text}"
    return f"  {paint(text, Style.QUIET if entry.kind in (Kind.PHASE, Kind.CUT) else None)}"


def _way(entry: Entry) -> str:
    """Of a packet, where it went."""
    if entry.kind is not Kind.PACKET:
        return ""
    if entry.lost:
        return "-x lost: "
    return f"-> {entry.peer}: " if entry.peer else ""


def _step(entry: Entry, text: str, paint: Paint) -> str:
    if entry.verdict is None:
        return f"step {entry.step}: {text}"
    well = entry.verdict is Verdict.PASS
    word = paint("ok" if well else entry.verdict.name, VERDICT_STYLES[entry.verdict])
    return f"step {entry.step} {word}" if well else f"step {entry.step} {word} {text}"


def _flat(text: str) -> str:
    return " ".join(harmless(text).split())
