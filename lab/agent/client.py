"""The Agent of lab.ports, spoken in JSON lines to the program in lab/agent/program.

Law: says what is asked for and gives back what was answered; decides and caches nothing.
"""

import threading
from collections.abc import Callable, Mapping, Sequence

from lab.errors import EngineError
from lab.events import Capture, Fact
from lab.ports import Crossing, Fallen, Impaired, Networks, Route, Spare, Started, Traced

from .conversation import PATIENCE, Conversation
from .facts import records
from .failures import AgentDeadError

_FAREWELL = 5.0  # seconds for the agent to end by itself


def _nothing() -> str:
    return ""


class JsonAgent:
    """Over any byte stream: `read(n)` gives b"" at its end, `close()` ends the agent's input.

    `engine_pid` is the engine's process as the agent sees it; None: the agent itself is in the
    engine's network namespace. Every method may raise EngineError: NodeGoneError,
    NotHereError, AgentDeadError.
    """

    def __init__(
        self,
        read: Callable[[int], bytes],
        write: Callable[[bytes], object],
        close: Callable[[], None],
        *,
        last_words: Callable[[], str] = _nothing,
        engine_pid: int | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._close = close
        self._engine_pid = engine_pid
        self.kernel = True  # it may impair links where it can, see program/both_ways.py
        self._lock = threading.Lock()
        self._tells: dict[str, Callable[[], None]] = {}
        self._talk = Conversation(
            read, write, news=self._news, last_words=last_words, patience=patience
        )

    def locate_engine(self, pid: int | None) -> None:
        """Tell which process the engine is, where that was not known from the start."""
        self._engine_pid = pid

    def routes(self) -> tuple[str, ...]:
        """Destinations, as CIDR, of the engine host's own routes; default routes left out."""
        return tuple(self._talk.ask("routes", pid=self._engine_pid))

    def isolate(self, bridge: str, subnets: Sequence[str]) -> None:
        """Take the engine host's addresses, all within these subnets, from a network's bridge."""
        self._talk.ask("isolate", bridge=bridge, subnets=list(subnets), pid=self._engine_pid)

    def features(self, words: frozenset[str]) -> frozenset[str]:
        """Those of these (netem, nfqueue) that the kernel can do."""
        return frozenset(self._talk.ask("features", words=sorted(words)))

    def spare(self) -> Spare:
        """How much is left of what every node takes."""
        return Spare(**self._talk.ask("spare", pid=self._engine_pid))

    def adopt(self, key: str, started: Started) -> None:
        """Learn which processes a node is. Raises NotHereError: they are not to be seen here."""
        self._talk.ask("adopt", key=key, pid=started.pid, container=started.container)

    def name(self, key: str, hostname: str) -> None:
        """Give a node its host name."""
        self._talk.ask("name", key=key, hostname=hostname)

    def route(self, key: str, routes: Sequence[Route], *, only: bool) -> None:
        """Add routes; `only`: take the default routes away before."""
        self._talk.ask(
            "route",
            key=key,
            destinations=[route.destination for route in routes],
            gateways=[route.gateway for route in routes],
            only=only,
        )

    def plug(self, key: str, address: str, *, on: bool) -> None:
        """Plug or pull the cable of the interface that had an address first."""
        self._talk.ask("plug", key=key, address=address, on=on, pid=self._engine_pid)

    def renumber(self, key: str, address: str, new: Sequence[str]) -> None:
        """Give the interface that had an address first these (CIDR) in place of all it has."""
        self._talk.ask("renumber", key=key, address=address, new=list(new))

    def impair(self, key: str, impairments: Mapping[str, Impaired]) -> None:
        """Have these impairments of what the node sends, by their names, and no others."""
        said = {name: _impairment(each) for name, each in impairments.items()}
        self._talk.ask("impair", key=key, impairments=said, kernel=self.kernel)

    def impaired(self, key: str) -> Mapping[str, Fallen]:
        """For each impairment there ever was, what came of it."""
        found = self._talk.ask("impaired", key=key)
        if found["trouble"]:
            raise EngineError(found["trouble"], help="send less, or impair less of it: only: ...")
        by = found["by"]
        return {name: Fallen(counts, tuple(by[name])) for name, counts in found["counts"].items()}

    def flush(self, key: str, subnets: Sequence[str]) -> None:
        """Remove every address within these subnets (CIDR) from every interface but lo."""
        self._talk.ask("flush", key=key, subnets=list(subnets))

    def look(self, key: str, facts: frozenset[Fact]) -> Mapping[Fact, tuple[object, ...]]:
        """The facts as they are now; the holder is not among the processes."""
        return records(self._talk.ask("look", key=key, facts=_names(facts)))

    def watch(self, key: str, facts: frozenset[Fact], tell: Callable[[], None]) -> None:
        """Call `tell`, from the reader thread, whenever one of the facts changes from now on.

        It is also told, once, when the node ends. Watching a node again replaces its watch.
        """
        with self._lock:
            self._tells[key] = tell
        try:
            self._talk.ask("watch", key=key, facts=_names(facts))
        except BaseException:
            self._drop(key)
            raise

    def unwatch(self, key: str) -> None:
        """Stop watching; no error where there is no watch, or no agent, any more."""
        self._drop(key)
        self._ask_if_alive("unwatch", key=key)

    def idle(self, keys: Sequence[str]) -> bool:
        """Whether at one moment every thread of these nodes slept and no socket was busy.

        See program/idle.py; a node that has ended counts as idle.
        """
        return bool(self._talk.ask("idle", keys=list(keys)))

    def tracer(self) -> None:
        """Make sure that programs can be traced. Raises NoTracerError."""
        self._talk.ask("tracer")

    def trace(self, key: str, pid: int) -> int:
        """Trace a child of the holder's and all that it makes; the number of the trace."""
        return int(self._talk.ask("trace", key=key, pid=pid))

    def traced(self, key: str, trace: int, offset: int) -> Traced:
        """What follows the first `offset` bytes of a trace."""
        return Traced(**self._talk.ask("traced", key=key, trace=trace, offset=offset))

    def capture(self, key: str, what: Crossing, networks: Networks, *, budget: str) -> None:
        """Take down what crosses a node's links from now on, until it is forgotten."""
        lines = [" ".join((name, *subnets)) for name, subnets in networks.items()]
        self._talk.ask("capture", key=key, what=what.value, networks=lines, budget=budget)

    def packets(self, key: str, node: str) -> Capture:
        """What was captured and not told yet, as packets of that node, in the order of time."""
        from .captured import captured  # noqa: PLC0415 - few runs get here

        parts = [self._talk.ask("packets", key=key)]
        while parts[-1]["more"]:
            parts.append(self._talk.ask("packets", key=key))
        return captured(parts, node)

    def forget(self, key: str) -> None:
        """Drop a node; no error where it is not known, or the agent has ended."""
        self._drop(key)
        self._ask_if_alive("forget", key=key)

    def close(self) -> None:
        """End the agent; a second time is no error."""
        self._close()
        self._talk.join(_FAREWELL)

    def _ask_if_alive(self, word: str, **details: object) -> None:
        try:
            self._talk.ask(word, **details)
        except AgentDeadError:
            if not self._talk.over:
                raise

    def _news(self, key: str) -> None:
        with self._lock:
            tell = self._tells.get(key)
        if tell is not None:
            tell()

    def _drop(self, key: str) -> None:
        with self._lock:
            self._tells.pop(key, None)


def _impairment(each: Impaired) -> dict[str, object]:
    return {
        "seed": each.seed,
        "addresses": each.addresses,
        "to": each.to,
        "transport": each.transport or None,
        "port": each.port,
        "effects": dict(each.effects),
    }


def _names(facts: frozenset[Fact]) -> list[str]:
    return sorted(fact.value for fact in facts)
