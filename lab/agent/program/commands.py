"""What the agent does when asked: one method for each word.

Law: takes a request apart, and every part of it is checked; the work is done elsewhere.
"""

import os
from collections.abc import Callable

from . import routes
from .features import TRIALS, features
from .holder import Holder
from .idle import idle
from .namespaces import inside
from .netlink import ROUTE, Netlink
from .node import FACTS, Node
from .refusal import FAILED, GONE, UNKNOWN, Refusal
from .watches import Watches

Request = dict[str, object]


class Commands:
    """The adopted nodes, and what can be asked of them."""

    def __init__(self, watches: Watches) -> None:
        self._nodes: dict[str, Node] = {}
        self._watches = watches
        self._words: dict[str, Callable[[Request], object]] = {
            "adopt": self._adopt,
            "flush": self._flush,
            "name": self._name,
            "route": self._route,
            "look": self._look,
            "watch": self._watch,
            "unwatch": self._unwatch,
            "idle": self._idle,
            "forget": self._forget,
            "routes": self._routes,
            "features": _features,
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

    def _forget(self, request: Request) -> None:
        self._unwatch(request)
        node = self._nodes.pop(text(request, "key"), None)
        if node is not None:
            node.close()

    def _routes(self, request: Request) -> list[str]:
        """Of a process's network namespace, or of the agent's own where none is named."""
        if request.get("pid") is None:
            return _destinations()
        try:
            holder = Holder(number(request, "pid"))
        except Refusal as refusal:
            raise Refusal(GONE, refusal.what) from refusal
        try:
            namespace = holder.open("ns/net")
        finally:
            holder.close()
        try:
            with inside(namespace):
                return _destinations()
        finally:
            os.close(namespace)

    def _node(self, request: Request) -> Node:
        return self._find(text(request, "key"))

    def _find(self, key: str) -> Node:
        if key not in self._nodes:
            raise Refusal(UNKNOWN, f"no node {key!r} was adopted")
        return self._nodes[key]


def _destinations() -> list[str]:
    netlink = Netlink(ROUTE)
    try:
        return routes.destinations(netlink)
    finally:
        netlink.close()


def _features(request: Request) -> list[str]:
    words = texts(request, "words")
    for word in words:
        if word not in TRIALS:
            raise Refusal(UNKNOWN, f"{word!r} is nothing the agent can try")
    return features(words)


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


def number(request: Request, name: str) -> int:
    """A member that must be a number above 0."""
    value = request.get(name)
    if not isinstance(value, int) or value <= 0:
        raise Refusal(UNKNOWN, f"{name!r} of a request must be a number above 0")
    return value
