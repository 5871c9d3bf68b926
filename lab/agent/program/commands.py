"""What the agent does when asked: one method for each word.

Law: takes a request apart, and every part of it is checked; the work is done elsewhere.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from . import bridges, routes
from .bpf import LINKS, STRAYS
from .capture import Budget, Capture
from .captures import Captures
from .features import TRIALS, features
from .holder import Holder
from .idle import idle
from .namespaces import inside
from .netlink import ROUTE, Netlink
from .node import FACTS, Node
from .refusal import FAILED, GONE, UNKNOWN, Refusal
from .spare import spare
from .subnets import Subnet
from .tracing import Trace, tracer
from .watches import Watches

Request = dict[str, object]

LIMIT = 64 * 1024 * 1024  # bytes of packets that captures with one budget keep
_PART = 1024 * 1024  # bytes of packets in one answer
_PROGRAMS = {"links": LINKS, "strays": STRAYS}


class Commands:
    """The adopted nodes, and what can be asked of them."""

    def __init__(self, watches: Watches, captures: Captures) -> None:
        self._nodes: dict[str, Node] = {}
        self._watches = watches
        self._strace = ""
        self._captures = captures
        self._budgets: dict[str, tuple[Budget, set[str]]] = {}  # and the nodes that share it
        self._words: dict[str, Callable[[Request], object]] = {
            "adopt": self._adopt,
            "flush": self._flush,
            "name": self._name,
            "route": self._route,
            "look": self._look,
            "watch": self._watch,
            "unwatch": self._unwatch,
            "idle": self._idle,
            "tracer": self._tracer,
            "trace": self._trace,
            "traced": self._traced,
            "capture": self._capture,
            "packets": self._packets,
            "forget": self._forget,
            "plug": self._plug,
            "renumber": self._renumber,
            "impair": self._impair,
            "impaired": self._impaired,
            "isolate": _isolate,
            "routes": _routes,
            "features": _features,
            "spare": _spare,
        }

    def perform(self, request: Request) -> object:
        """Do it; what is to be answered. Raises Refusal."""
        word = text(request, "do")
        if word not in self._words:
            raise Refusal(UNKNOWN, f"the agent does not know {word!r}")
        try:
            return self._words[word](request)
        except OSError as error:
            raise Refusal(FAILED, f"{word}: {error}") from error

    def _adopt(self, request: Request) -> None:
        node = Node(number(request, "pid"), text(request, "container"))
        self._forget(request)
        self._nodes[text(request, "key")] = node

    def _flush(self, request: Request) -> None:
        self._node(request).flush(texts(request, "subnets"))

    def _name(self, request: Request) -> None:
        self._node(request).name(text(request, "hostname"))

    def _route(self, request: Request) -> None:
        ways = zip(texts(request, "destinations"), texts(request, "gateways"), strict=True)
        self._node(request).route(list(ways), only=request.get("only") is True)

    def _look(self, request: Request) -> object:
        return self._node(request).look(_facts(request))

    def _watch(self, request: Request) -> None:
        self._watches.add(text(request, "key"), self._node(request), _facts(request))

    def _unwatch(self, request: Request) -> None:
        self._watches.remove(text(request, "key"))

    def _idle(self, request: Request) -> bool:
        return idle([self._find(key) for key in texts(request, "keys")])

    def _tracer(self, request: Request) -> None:  # noqa: ARG002 - it says no more than its word
        self._strace = self._strace or tracer()

    def _trace(self, request: Request) -> int:
        self._tracer(request)
        return self._node(request).trace(self._strace, number(request, "pid"))

    def _traced(self, request: Request) -> object:
        traces, wanted = self._node(request).traces, number(request, "trace", least=0)
        if wanted >= len(traces):
            raise Refusal(UNKNOWN, f"there is no trace {wanted} of this node")
        return traces[wanted].read(number(request, "offset", least=0))

    @property
    def traces(self) -> dict[int, Trace]:
        """Those whose tracers still run, by the descriptors on which these may say something."""
        traces = (trace for node in self._nodes.values() for trace in node.traces)
        return {trace.messages: trace for trace in traces if trace.size()[1]}

    def _forget(self, request: Request) -> None:
        self._unwatch(request)
        key = text(request, "key")
        node = self._nodes.pop(key, None)
        if node is None:
            return
        if node.captured is not None:
            self._captures.remove(node.captured)
        for name, (_, sharing) in tuple(self._budgets.items()):
            sharing.discard(key)
            if not sharing:
                del self._budgets[name]
        node.close()

    def _capture(self, request: Request) -> None:
        """Networks are told as `name subnet subnet ...`, each a text."""
        node, what = self._node(request), text(request, "what")
        if what not in _PROGRAMS or node.captured is not None:
            raise Refusal(UNKNOWN, f"{what!r} is nothing to capture, or it is captured already")
        named = (line.split() for line in texts(request, "networks"))
        networks = [(name, [Subnet(each) for each in subnets]) for name, *subnets in named]
        budget, sharing = self._budgets.setdefault(text(request, "budget"), (Budget(LIMIT), set()))
        sharing.add(text(request, "key"))
        self._captures.add(node.capture(_PROGRAMS[what], networks, budget))

    def _packets(self, request: Request) -> dict[str, object]:
        """A part of what was captured and not told yet, up to now."""
        captured: Capture | None = self._node(request).captured
        if captured is None:
            raise Refusal(UNKNOWN, "nothing is captured on that node")
        captured.drain()
        return {**captured.take(_PART), **captured.state()}

    def _plug(self, request: Request) -> None:
        node = self._node(request)
        with _engines_network(request) as namespace, node.wired() as wiring:
            wiring.plug(text(request, "address"), namespace, on=request.get("on") is True)

    def _renumber(self, request: Request) -> None:
        with self._node(request).wired() as wiring:
            wiring.renumber(text(request, "address"), texts(request, "new"))

    def _impair(self, request: Request) -> None:
        impairments = request.get("impairments")
        if not isinstance(impairments, dict):
            raise Refusal(UNKNOWN, "'impairments' of a request must be an object")
        with self._node(request).wired() as wiring:
            wiring.impair(impairments, kernel=request.get("kernel") is not False)

    def _impaired(self, request: Request) -> object:
        with self._node(request).wired() as wiring:
            return wiring.impaired()

    def _node(self, request: Request) -> Node:
        return self._find(text(request, "key"))

    def _find(self, key: str) -> Node:
        if key not in self._nodes:
            raise Refusal(UNKNOWN, f"no node {key!r} was adopted")
        return self._nodes[key]


@contextmanager
def _engines_network(request: Request) -> Iterator[int]:
    """The network namespace of the process that is named, or the agent's own where none is."""
    if request.get("pid") is None:
        namespace = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    else:
        try:
            holder = Holder(number(request, "pid"))
        except Refusal as refusal:
            raise Refusal(GONE, refusal.what) from refusal
        try:
            namespace = holder.open("ns/net")
        finally:
            holder.close()
    try:
        yield namespace
    finally:
        os.close(namespace)


