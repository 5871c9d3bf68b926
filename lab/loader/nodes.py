"""Nodes as written into Nodes: what runs on each, where it listens, how many there are."""

from __future__ import annotations

from collections.abc import Iterator

from lab.kinds.expectations.listening import ListeningExpectation
from lab.kinds.names import LONGEST_LABEL
from lab.loader.fields import (
    ARGS,
    COUNT,
    CPUS,
    ENV,
    IMAGE,
    LIMITS,
    MEMORY,
    NODE_ENDS,
    NODE_MAP,
    PIDS,
    READY,
    ROLE,
    SERVICE,
)
from lab.loader.links import NETWORKS
from lab.loader.names import members_of
from lab.loader.shares import mounts_of
from lab.loader.supply import Supply
from lab.model import Attachment, Endpoint, Limits, Mount, Node, Program
from lab.ports import Expectation
from lab.service import ServiceSpec, WrongUsageError
from lab.source import Problems, Span
from lab.source.excerpt import quote
from lab.source.located import Scalar
from lab.source.shapes import Read
from lab.source.template import Template


def nodes_of(found: Read, supply: Supply, problems: Problems) -> tuple[Node, ...]:
    """All nodes, groups counted out, in the order written."""
    nodes: list[Node] = []
    taken: dict[str, Span] = {}
    for key, name, written in found[NODE_MAP]:
        template = _node(key, name, written, supply, problems)
        for member in members_of(name, written.find(COUNT)):
            if member in taken:
                what = f"{quote(member)} is a node already, by line {taken[member].line}"
                problems.add(key.span, what, "give one of them another name")
            elif len(member) > LONGEST_LABEL:
                what = f"{quote(member)} is longer than {LONGEST_LABEL} characters"
                problems.add(key.span, what, "give the node a shorter name")
            if member not in taken:
                taken[member] = key.span
                nodes.append(template(member))
    return tuple(nodes)


class _Written:
    """A node as written; called with a member's name, the node itself."""

    def __init__(self, group: str, span: Span) -> None:
        self.group = group
        self.span = span
        self.program = Program(None, None, ())
        self.attachments: tuple[Attachment, ...] = ()
        self.ends = True
        self.service: str | None = None
        self.listens: tuple[Endpoint, ...] = ()
        self.ready: tuple[Expectation, ...] = ()
        self.limits = Limits()
        self.forwards = False
        self.mounts: tuple[Mount, ...] = ()

    def __call__(self, name: str) -> Node:
        return Node(
            name=name,
            group=self.group,
            program=self.program,
            attachments=self.attachments,
            ends=self.ends,
            span=self.span,
            service=self.service,
            listens=self.listens,
            ready=self.ready,
            limits=self.limits,
            forwards=self.forwards,
            mounts=self.mounts,
        )


def _node(
    key: Scalar,
    name: str,
    written: Read,
    supply: Supply,
    problems: Problems,
) -> _Written:
    node = _Written(name, key.span)
    node.attachments = tuple(_attachments(written, problems))
    node.limits = _limits(written)
    node.forwards = written.get(ROLE, False)
    node.mounts = tuple(mounts_of(written, problems))
    spec = _spec(written, supply)
    if spec is not None:
        node.service = spec.name
        node.listens = _listens(spec, written, key, problems)
    node.program = _program(spec, written, supply, problems)
    node.ends = written.get(NODE_ENDS, spec.ends if spec else True)
    node.ready = written.get(READY, _bound(node.listens, key.span))
    return node


def _bound(endpoints: tuple[Endpoint, ...], span: Span) -> tuple[Expectation, ...]:
    return (ListeningExpectation(span, endpoints),) if endpoints else ()


def _spec(written: Read, supply: Supply) -> ServiceSpec | None:
    if SERVICE not in written:
        return None
    name = written.located(SERVICE)
    return supply.catalog.find(name.text) if isinstance(name, Scalar) else None


def _program(
    spec: ServiceSpec | None, written: Read, supply: Supply, problems: Problems
) -> Program:
    args: tuple[Template, ...] | None = written.find(ARGS)
    env = tuple((name, value) for _, name, value in written.get(ENV, ()))
    image = supply.use.get(spec.name) if spec else None
    image = image or written.find(IMAGE)
    if image is not None:
        return Program(image, None, args, env)
    if spec is not None:
        return Program(None, spec.command, args or (), env)
    if args is not None:
        what = "these arguments are for no program"
        problems.add(written.key(ARGS).span, what, "say which: service: NAME or image: NAME")
    return Program(None, None, (), env)


def _listens(
    spec: ServiceSpec, written: Read, key: Scalar, problems: Problems
) -> tuple[Endpoint, ...]:
    args = written.get(ARGS, ())
    try:
        return spec.listens([arg.text for arg in args])
    except WrongUsageError as wrong:
        span = written.key(ARGS).span if ARGS in written else key.span
        if wrong.index is not None:
            span = args[wrong.index].span or span
        problems.add(span, str(wrong), f"it is called so: {spec.usage}")
        return ()


def _attachments(written: Read, problems: Problems) -> Iterator[Attachment]:
    seen: set[str] = set()
    for link in written.get(NETWORKS, ()):
        if link.network in seen:
            what = f"it is on {quote(link.network)} twice"
            problems.add(link.span, what, "a node has one place on a network: keep one")
        seen.add(link.network)
        yield Attachment(link.network, link.span, tuple(word.text for word in link.addresses))


def _limits(written: Read) -> Limits:
    if LIMITS not in written:
        return Limits()
    said = written[LIMITS]
    default = Limits()
    return Limits(said.get(MEMORY, default.memory), said.get(PIDS, default.pids), said.find(CPUS))
