"""The wire on trial: what is captured is what crossed, and who uses IPv4 is found out."""

from __future__ import annotations

import pytest
import yaml
from msgspec.structs import replace

from lab.agent.client import JsonAgent
from lab.dissection.layers import dissect
from lab.engine.docker_engine import DockerEngine
from lab.events import Capture
from lab.executor.loop import Loop
from lab.result import Keep, ScenarioResult
from lab.runner import World, run_case
from lab.verdict import Verdict
from tests.engines import world_on
from tests.unit.cases import case, nobody

pytestmark = pytest.mark.docker

SIZE = 10_000_000
GIVE = f"""
import socket
server = socket.create_server(("::", 3490), family=socket.AF_INET6)
connection, _ = server.accept()
connection.sendall(bytes({SIZE}))
connection.close()
"""
TAKE = f"""
import socket
connection = socket.create_connection(("giver", 3490))
taken = 0
while data := connection.recv(1 << 20):
    taken += len(data)
assert taken == {SIZE}
"""
CRY = """
import socket, struct
crier = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
crier.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
for number, name in socket.if_nameindex():
    if name != "lo":
        crier.setsockopt(socket.IPPROTO_IP, 50, struct.pack("!I", number))  # IP_UNICAST_IF
        crier.sendto(b"over here", ("255.255.255.255", 4950))
"""
GREET = """
import ipaddress, socket, subprocess
words = subprocess.check_output(["ip", "-4", "-o", "address", "show", "scope", "global"]).split()
first = ipaddress.ip_interface(words[3].decode()).network[1]
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hi", (str(first), 4950))
"""


def run(world: World, **programs: str) -> ScenarioResult:
    """Programs in Python on an IPv6-only network, each on a machine of its own."""
    image = world.engine.image(None).reference
    nodes = {
        name: {"image": image, "args": ["python3", "-c", program], "networks": ["lan"]}
        for name, program in programs.items()
    }
    if "giver" in nodes:
        nodes["giver"]["ready"] = {"listening": "tcp/[::]:3490"}  # type: ignore[assignment]
    asked = {"intent": "it must", "networks": {"lan": {"family": "ipv6"}}, "nodes": nodes}
    with Loop(world.clock) as loop:
        return run_case(case(yaml.safe_dump(asked)), world, loop, nobody)


def carried(capture: Capture, who: str, *, outgoing: bool) -> int:
    """Bytes of streams that crossed a node's link from port 3490."""
    found = (dissect(p) for p in capture.packets if p.node == who and p.outgoing is outgoing)
    return sum(each.size for each in found if each.source_port == 3490)


def test_ten_megabytes_are_captured_whole_where_they_leave_and_where_they_arrive(
    engine: DockerEngine,
) -> None:
    with world_on(engine) as world:
        result = run(replace(world, packets=Keep.ON), giver=GIVE, taker=TAKE)
    assert result.verdict is Verdict.PASS, result.reason
    assert result.capture is not None
    assert result.capture.whole, result.capture.gap
    assert {(p.node, p.network) for p in result.capture.packets} == {
        ("giver", "lan"), ("taker", "lan"),
    }  # fmt: skip
    assert carried(result.capture, "giver", outgoing=True) >= SIZE
    assert carried(result.capture, "taker", outgoing=False) >= SIZE


def test_who_needs_no_address_to_send_ipv4_is_found_out(engine: DockerEngine) -> None:
    with world_on(engine) as world:
        result = run(world, crier=CRY)
    assert result.verdict is Verdict.FAIL, result.reason
    assert result.reason.startswith("lan: crier sent IPv4: 0.0.0.0 > 255.255.255.255 udp")


def test_an_address_that_nobody_took_away_is_found_out(
    engine: DockerEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine.abilities().ipv6_only:
        pytest.skip("this engine gives none")
    monkeypatch.setattr(JsonAgent, "flush", lambda *_: None)
    with world_on(engine) as world:
        result = run(world, greeter=GREET)
    assert result.verdict is Verdict.FAIL, result.reason
    assert "lan: greeter sent IPv4" in result.reason