@contextmanager
def _beside_engine(request: Request) -> Iterator[Netlink]:
    with _engines_network(request) as namespace, inside(namespace), closing(Netlink(ROUTE)) as one:
        yield one


def _routes(request: Request) -> list[str]:
    with _beside_engine(request) as netlink:
        return routes.destinations(netlink)


def _isolate(request: Request) -> None:
    subnets = [Subnet(each) for each in texts(request, "subnets")]
    with _beside_engine(request) as netlink:
        bridges.isolate(netlink, text(request, "bridge"), subnets)


def _features(request: Request) -> list[str]:
    words = texts(request, "words")
    for word in words:
        if word not in TRIALS:
            raise Refusal(UNKNOWN, f"{word!r} is nothing the agent can try")
    return features(words)


def _spare(request: Request) -> dict[str, int]:
    return dict(spare(None if request.get("pid") is None else number(request, "pid")))


def _facts(request: Request) -> list[str]:
    facts = texts(request, "facts")
    for fact in facts:
        if fact not in FACTS:
            raise Refusal(UNKNOWN, f"{fact!r} is no fact the agent can look up")
    return facts


def text(request: Request, name: str) -> str:
    """A member that must be a string."""
    value = request.get(name)
    if not isinstance(value, str):
        raise Refusal(UNKNOWN, f"{name!r} of a request must be a string")
    return value


def texts(request: Request, name: str) -> list[str]:
    """A member that must be a list of strings."""
    value = request.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Refusal(UNKNOWN, f"{name!r} of a request must be a list of strings")
    return value


def number(request: Request, name: str, least: int = 1) -> int:
    """A member that must be a number of at least so much."""
    value = request.get(name)
    if not isinstance(value, int) or value < least:
        raise Refusal(UNKNOWN, f"{name!r} of a request must be a number of at least {least}")
    return value
