"""That every `${...}` will stand for something, and for one thing only."""

from __future__ import annotations

from collections.abc import Iterable

from lab.model import Node, Topology
from lab.source.excerpt import quote
from lab.source.scope import Scope, did_you_mean

ADDRESSES = {"ip": (4, 6), "ipv4": (4,), "ipv6": (6,)}
PORT = "port"
_WORDS = [*ADDRESSES, PORT]

Fault = tuple[str, str]  # what, help


def check_references(scope: Scope, topology: Topology) -> None:
    """Note every reference that stands for nothing, or for several things."""
    faults: dict[str, Fault | None] = {}
    for template, scalar in scope.templates:
        for reference in template.references:
            if reference not in faults:
                faults[reference] = fault(reference, topology, scope.names.get("value", ()))
            if wrong := faults[reference]:
                written = f"${{{reference}}}"
                start = max(0, scalar.text.find(written))
                span = scalar.part_span(start, start + len(written))
                scope.problems.add(span, *wrong)


def fault(reference: str, topology: Topology, values: Iterable[str] = ()) -> Fault | None:
    """What is wrong with a reference; None when nothing is. `values` are names of a matrix."""
    name, *rest = reference.split(".")
    nodes = {node.name: node for node in topology.nodes}
    if name not in nodes:
        return _unknown(name, reference, topology, values)
    node = nodes[name]
    match rest:
        case ["port"]:
            return _port(node)
        case [word] if word in ADDRESSES:
            return _address(node, word, _places(node, topology))
        case [network, word] if word in ADDRESSES:
            places = [place for place in _places(node, topology) if place[0] == network]
            on = [link.network for link in node.attachments]
            if network not in on:
                what = f"{quote(name)} is on no network {quote(network)}"
                return what, did_you_mean(network, on, "it is on: ") or "it is on none"
            return _address(node, word, places)
    what = f"${{{reference}}} stands for nothing"
    last = rest[-1] if rest else ""
    near = did_you_mean(last, _WORDS) if last else ""
    return what, near or f"write ${{{name}.ip}}, .ipv4, .ipv6 or .port, or ${{{name}.NETWORK.ip}}"


def _unknown(name: str, reference: str, topology: Topology, values: Iterable[str]) -> Fault:
    members = [node.name for node in topology.nodes if node.group == name]
    if members:
        written = "${" + members[0] + reference[len(name) :] + "}"
        return f"{quote(name)} is {len(members)} nodes: say which", f"write {written}"
    what = f"${{{reference}}} stands for nothing: there is no node {quote(name)}"
    known = [*(node.name for node in topology.nodes), *values]
    return what, did_you_mean(name, known, "the nodes are: ")


def _places(node: Node, topology: Topology) -> list[tuple[str, int]]:
    """(network, IP version) of each address the node will have."""
    families = {network.name: network.family for network in topology.networks}
    return [
        (link.network, version)
        for link in node.attachments
        for version in families[link.network].versions
    ]


def _address(node: Node, word: str, places: list[tuple[str, int]]) -> Fault | None:
    found = [place for place in places if place[1] in ADDRESSES[word]]
    if len(found) == 1:
        return None
    if not found:
        what = f"{quote(node.name)} has no IPv{ADDRESSES[word][0]} address"
        if not places:
            return (
                f"{quote(node.name)} is on no network, so it has no address",
                "add networks: [...]",
            )
        other = 6 if places[0][1] == 6 else 4
        return what, f"it has one of IPv{other}: write ${{{node.name}.ipv{other}}}"
    networks = {network for network, _ in found}
    ways = [
        f"${{{node.name}.{network}.ipv{version}}}"
        if len(networks) > 1
        else f"${{{node.name}.ipv{version}}}"
        for network, version in found
    ]
    return f"{quote(node.name)} has {len(found)} such addresses", f"write {' or '.join(ways)}"


def _port(node: Node) -> Fault | None:
    ports = sorted({endpoint.port for endpoint in node.listens})
    if len(ports) == 1:
        return None
    if not ports:
        return f"{quote(node.name)} declares no port", "write the port's number"
    return (
        f"{quote(node.name)} declares {len(ports)} ports",
        f"write one: {', '.join(map(str, ports))}",
    )
