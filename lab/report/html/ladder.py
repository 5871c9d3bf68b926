"""A story as a ladder: time goes down, each node has a lane, what passes between two is an arrow.

Law: each thing that happened is one row, or shares one with others of its stream that were read
at the same moment. Few nodes have wide lanes with the text in them; many have narrow lanes with
the text beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from lab.report.columns import cut
from lab.report.escapes import shown
from lab.report.html.markup import Child, Markup, element, together
from lab.story.entries import Entry, Kind, Story
from lab.verdict import Verdict

WIDE = 5  # nodes that have wide lanes
LANE = 12  # a narrow one; style.css draws their lines
MANY = 10  # nodes, to choose among which takes room
TOGETHER = 0.004  # seconds within which lines of a stream are one row
LINES = 12  # lines of a row at most
TEXT = 160  # characters of a line at most
_OUTPUT = (Kind.STDOUT, Kind.STDERR)
FILTERS = {  # what may be shown or not, and the kinds it stands for
    "output": (Kind.STDOUT, Kind.STDERR, Kind.CUT),
    "packets": (Kind.PACKET,),
    "acknowledgements": (Kind.ACK,),
    "calls": (Kind.CALL,),
    "states": (Kind.STATE,),
    "steps": (Kind.STEP, Kind.PHASE),
}
OFF = ("acknowledgements",)  # not shown unless asked for
_FILTER_OF = {kind: name for name, kinds in FILTERS.items() for kind in kinds}


class _Row(Struct, frozen=True):
    """Entries that are shown together."""

    entries: tuple[Entry, ...]

    @property
    def first(self) -> Entry:
        return self.entries[0]


class Lanes(Struct, frozen=True):
    """The nodes, from left to right."""

    nodes: tuple[str, ...]

    @property
    def wide(self) -> bool:
        """Whether text fits into them."""
        return len(self.nodes) <= WIDE

    def place(self, node: str) -> int | None:
        """Of a node, from 0."""
        return self.nodes.index(node) if node in self.nodes else None


def ladder(story: Story, nodes: Sequence[str], title: str) -> Markup:
    """The whole of it, with its filters."""
    lanes = Lanes(tuple(nodes))
    rows = [_row(row, lanes) for row in _rows(story.entries)]
    kinds = {_FILTER_OF[e.kind] for e in story.entries if e.kind in _FILTER_OF}
    shape = f"ladder n{len(nodes)} wide" if lanes.wide else "ladder narrow"
    return element(
        "div",
        *(element("p", note, class_="note") for note in story.notes),
        _filters(lanes, [name for name in FILTERS if name in kinds]),
        element(
            "div",
            _heads(lanes),
            element("div", _lifelines(lanes), element("ol", *rows), class_="rows"),
            class_=shape,
            tabindex="0",
            role="region",
            aria_label=f"what happened in {title}",
        ),
        class_="story",
    )


def _rows(entries: Sequence[Entry]) -> Iterator[_Row]:
    row: list[Entry] = []
    for entry in entries:
        if row and not _fits(row, entry):
            yield _Row(tuple(row))
            row = []
        row.append(entry)
    if row:
        yield _Row(tuple(row))


def _fits(row: Sequence[Entry], entry: Entry) -> bool:
    first = row[0]
    if entry.kind is Kind.STEP:  # one that is over at once
        return first.kind is Kind.STEP and len(row) == 1 and entry.step == first.step
    same = (first.kind, first.node, first.program) == (entry.kind, entry.node, entry.program)
    near = entry.at - first.at <= TOGETHER and len(row) < LINES
    return entry.kind in _OUTPUT and same and near


# -- above it --------------------------------------------------------------------------------


def _filters(lanes: Lanes, kinds: Sequence[str]) -> Markup:
    """Shown by the script, which alone can do anything with them."""
    nodes = [_tick("n", str(place), node) for place, node in enumerate(lanes.nodes)]
    of_kinds = [_tick("k", kind, kind, on=kind not in OFF) for kind in kinds]
    return element(
        "form",
        element("fieldset", element("legend", "show"), *of_kinds),
        _of(nodes),
        class_="filters",
        hidden=True,
    )


def _of(nodes: Sequence[Markup]) -> Markup | None:
    if len(nodes) < 2:
        return None
    if len(nodes) <= MANY:
        return element("fieldset", element("legend", "of"), *nodes)
    summary = element("summary", f"of which of {len(nodes)} nodes")
    return element("details", summary, element("fieldset", *nodes))


def _tick(group: str, value: str, text: str, *, on: bool = True) -> Markup:
    box = element("input", type="checkbox", checked=on, data_group=group, value=value)
    return element("label", box, text)


def _heads(lanes: Lanes) -> Markup:
    names = [element("div", node, class_=f"c{place}") for place, node in enumerate(lanes.nodes, 1)]
    if lanes.wide:
        return element("div", element("div", "s", class_="time"), *names, class_="heads")
    size = LANE * len(lanes.nodes)
    titles = [
        element("text", cut(node, 18), transform=f"translate({LANE * place + 10} 104) rotate(-60)")
        for place, node in enumerate(lanes.nodes)
    ]
    drawn = element("svg", *titles, width=size + 60, height=108, aria_hidden="true")
    return element("div", element("div", "s", class_="time"), drawn, class_="heads")


def _lifelines(lanes: Lanes) -> Markup | None:
    if not lanes.wide:
        return None
    lines = [element("i") for _ in lanes.nodes]
    return element("div", *lines, class_="lifelines", aria_hidden="true")


# -- and in it -------------------------------------------------------------------------------


def _row(row: _Row, lanes: Lanes) -> Markup:
    entry = row.first
    lane = lanes.place(entry.node)
    said = _said(row)
    when = element("time", f"{entry.at:.3f}", title=f"{entry.at:.6f} s")
    bad = any(each.verdict and each.verdict >= Verdict.ERROR for each in row.entries)
    kinds = [entry.kind.value, *(["bad"] if bad else [])]
    if entry.kind is Kind.STEP and entry.verdict is None:
        kinds.append("begun")
    parts: list[Child] = [when]
    to = lanes.place(entry.peer)
    if entry.lost:
        kinds.append("lost")
    if not lanes.wide:
        way = element("i", f"to {entry.peer}: ") if to is not None else None
        parts += [_graph(lane, to, lanes), element("b", entry.who), element("div", way, said)]
    elif lane is not None and to is not None and lane != to:
        parts += [
            element("b", f"{entry.node} to {entry.peer}", class_="who"),
            _arrow(lane, to, said),
        ]
    elif lane is None:
        parts.append(element("div", said, class_="band"))
    else:
        kinds.append(f"c{lane + 1}")
        name = element("b", entry.program) if entry.program else None
        parts += [element("b", entry.who, class_="who"), element("div", name, said, class_="at")]
    return element(
        "li",
        *parts,
        class_=" ".join(kinds),
        data_k=_FILTER_OF.get(entry.kind),
        data_n=lane if to is None else f"{lane} {to}",
    )


def _arrow(lane: int, to: int, said: Markup) -> Markup:
    """Over all lanes from one to the other."""
    way = "right" if to > lane else "left"
    first, span = min(lane, to) + 1, abs(lane - to) + 1
    return element("div", said, class_=f"arrow {way} f{first} s{span}")


def _graph(lane: int | None, to: int | None, lanes: Lanes) -> Markup:
    """A row of narrow lanes."""
    parts: list[Child] = []
    if lane is not None:
        x = LANE * lane + LANE // 2
        if to is not None and to != lane:
            end = LANE * to + LANE // 2
            parts.append(element("line", x1=x, y1="50%", x2=end, y2="50%"))
            head = "M0 0l-6 -4v8z" if end > x else "M0 0l6 -4v8z"
            parts.append(element("svg", element("path", d=head), x=end, y="50%"))
        parts.append(element("circle", cx=x, cy="50%", r=4 if to is None else 2))
    return element("svg", *parts, width=LANE * len(lanes.nodes), aria_hidden="true")


def _said(row: _Row) -> Markup:
    entry = row.first
    if entry.kind in _OUTPUT:
        return element("pre", "\n".join(map(_line, row.entries)))
    text = cut(" ".join(entry.text.split()), TEXT)
    if entry.kind is Kind.STEP:
        return together(_step(each, after=number > 0) for number, each in enumerate(row.entries))
    word = None if entry.verdict is None else verdict(entry.verdict)
    if entry.lost:
        word = element("em", "lost", class_="error")
    return element("span", word, " " if word else "", text)


def _step(entry: Entry, *, after: bool) -> Markup:
    """Its beginning, or its end, which may stand `after` that in one row."""
    text = cut(" ".join(entry.text.split()), TEXT)
    if entry.verdict is None:
        return element("span", f"step {entry.step}: {text}")
    well = entry.verdict is Verdict.PASS
    word = element("em", "ok", class_="pass") if well else verdict(entry.verdict)
    name = "" if after else f"step {entry.step} "
    return element("span", name, word, "" if well else f" {text}")


def verdict(found: Verdict) -> Markup:
    """Its word, coloured."""
    return element("em", found.name, class_=found.name.lower())


def _line(entry: Entry) -> str:
    more = f"... ({entry.size} bytes)" if entry.size > len(entry.data) else ""
    return cut(shown(entry.data), TEXT) + more
