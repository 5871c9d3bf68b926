"""The Engine port over the Docker API.

Law: every call is bounded in time and any number of threads may call at once; what goes wrong
is an EngineError (or SubnetTakenError), never an exception of the layers below.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Protocol

import requests
from docker import APIClient
from docker.errors import APIError

from lab.engine import deaths, following, leftovers, networks, payloads
from lab.engine.address import packed
from lab.engine.capacity import capacity
from lab.engine.clients import Clients
from lab.engine.connect import ANSWER_LIMIT, Connection
from lab.engine.errors import ESCAPING, explained, explanation, status, translated
from lab.engine.output import recorded
from lab.engine.stock import OWN_SERVICES, Stock
from lab.engine.streams import own
from lab.engine.turns import Turns
from lab.image.recipe import Recipe
from lab.ports import (
    Abilities,
    Capacity,
    Image,
    Leftover,
    LinkSpec,
    NetworkSpec,
    NodeSpec,
    ShareSpec,
    Started,
    SubnetTakenError,
)

_START_TRIES: Final = 3
_DEATH_LIMIT: Final = 2  # seconds

# Known to pass: libnetwork races with itself when several nodes start on new IPv6 networks.
_PASSING = re.compile(r"failed to set IPv6 gateway|file exists", re.IGNORECASE)
_STREAMS: Final = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}


class Listener(Protocol):
    """Told of names from any thread; raises nothing."""

    def __call__(self, name: str, *, answered: bool) -> None:
        """The engine is about to be asked to make it, or has answered."""
        ...


def _deaf(name: str, *, answered: bool) -> None:
    """Nobody cleans up after this process."""


class DockerEngine:
    """Docker Engine 20.10 or newer; see lab.ports.Engine. Made by lab.engine.open_engine()."""

    def __init__(
        self,
        connection: Connection,
        *,
        services: Path = OWN_SERVICES,
        recipe: Recipe | None = None,
        report: Callable[[str], None] | None = None,
    ) -> None:
        self._clients = connection.clients
        self._abilities = connection.abilities
        self._report = report or (lambda _: None)
        self._stock = Stock(self._clients, services, self._report, recipe)
        self._unlinked: dict[str, tuple[LinkSpec, ...]] = {}
        self._turns = Turns(connection.abilities.api)
        self._networks: dict[str, tuple[str, ...]] = {}  # of each node
        self._listener: Listener = _deaf

    def glance(self) -> None:
        """Begin to look whether the lab's image is there; image() then knows at once."""
        self._stock.glance()

    @property
    def url(self) -> str:
        """Where it answers."""
        return self._clients.address.url

    @property
    def reach(self) -> str:
        """The same with all that it takes to speak to it: for lab.engine.reopen()."""
        return packed(self._clients.address)

    def tell(self, listener: Listener) -> None:
        """From now on tell of every name before it is asked for, and once that is answered."""
        self._listener = listener

    @property
    def clients(self) -> Clients:
        """For the rest of this package."""
        return self._clients

    def abilities(self) -> Abilities:
        """What this engine is; found out when it was opened."""
        return self._abilities

    def capacity(self) -> Capacity:
        """See lab.ports.Engine."""
        with translated("ask what the engine's machine has"):
            return capacity(self._mine.info())

    def answers(self) -> bool:
        """See lab.ports.Engine."""
        with self._clients.patient(ANSWER_LIMIT) as client, suppress(*ESCAPING):
            return bool(client.ping())
        return False

    def image(self, reference: str | None) -> Image:
        """See lab.ports.Engine. What is missing is built or pulled, and reported."""
        return self._stock.image(reference)

    def create_network(self, spec: NetworkSpec) -> str:
        """See lab.ports.Engine."""
        with translated(f"create network {spec.name}"), self._told(spec.name) as client:
            return networks.create(client, spec, self._abilities)

    def create_share(self, spec: ShareSpec) -> None:
        """See lab.ports.Engine. It is a named volume."""
        with translated(f"create share {spec.name}"), self._told(spec.name) as client:
            client.create_volume(**payloads.share(spec))

    def create_node(self, spec: NodeSpec) -> None:
        """See lab.ports.Engine."""
        with translated(f"create node {spec.name}"):
            self._create(spec.name, payloads.node(spec, self._abilities))
        self._unlinked[spec.name] = payloads.later_links(spec, self._abilities)
        self._networks[spec.name] = tuple(link.network for link in spec.links)

    def attach(self, node: str) -> socket.socket:
        """See lab.ports.Engine. What is read is multiplexed (lab.frames.EngineDecoder).

        A lasting node outlives the stream, but what was sent last and is not yet answered when
        the socket is closed may be lost: engine 28 drops it.
        """
        with translated(f"attach to {node}"):
            return own(self._mine.attach_socket(node, params=_STREAMS))

    def start(self, node: str) -> Started:
        """See lab.ports.Engine. What is known to pass is tried 3 times in all, and reported."""
        with translated(f"start {node}"), self._turns.taken(self._networks.get(node, ())):
            for link in self._unlinked.pop(node, ()):
                self._mine.connect_container_to_network(
                    node, link.network, ipv4_address=link.ipv4, ipv6_address=link.ipv6
                )
            self._start(node)
            found = self._mine.inspect_container(node)
            return Started(int(found["State"]["Pid"]), str(found["Id"]))

    def death(self, node: str) -> str:
        """See lab.ports.Engine."""
        try:
            return deaths.sentence(self._settled(node))
        except ESCAPING as error:
            if isinstance(error, APIError) and status(error) == 404:
                return "somebody removed it"
            raise explained(f"find out what happened to {node}", error) from error

    def remove_node(self, node: str) -> None:
        """See lab.ports.Engine."""
        self._unlinked.pop(node, None)
        at = self._networks.pop(node, ())
        with translated(f"remove node {node}"), self._turns.taken(at):
            leftovers.remove_container(self._mine, node)

    def remove_network(self, network: str) -> None:
        """See lab.ports.Engine. Waits at most 10 s for nodes that are just leaving it."""
        with translated(f"remove network {network}"):
            networks.remove(self._mine, network)
        self._turns.forget(network)

    def remove_share(self, share: str) -> None:
        """See lab.ports.Engine."""
        with translated(f"remove share {share}"):
            leftovers.remove_volume(self._mine, share)

    def find(self, labels: Mapping[str, str]) -> tuple[Leftover, ...]:
        """See lab.ports.Engine."""
        with translated("look for what is left"):
            return leftovers.find(self._mine, labels)

    def settle(self, leftover: Leftover) -> None:
        """See lab.ports.Engine."""
        with translated(f"look at {leftover.what} {leftover.name}"):
            leftovers.settle(self._mine, leftover)

    def remove(self, leftover: Leftover, *, wait: bool = True) -> None:
        """See lab.ports.Engine."""
        somewhere = ("",) if leftover.what == "container" else ()  # any network there may be
        with translated(f"remove {leftover.what} {leftover.name}"), self._turns.taken(somewhere):
            leftovers.remove(self._mine, leftover, wait=wait)

    def start_agent(self, image: str, name: str, labels: Mapping[str, str]) -> socket.socket:
        """See lab.ports.Engine."""
        with translated("start the agent"):
            self._create(name, payloads.agent(image, labels))
            try:
                stream = own(self._mine.attach_socket(name, params=_STREAMS))
                self._mine.start(name)
            except BaseException:
                leftovers.remove_container(self._mine, name)
                raise
            return stream

    def creations(self, seconds: float) -> Iterator[object]:
        """One item for each thing made since this call, and a last one after so many seconds.

        The seconds are counted from the first item that is asked for. Raises EngineError.
        """
        with translated("ask for the engine's time"):
            asked, since = time.monotonic(), following.now(self._mine)
        return self._creations(since, asked, seconds)

    def _creations(self, since: int, asked: float, seconds: float) -> Iterator[object]:
        until = since + int(time.monotonic() - asked + seconds) + 1
        with translated("listen for what is made"):
            yield from following.looks(self._mine, leftovers.MADE, since=since, until=until)

    def logs(self, node: str) -> bytes:
        """All that the holder of a lasting node has said (lab.frames.Decoder) up to now."""
        return b"".join(recorded(self, node, follow=False))

    def close(self) -> None:
        """See lab.ports.Engine."""
        self._clients.close()

    @property
    def _mine(self) -> APIClient:
        return self._clients.mine()

    def _settled(self, node: str) -> Mapping[str, Any]:
        """The state of a node; its stream ends a moment before the engine calls it ended."""
        state: Mapping[str, Any] = self._mine.inspect_container(node)["State"]
        if not state["Running"]:
            return state
        with suppress(requests.Timeout, requests.ConnectionError):  # docker-py has either
            self._mine.wait(node, timeout=_DEATH_LIMIT)
        settled: Mapping[str, Any] = self._mine.inspect_container(node)["State"]
        return settled

    def _create(self, name: str, body: payloads.Json) -> None:
        with self._told(name) as client:
            client.create_container_from_config(body, name)  # type: ignore[no-untyped-call]

    @contextmanager
    def _told(self, name: str) -> Iterator[APIClient]:
        """Around a request to make something. One that breaks off may be carried out yet."""
        client = self._mine
        self._listener(name, answered=False)
        try:
            yield client
        except (APIError, SubnetTakenError):
            self._listener(name, answered=True)
            raise
        self._listener(name, answered=True)

    def _start(self, node: str) -> None:
        for again in reversed(range(_START_TRIES)):
            try:
                self._mine.start(node)
            except APIError as error:
                if not again or not _PASSING.search(explanation(error)):
                    raise
                self._report(f"{node}: {explanation(error)}; trying again")
            else:
                return
