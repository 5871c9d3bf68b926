"""A scenario drawn as text: its networks, the nodes on them, what runs, steps, expectations.

Law: pure; everything shown is what was written or what the loader made of it, nothing of an
engine.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from msgspec.structs import replace

from lab.model import Attachment, Node, Scenario, Template, Topology
from lab.quantities import format_size
from lab.report.columns import cut, padded, width
from lab.report.escapes import harmless
from lab.report.paint import Paint, Style
from lab.report.words import duration

GROUP = 8  # members of a group that are drawn one by one


def scenario(case: Scenario, columns: int, paint: Paint) -> list[str]:
    """Everything a reader of the scenario wants to see at a glance."""
    head = paint(harmless(case.name), Style.STRONG)
    tags = f"  tags: {', '.join(case.tags)}" if case.tags else ""
    needs = f"  requires: {', '.join(case.requires)}" if case.requires else ""
    return [
        head,
        f"  {harmless(case.intent)}",
        paint(f"  {case.path}{tags}{needs}  timeout: {duration(case.timeout)}", Style.QUIET),
        "",
        paint("networks", Style.QUIET),
        *networks(case.topology, columns, paint),
        *_titled("shared directories", shares(case.topology, paint), paint),
        *_titled("steps", _steps(case), paint),
        *_titled("expected at the end", _expectations(case), paint),
    ]


def _titled(title: str, lines: Sequence[str], paint: Paint) -> list[str]:
    return ["", paint(title, Style.QUIET), *lines] if lines else []


def topology(drawn: Topology, columns: int, paint: Paint) -> list[str]:
    """What nodes have in common: networks, and directories."""
    return [*networks(drawn, columns, paint), *shares(drawn, paint)]


def shares(drawn: Topology, paint: Paint) -> list[str]:
    """Each shared directory with the nodes that have it, and where."""
    lines: list[str] = []
    names = max((width(node.name) for node in drawn.nodes), default=0)
    for share in drawn.shares:
        lines.append(f"  {paint(share.name, Style.STRONG)} ({format_size(share.size)})")
        having = drawn.sharing(share.name)
        for place, (node, mount) in enumerate(having, 1):
            front = paint(padded(node.name, names), Style.STRONG)
            lines.append(f"    {_wire(place, having)} {front}  {mount.path}")
    return lines


def _wire(place: int, all_of_them: Sequence[object]) -> str:
    """What joins the item at that place, from 1, to what it hangs on."""
    return "`--" if place == len(all_of_them) else "|--"


def networks(drawn: Topology, columns: int, paint: Paint) -> list[str]:
    """Each network as a wire with the nodes that hang on it; a node on two hangs on both."""
    lines: list[str] = []
    few = _few(drawn.nodes)
    names = max((width(node.name) for node in few), default=0)
    for network in drawn.networks:
        outside = "" if network.internal else ", with a way out"
        subnets = "".join(f", {subnet}" for subnet in network.subnets)
        said = f"{network.family.value}{subnets}{outside}"
        lines.append(f"  {paint(network.name, Style.STRONG)} ({said})")
        on = [(node, link) for node in few for link in _links(node, network.name)]
        for place, (node, link) in enumerate(on, 1):
            lines.append(f"    {_wire(place, on)} {_node(node, link, names, columns - 8, paint)}")
    alone = [node for node in few if not node.attachments]
    if alone:
        lines.append(f"  {paint('(no network)', Style.QUIET)}")
    lines += [f"        {_node(node, None, names, columns - 8, paint)}" for node in alone]
    return lines


def _few(nodes: Iterable[Node]) -> list[Node]:
    """Nodes to be drawn: a large group as one, since all that is written of it is the same."""
    found: list[Node] = []
    for _, members in groupby(nodes, key=lambda node: node.group):
        group = list(members)
        if len(group) > GROUP:
            group = [replace(group[0], name=_span(node.name for node in group))]
        found += group
    return found


def _span(names: Iterable[str]) -> str:
    """What stands for a large group: its first and its last."""
    first, *_, last = names
    return f"{first} to {last}"


def _links(node: Node, network: str) -> Iterator[Attachment]:
    return (link for link in node.attachments if link.network == network)


def _node(node: Node, link: Attachment | None, names: int, columns: int, paint: Paint) -> str:
    addresses = f" [{', '.join(link.addresses)}]" if link and link.addresses else ""
    ports = f"  listens on {', '.join(map(str, node.listens))}" if node.listens else ""
    others = [other.network for other in node.attachments if link and other != link]
    also = f"  also on {', '.join(others)}" if others else ""
    ends = "" if node.ends else "  stays"
    front = f"{padded(node.name, names)}{addresses}  "
    rest = cut(f"{_program(node)}{ports}{ends}{also}", max(columns - width(front), 30))
    return f"{paint(front, Style.STRONG)}{rest}"


def _program(node: Node) -> str:
    """What runs there, as one would type it."""
    program = node.program
    words = [node.service] if node.service else list(program.command or ())
    if not words:
        words = [f"image {program.image}" if program.image else "runs nothing by itself"]
    said = " ".join([*words, *map(_word, program.args or ())])
    return harmless(said.replace("\n", r"\n"))


def _word(argument: Template) -> str:
    text = argument.text
    return f'"{text}"' if not text or any(char.isspace() for char in text) else text


def _steps(case: Scenario) -> list[str]:
    lines: list[str] = []
    numbered = enumerate(case.steps, 1)
    for line, alike in groupby(numbered, key=lambda pair: pair[1].span.line):
        steps = list(alike)
        said = f"(within {duration(steps[0][1].within)}, line {line})"
        if len(steps) > GROUP:  # of a large group, one after another
            (first, begins), (last, ends) = steps[0], steps[-1]
            titles = f"{harmless(begins.title)} ... {harmless(ends.title)}"
            lines.append(f"  {first}. to {last}. {titles}  {said}")
        else:
            lines += [f"  {number}. {harmless(step.title)}  {said}" for number, step in steps]
    return lines


def _expectations(case: Scenario) -> list[str]:
    """A line for each node: what is looked at, and which line asks for it."""
    asked: dict[str, list[str]] = {}
    for each in case.expectations:
        said = f"{each.expectation.kind} (line {each.expectation.span.line})"
        asked.setdefault(each.node, []).append(said)
    groups = {node.name: node.group for node in case.topology.nodes}
    found: list[tuple[str, str]] = []
    for (_, said), members in groupby(
        asked, key=lambda name: (groups.get(name, name), ", ".join(asked[name]))
    ):
        alike = list(members)
        names = [_span(alike)] if len(alike) > GROUP else alike
        found += [(harmless(name), said) for name in names]
    size = max((width(name) for name, _ in found), default=0)
    return [f"  {padded(name, size)}  {said}" for name, said in found]
