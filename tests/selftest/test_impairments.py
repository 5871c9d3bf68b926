"""Impairments as others measure them: Debian's ping and iperf3, and what was captured."""

from __future__ import annotations

import io
import json
import re
import secrets
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from lab.catalog import Catalog
from lab.engine.docker_engine import DockerEngine
from lab.loader import load, load_text
from lab.result import Keep, ScenarioResult
from lab.runner import World
from lab.suite import Suite
from lab.verdict import Verdict
from tests.engines import world_on

pytestmark = pytest.mark.docker

ROOT = Path(__file__).parents[2]
SERVICES = Catalog(ROOT / "services")
DOCKERFILE = """FROM {base}
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get -o Acquire::Check-Valid-Until=false update -qq
RUN apt-get install -y -qq --no-install-recommends iperf3 iputils-ping
"""
MEASURED = """intent: what is measured must be what was asked
timeout: 60s
networks:
  lan: {{family: dual}}
nodes:
  far: {{image: "{image}", args: [iperf3, --server], networks: [lan], ends: false}}
  near: {{image: "{image}", networks: [lan]}}
steps:
  - start: far
  - wait: {{for: far, listening: "tcp/*:5201"}}
  - run: {{on: near, as: before4, command: [ping, -4, -q, -c, "20", -i, "0.05", far]}}
  - wait: {{for: before4, exit: 0}}
  - run: {{on: near, as: before6, command: [ping, -6, -q, -c, "20", -i, "0.05", far]}}
  - wait: {{for: before6, exit: 0}}
  - impair: {{from: near, to: far, delay: 60ms}}
  - run: {{on: near, as: late4, command: [ping, -4, -q, -c, "20", -i, "0.05", far]}}
  - wait: {{for: late4, exit: 0}}
  - run: {{on: near, as: late6, command: [ping, -6, -q, -c, "20", -i, "0.05", far]}}
  - wait: {{for: late6, exit: 0}}
  - heal: all
  - impair: {{from: far, to: near, loss: {{every: 4}}}}
  - run: {{on: near, as: lost, command: [ping, -4, -q, -c, "20", -i, "0.05", -W, "1", far]}}
  - wait: {{for: lost, exit: 0}}
  - heal: all
  - impair: {{from: near, to: far, rate: 4mbit}}
  - run:
      on: near
      as: slow
      command: [iperf3, "-4", --client, far, --omit, "1", --time, "4", --json]
    within: 20s
  - wait: {{for: slow, exit: 0}}
    within: 20s
expect:
  far: {{exit: running, stdout: {{contains: "Server listening"}}}}
"""


@pytest.fixture(scope="module")
def world(engine: DockerEngine) -> Iterator[World]:
    with world_on(engine) as world:
        yield world


@pytest.fixture(scope="module")
def image(engine: DockerEngine) -> Iterator[str]:
    """The lab's own image with two packages more, for as long as these tests go."""
    name = f"socketlab-test/measuring:{secrets.token_hex(4)}"
    text = DOCKERFILE.format(base=engine.image(None).reference).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
    client = engine.clients.mine()
    said = client.build(
        fileobj=io.BytesIO(buffer.getvalue()),
        custom_context=True,
        tag=name,
        rm=True,
        forcerm=True,
        decode=True,
    )
    wrong = [line["error"] for line in said if "error" in line]
    assert not wrong, wrong
    yield name
    client.remove_image(name, force=True)


@pytest.fixture(scope="module")
def measured(world: World, image: str) -> ScenarioResult:
    text = MEASURED.format(image=image).encode()
    [case] = load_text(Path("measured.yaml"), text, SERVICES)
    [result] = Suite([case], world, lambda _: None).run()
    assert (result.verdict, result.reason) == (Verdict.PASS, "")
    return result


def said(result: ScenarioResult, name: str) -> str:
    """What a program that was run on `near` printed."""
    near = next(node for node in result.nodes if node.node == "near")
    return dict(near.visitors)[name].stdout.decode()


def fastest(result: ScenarioResult, name: str) -> float:
    """The least of ping's times, in milliseconds: what is more is the machine's own."""
    found = re.search(r"= ([0-9.]+)/[0-9.]+/[0-9.]+/", said(result, name))
    assert found, said(result, name)
    return float(found[1])


@pytest.mark.parametrize("version", [4, 6])
def test_ping_measures_the_delay(measured: ScenarioResult, version: int) -> None:
    delay = fastest(measured, f"late{version}") - fastest(measured, f"before{version}")
    assert delay == pytest.approx(60, abs=3)


def test_ping_counts_the_loss(measured: ScenarioResult) -> None:
    assert "20 packets transmitted, 15 received" in said(measured, "lost")


def test_iperf3_measures_the_rate(measured: ScenarioResult) -> None:
    found = json.loads(said(measured, "slow"))["end"]["sum_received"]["bits_per_second"]
    # It counts what segments carry: 1448 of the 1500 bytes of a packet, whose rate was asked for.
    assert found * 1500 / 1448 == pytest.approx(4_000_000, rel=0.1)


def payloads(result: ScenarioResult, node: str) -> list[bytes]:
    """What the numbered datagrams say that came to a node, in order, by its capture."""
    assert result.capture is not None
    assert result.capture.whole
    frames = [p.data for p in result.capture.packets if p.node == node and not p.outgoing]
    found = (re.search(rb"message \d+ try \d+$", frame.rstrip(b"\0")) for frame in frames)
    return [match[0] for match in found if match]


def test_the_same_seed_twice_and_the_same_datagrams_are_lost(world: World) -> None:
    kept = replace(world, packets=Keep.ON)
    cases = load(ROOT / "scenarios" / "udp-echo-lossy.yaml", SERVICES)
    came = []
    for case in cases * 2:
        [result] = Suite([case], kept, lambda _: None).run()
        assert (result.verdict, result.reason) == (Verdict.PASS, "")
        came.append((payloads(result, "server"), payloads(result, "client")))
    assert came == [came[0]] * len(came)
    to_server, to_client = came[0]
    assert b"message 4 try 1" not in to_server  # lost on the way there
    assert b"message 1 try 1" in to_server
    assert b"message 1 try 1" not in to_client  # lost on the way back
    assert len(to_server) == 9
