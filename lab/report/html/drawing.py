"""The topology of a case, drawn: each network a frame around the nodes on it, the nodes that are
on several beside them.

Law: pure; what does not fit is cut, and stands whole in the title that a pointer or a screen
reader finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from lab.report.columns import cut
from lab.report.html.markup import Markup, element, together
from lab.report.words import state
from lab.result import NetworkResult, NodeResult, ScenarioResult
from lab.story.telling import command

FEW = 6  # nodes of a network that are drawn large
GAP, PAD, HEAD, LINE = 14, 14, 26, 15
CHANNEL = 26  # between networks and the nodes on several, and more for each wire
LARGE, SMALL = 232.0, 130.0  # widths of a node
_SMALL = 6.1  # width of a character of the small type
_LARGE = 7.6


class Box(Struct, frozen=True):
    """A node's place."""

    node: NodeResult
    x: float
    y: float
    width: float
    height: float


class Frame(Struct, frozen=True):
    """A network's place, and the nodes in it."""

    network: NetworkResult
    y: float
    width: float
    height: float
    boxes: tuple[Box, ...]


def drawing(result: ScenarioResult) -> Markup | None:
    """The picture; None where no node was made."""
    if not result.nodes:
        return None
    known = {(net.name,) for net in result.networks}
    several = [n for n in result.nodes if tuple(k.network for k in n.links) not in known]
    width = _width(result, 700.0 if several else 760.0)
    frames = list(_frames(result, width))
    wires = sum(len(node.links) for node in several)
    beside = list(_beside(several, frames, width + CHANNEL + 8 * wires)) if several else []
    ends = [frame.y + frame.height for frame in frames]
    bottom = max([*ends, *(box.y + box.height for box in beside)])
    right = max([width, *(box.x + box.width for box in beside)]) + 2
    parts = [
        *(_frame(frame) for frame in frames),
        *_wires(beside, frames, width),
        *(_box(box) for box in beside),
    ]
    return element(
        "svg",
        *parts,
        viewBox=f"-1 -1 {right:g} {bottom + 2:g}",
        width=right,
        height=bottom + 2,
        role="img",
        class_="topology",
        aria_label=_said(result),
    )


def _width(result: ScenarioResult, most: float) -> float:
    """Of the frames: no more than their nodes need."""
    inside = [n.links[0].network for n in result.nodes if len(n.links) == 1]
    crowd = max((inside.count(net.name) for net in result.networks), default=0)
    return min(most, 2 * PAD + max(crowd, 1) * (LARGE + GAP) - GAP) if crowd <= FEW else most


def _said(result: ScenarioResult) -> str:
    nets = [
        f"{net.name} ({net.family}): "
        + ", ".join(
            n.node for n in result.nodes if any(link.network == net.name for link in n.links)
        )
        for net in result.networks
    ]
    return "; ".join(nets) or ", ".join(node.node for node in result.nodes)


# -- places ----------------------------------------------------------------------------------


def _frames(result: ScenarioResult, width: float) -> Iterator[Frame]:
    y = 0.0
    for network in result.networks:
        inside = [n for n in result.nodes if [k.network for k in n.links] == [network.name]]
        boxes = tuple(_grid(inside, y + HEAD + PAD, width))
        end = max((box.y + box.height for box in boxes), default=y + HEAD)
        yield Frame(network, y, width, end + PAD - y, boxes)
        y = end + PAD + GAP


def _grid(nodes: Sequence[NodeResult], top: float, width: float) -> Iterator[Box]:
    large = len(nodes) <= FEW
    room = width - 2 * PAD + GAP
    columns = max(int(room / ((LARGE if large else SMALL) + GAP)), 1)
    wide = LARGE if large else room / columns - GAP
    tall = max((_height(node, large=large) for node in nodes), default=0)
    for place, node in enumerate(nodes):
        row, column = divmod(place, columns)
        yield Box(node, PAD + column * (wide + GAP), top + row * (tall + GAP + 4), wide, tall)


