"""Two machines on a network of each family, standing as `lab up` leaves them.

with standing(engine, folder) as machines:
    machines.host("talker").check_output("ip address")     a testinfra host
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import testinfra  # type: ignore[import-untyped]
from testinfra.host import Host  # type: ignore[import-untyped]

from lab.engine.docker_engine import DockerEngine
from lab.engine.locking import alone
from lab.model import Family
from tests.selftest.process import run_lab

SCENARIO = """\
intent: machines must stand as they are made
networks:
  six: {family: ipv6}
  four: {family: ipv4}
  both: {family: dual}
nodes:
  listener: {service: listener, networks: [six], limits: {memory: 96MiB, pids: 40}}
  talker: {service: talker, args: [listener, hello], networks: [six]}
  server: {service: simplestreamserver, networks: [four]}
  client: {service: simplestreamclient, args: [server, "3490"], networks: [four]}
  one: {service: listener, networks: [both]}
  other: {service: listener, networks: [both]}
"""
# Held while tests have machines stand: what a node's name means is one thing for an engine.
STANDING = "standing machines"
MEMORY, PIDS = 96 << 20, 40  # of listener
NODES = {
    Family.IPV6: ("listener", "talker"),
    Family.IPV4: ("server", "client"),
    Family.DUAL: ("one", "other"),
}


@dataclass(frozen=True)
class Standing:
    """Machines that stand: the engine's name of each node's container."""

    containers: Mapping[str, str]

    def host(self, node: str) -> Host:
        """The node, looked at through the engine's own command line."""
        return testinfra.get_host(f"docker://{self.containers[node]}")


@contextmanager
def standing(engine: DockerEngine, folder: Path) -> Iterator[Standing]:
    """Have them stand, under a name nobody else uses; take them down whatever happens."""
    name = f"standing-{secrets.token_hex(4)}"
    path = folder / f"{name}.yaml"
    path.write_text(SCENARIO)
    with alone(engine.url, STANDING, print):
        up = run_lab("up", str(path), "--engine", engine.url)
        try:
            assert up.status == 0, up
            found = engine.find({"lab.scenario": name, "lab.node": ""})
            yield Standing({one.labels["lab.node"]: one.name for one in found})
        finally:
            down = run_lab("down", name, "--engine", engine.url)
    assert down.status == 0, down
    assert engine.find({"lab.scenario": name}) == ()
