"""A scenario drawn as text: its networks, the nodes on them, what runs, steps, expectations.

Law: pure; everything shown is what was written or what the loader made of it, nothing of an
engine.
"""

from collections.abc import Iterator, Sequence

from lab.model import Attachment, Node, Scenario, Template, Topology
from lab.quantities import format_size
from lab.report.columns import cut, padded, width
from lab.report.escapes import harmless
from lab.report.paint import Paint, Style
from lab.report.words import duration


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
    names = max((width(node.name) for node in drawn.nodes), default=0)
    for network in drawn.networks:
        outside = "" if network.internal else ", with a way out"
        subnets = "".join(f", {subnet}" for subnet in network.subnets)
        said = f"{network.family.value}{subnets}{outside}"
        lines.append(f"  {paint(network.name, Style.STRONG)} ({said})")
        on = [(node, link) for node in drawn.nodes for link in _links(node, network.name)]
        for place, (node, link) in enumerate(on, 1):
            lines.append(f"    {_wire(place, on)} {_node(node, link, names, columns - 8, paint)}")
    alone = [node for node in drawn.nodes if not node.attachments]
    if alone:
        lines.append(f"  {paint('(no network)', Style.QUIET)}")
    lines += [f"        {_node(node, None, names, columns - 8, paint)}" for node in alone]
    return lines


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
    return [
        f"  {number}. {harmless(step.title)}  (within {duration(step.within)}, line "
        f"{step.span.line})"
        for number, step in enumerate(case.steps, 1)
    ]


def _expectations(case: Scenario) -> list[str]:
    """A line for each node: what is looked at, and which line asks for it."""
    asked: dict[str, list[str]] = {}
    for each in case.expectations:
        said = f"{each.expectation.kind} (line {each.expectation.span.line})"
        asked.setdefault(harmless(each.node), []).append(said)
    names = max(map(width, asked), default=0)
    return [f"  {padded(node, names)}  {', '.join(said)}" for node, said in asked.items()]
