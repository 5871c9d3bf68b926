"""The engine's floor: the same two containers by the barest API calls.

Law: the bodies of the calls are the lab's, so the containers are the same; all else is as few
calls as there can be, as much side by side as the engine allows. Prints a JSON line on stderr,
in seconds: `verdict` from the first engine call to both exits seen, `whole` until all is removed.

usage: python -m tests.bench.floor IMAGE    (the engine is the one DOCKER_HOST names)
"""

from __future__ import annotations

import json
import secrets
import socket
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from docker import APIClient
from docker.utils import kwargs_from_env

from lab import frames
from lab.engine import payloads
from lab.model import Family, Limits, Network
from lab.ports import Abilities, LinkSpec, NetworkSpec, NodeSpec
from lab.source import Span

HERE = Span(Path(__file__), 1, 1, 1, 1)
STREAMS = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
PROGRAM = "/lab/services/{0}/{0}.py"


def main(image: str) -> None:
    """Make, start, release, read and remove a listener and a talker."""
    prefix = f"fd5f:{secrets.randbelow(0xFFFF):x}:{secrets.randbelow(0xFFFF):x}:1"
    network = f"floor-{secrets.token_hex(4)}"
    listener = _spec(image, network, "listener", f"{prefix}::2")
    talker = _spec(image, network, "talker", f"{prefix}::3")
    began = time.monotonic()
    abilities = _abilities(_client((1, 41)))
    engine = _client(abilities.api)
    with ThreadPoolExecutor(3) as pool:
        networked = pool.submit(_make_network, engine, network, prefix, abilities)
        creating = [pool.submit(_create, spec, abilities) for spec in (listener, talker)]
        created = [each.result() for each in creating]
        networked.result()
        first, second = pool.map(_start, created)
        first.begin("listener")
        first.read_until(frames.Stdout)
        second.begin("talker", f"{prefix}::2", "hello over IPv6")
        for stream in (second, first):
            stream.read_until(frames.Ended)
        verdict = time.monotonic() - began
        tuple(pool.map(_remove, created))
        engine.remove_network(network)
    whole = time.monotonic() - began
    sys.stderr.write(json.dumps({"verdict": verdict, "whole": whole}) + "\n")


def _client(api: tuple[int, int]) -> APIClient:
    return APIClient(version=f"{api[0]}.{api[1]}", timeout=60, **kwargs_from_env())


def _abilities(engine: APIClient) -> Abilities:
    answer = engine.version(api_version=False)
    major, minor = map(int, str(answer["ApiVersion"]).split(".")[:2])
    return Abilities(answer["Version"], (major, minor), (major, minor) >= (1, 48))


def _make_network(engine: APIClient, name: str, prefix: str, abilities: Abilities) -> None:
    number = secrets.randbelow(2**13)
    shadow = [] if abilities.ipv6_only else [f"198.{18 + number // 4096}.{number % 256}.8/29"]
    family = Network(name, Family.IPV6, HERE)
    spec = NetworkSpec(name, family, (f"{prefix}::/64", *shadow), {})
    engine.create_network(**payloads.network(spec, abilities))


def _spec(image: str, network: str, node: str, address: str) -> NodeSpec:
    return NodeSpec(
        name=f"{network}-{node}",
        hostname=node,
        image=image,
        links=(LinkSpec(network, None, address),),
        hosts=(),
        env=(),
        memory=Limits().memory,
        pids=Limits().pids,
        cpus=None,
        labels={},
    )


def _create(spec: NodeSpec, abilities: Abilities) -> tuple[APIClient, str]:
    engine = _client(abilities.api)
    engine.create_container_from_config(payloads.node(spec, abilities), spec.name)  # type: ignore[no-untyped-call]
    return engine, spec.name


def _start(created: tuple[APIClient, str]) -> _Stream:
    engine, name = created
    stream = _Stream(engine.attach_socket(name, params=STREAMS))
    engine.start(name)
    return stream


def _remove(created: tuple[APIClient, str]) -> None:
    engine, name = created
    engine.remove_container(name, force=True)


class _Stream:
    """A holder's stream, read with blocking calls."""

    def __init__(self, attached: Any) -> None:
        self._kept = attached
        self._socket: socket.socket = attached._sock  # the raw one
        self._engine = frames.EngineDecoder()
        self._holder = frames.Decoder()
        self._seen: list[frames.Event] = []

    def begin(self, service: str, *args: str) -> None:
        argv: Sequence[str] = ("python3", "-I", "-S", PROGRAM.format(service), *args)
        self._socket.sendall(frames.begin(frames.NODE_PROGRAM, argv))

    def read_until(self, kind: type) -> None:
        while not any(isinstance(event, kind) for event in self._seen):
            chunk = self._socket.recv(65536)
            if not chunk:
                raise SystemExit("the holder's stream ended early")
            for _, payload in self._engine.feed(chunk):
                self._seen += self._holder.feed(payload)


if __name__ == "__main__":
    main(sys.argv[1])