def _height(node: NodeResult, *, large: bool) -> float:
    return 14 + LINE * (1 + len(node.addresses) + (len(_stands(node)) if large else 0))


def _beside(nodes: Sequence[NodeResult], frames: Sequence[Frame], x: float) -> Iterator[Box]:
    tall = sum(_height(node, large=True) + GAP for node in nodes) - GAP
    y = max((frames[-1].y + frames[-1].height - tall) / 2, 0.0) if frames else 0.0
    for node in nodes:
        height = _height(node, large=True)
        yield Box(node, x, y, 200, height)
        y += height + GAP


# -- and what stands there -------------------------------------------------------------------


def _frame(frame: Frame) -> Markup:
    net = frame.network
    title = together(
        [
            element("tspan", net.name, class_="name"),
            f"  {net.family}" + "".join(f", {subnet}" for subnet in net.subnets),
        ]
    )
    large = len(frame.boxes) <= FEW
    return element(
        "g",
        element("rect", x=0, y=frame.y, width=frame.width, height=frame.height, rx=8, class_="net"),
        element("text", title, x=PAD, y=frame.y + 19, class_="small"),
        *_comb(frame),
        *(_box(box, large=large) for box in frame.boxes),
    )


def _comb(frame: Frame) -> Iterator[Markup]:
    """The wire that nodes of a network hang on: a line over each row, joined at the left."""
    rows = sorted({box.y for box in frame.boxes})
    path = []
    for y in rows:
        ends = [box.x + box.width / 2 for box in frame.boxes if box.y == y]
        path.append(f"M{PAD / 2:g} {y - 8:g}H{max(ends):g}")
        path += [f"M{x:g} {y - 8:g}V{y:g}" for x in ends]
    if len(rows) > 1:
        path.append(f"M{PAD / 2:g} {rows[0] - 8:g}V{rows[-1] - 8:g}")
    if path:
        yield element("path", d="".join(path), class_="wire")


def _box(box: Box, *, large: bool = True) -> Markup:
    node = box.node
    lines = [*node.addresses]
    if large:
        lines += _stands(node)
    room = int((box.width - 16) / _SMALL)
    texts = [
        element("text", cut(line, room), x=box.x + 8, y=box.y + 17 + LINE * number, class_="small")
        for number, line in enumerate(lines, 1)
    ]
    whole = [node.node, *node.addresses, *_stands(node)]
    role = "router" if node.forwards else "node"
    name = cut(node.node, int((box.width - 16) / _LARGE))
    return element(
        "g",
        element("title", "\n".join(whole)),
        element("rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=5, class_=role),
        element("text", name, x=box.x + 8, y=box.y + 17, class_="name"),
        *texts,
    )


def _stands(node: NodeResult) -> list[str]:
    if node.program.argv:
        return [command(node.program.argv), state(node.program)]
    return ["passes packets on"] if node.forwards else ["no program of its own"]


def _wires(beside: Sequence[Box], frames: Sequence[Frame], right: float) -> Iterator[Markup]:
    """From each node on several networks to each of these, every wire in a track of its own."""
    places = {frame.network.name: frame for frame in frames}
    ends = [
        (box, place, link.network) for box in beside for place, link in enumerate(box.node.links)
    ]
    used: dict[str, int] = {}
    for track, (box, place, network) in enumerate(ends):
        frame = places.get(network)
        if frame is None:
            continue
        used[network] = used.get(network, 0) + 1
        y = min(frame.y + HEAD + 10.0 * used[network], frame.y + frame.height - 4)
        start = box.y + (place + 1) * box.height / (len(box.node.links) + 1)
        x = right + CHANNEL / 2 + 8 * track
        yield element("path", d=f"M{box.x:g} {start:g}H{x:g}V{y:g}H{right:g}", class_="wire")
        yield element("circle", cx=right, cy=y, r=3, class_="end")
