"""The engine's floor of a suite: the same containers, networks and shares by the barest calls.

Law: bodies of calls are the lab's; nothing is looked at, judged or recorded. All calls of a case
that need not wait for another are made at once. Its programs are begun together once every
container runs, then left alone for as long as they take, then all is removed. LEVEL cases are
under way at a time. Prints a JSON line on stderr: `whole`, in seconds.

usage: python -m tests.bench.suite_floor LEVEL SECONDS.json    (how long programs take, by case)
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from docker import APIClient

from lab import frames
from lab.engine import payloads
from lab.ports import Abilities, NodeSpec
from tests.bench import material
from tests.bench.material import Material

STREAMS = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
PER_CASE = 4  # threads that call the engine
Thing = TypeVar("Thing")


class Floor:
    """One engine, and a client for each thread."""

    def __init__(self, able: Abilities, level: int) -> None:
        self._able = able
        self._own = threading.local()
        self._pool = ThreadPoolExecutor(PER_CASE * level)

    def run(self, case: Material) -> None:
        """Make, start, leave alone and remove it."""
        networks = self._begin(self._make_network, case.networks)
        _end(self._begin(self._make_share, case.shares))
        _end((*self._begin(self._create, case.nodes), *networks))
        streams = _end(self._begin(self._start, case.nodes))
        for spec, stream in zip(case.nodes, streams, strict=True):
            if argv := case.programs[spec.name]:
                stream._sock.sendall(frames.begin(frames.NODE_PROGRAM, argv))
        time.sleep(case.seconds)
        _end(self._begin(self._remove, case.nodes))
        left = self._begin(lambda spec: self._mine.remove_network(spec.name), case.networks)
        _end((*left, *self._begin(lambda s: self._mine.remove_volume(s.name), case.shares)))

    def _begin(self, call: Callable[[Thing], Any], things: Iterable[Thing]) -> list[Future[Any]]:
        return [self._pool.submit(call, thing) for thing in things]

    @property
    def _mine(self) -> APIClient:
        if not hasattr(self._own, "client"):
            self._own.client = material.client(self._able.api)
        found: APIClient = self._own.client
        return found

    def _make_network(self, spec: Any) -> None:
        self._mine.create_network(**payloads.network(spec, self._able))

    def _make_share(self, spec: Any) -> None:
        self._mine.create_volume(**payloads.share(spec))

    def _create(self, spec: NodeSpec) -> None:
        body = payloads.node(spec, self._able)
        self._mine.create_container_from_config(body, spec.name)  # type: ignore[no-untyped-call]

    def _start(self, spec: NodeSpec) -> Any:
        stream = self._mine.attach_socket(spec.name, params=STREAMS)
        for link in payloads.later_links(spec, self._able):
            self._mine.connect_container_to_network(
                spec.name, link.network, ipv4_address=link.ipv4, ipv6_address=link.ipv6
            )
        self._mine.start(spec.name)
        return stream

    def _remove(self, spec: NodeSpec) -> None:
        self._mine.remove_container(spec.name, v=True, force=True)


def _end(calls: Iterable[Future[Any]]) -> list[Any]:
    return [call.result() for call in calls]


def main(level: int, seconds: dict[str, float]) -> None:
    """All cases that have a time, so many at once."""
    began = time.monotonic()
    able = material.abilities(material.client())
    found = [case for case in material.cases() if case.name in seconds]
    made = material.materials(found, able, seconds)
    made.sort(key=lambda case: -case.seconds)  # so that what runs at the end is short
    floor = Floor(able, level)
    with ThreadPoolExecutor(level) as pool:
        tuple(pool.map(floor.run, made))
    sys.stderr.write(json.dumps({"whole": time.monotonic() - began}) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()))
