"""An engine that misbehaves at some call: an ERROR in words one can act on, or overcome.

One suite of one case for each fault, so it is also seen that no case disturbs its neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.catalog import Catalog
from lab.engine.address import EngineAddress
from lab.engine.clients import Clients
from lab.engine.connect import Connection
from lab.engine.docker_engine import DockerEngine
from lab.errors import ExitStatus
from lab.loader import load_text
from lab.records.folder import RECORD
from lab.suite import Suite
from lab.verdict import Verdict
from tests.engines import world_on
from tests.selftest.meddling import Cut, Deed, Garble, Late, Meddling, Refusal, Rule, Silence
from tests.selftest.process import Ended, LabProcess

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

CASE = """\
intent: a machine must say what it is told
networks: {{{name}: {{family: ipv6}}}}
nodes: {{{name}: {{networks: [{name}]}}}}
steps:
  - run: {{on: {name}, command: [echo, here], expect: {{stdout: "here\\n"}}}}
"""

NETWORK = "POST /networks/create"
CREATE = "POST /containers/create"
ATTACH = "POST /containers/[^/]+/attach"
START = "POST /containers/[^/]+/start"
INSPECT = "GET /containers/[^/]+/json"
REMOVE = "DELETE /containers/"
REMOVE_NETWORK = "DELETE /networks/"

BROKEN = Refusal(500, "it is out of order")
FULL = Refusal(500, "write /var/lib/docker/tmp/x: no space left on device")
NO_POOLS = Refusal(400, "all predefined address pools have been fully subnetted")
OVERLAP = Refusal(403, "Pool overlaps with other one on this address space")
NO_IMAGE = Refusal(404, "No such image: sha256:4711")
GATEWAY = Refusal(500, "failed to set IPv6 gateway while updating gateway: file exists")
BUSY = Refusal(503, "the daemon is shutting down")
NOTHING = Catalog(Path("nowhere"))
PRUNE = "docker system prune"
OPTIONS = ("-j", "4", "--engine")


@dataclass(frozen=True)
class Fault:
    """What a case meets, and what its verdict's reason and help must say; nothing: it passes."""

    call: str
    deed: Deed
    words: tuple[str, ...] = ()
    times: int | None = None


FAULTS = [
    # -- the call is refused, for ever
    Fault(NETWORK, BROKEN, ("cannot create network", "it is out of order")),
    Fault(CREATE, BROKEN, ("cannot create node", "it is out of order")),
    Fault(ATTACH, BROKEN, ("cannot attach to", "it is out of order")),
    Fault(START, BROKEN, ("cannot start", "it is out of order")),
    Fault(INSPECT, BROKEN, ("cannot start", "it is out of order")),
    # -- for reasons somebody can do something about
    Fault(NETWORK, FULL, ("no space left on device", PRUNE)),
    Fault(CREATE, FULL, ("no space left on device", PRUNE)),
    Fault(START, FULL, ("no space left on device", PRUNE)),
    Fault(NETWORK, NO_POOLS, ("fully subnetted", "docker network prune")),
    Fault(NETWORK, OVERLAP, ("no free subnet found", "LAB_SUBNETS")),
    Fault(CREATE, NO_IMAGE, ("No such image", "somebody removed it", "lab build")),
    Fault(NETWORK, BUSY, ("the daemon is shutting down",)),
    Fault(START, BUSY, ("the daemon is shutting down",)),
    Fault(START, GATEWAY, ("file exists",)),
    # -- the connection ends within the answer to what is done all the same
    Fault(NETWORK, Cut(), ("cannot create network", "the connection to the engine broke")),
    Fault(CREATE, Cut(), ("cannot create node", "the connection to the engine broke")),
    Fault(ATTACH, Cut(), ("cannot attach to", "the connection to the engine broke")),
    Fault(START, Cut(), ("cannot start", "the connection to the engine broke")),
    Fault(INSPECT, Cut(), ("cannot start", "the connection to the engine broke")),
    Fault(INSPECT, Cut(after=900), ("cannot start", "the connection to the engine broke")),
    Fault(ATTACH, Cut(after=250), ("the node is gone", "the connection to it broke")),
    # -- it answers nonsense
    Fault(NETWORK, Garble(), ("cannot create network", "the engine's answer makes no sense")),
    Fault(INSPECT, Garble(), ("cannot start", "the engine's answer makes no sense")),
    # -- what passes is overcome
    Fault(NETWORK, OVERLAP, times=1),
    Fault(NETWORK, OVERLAP, times=5),
    Fault(START, GATEWAY, times=2),
    Fault(REMOVE, BROKEN, times=1),
    Fault(REMOVE, Cut(), times=1),
    Fault(REMOVE_NETWORK, BROKEN, times=1),
    Fault(REMOVE_NETWORK, Cut(), times=1),
    Fault(".", Late(0.1)),
]
NAMES = {f"f{number}": fault for number, fault in enumerate(FAULTS)}


@dataclass(frozen=True)
class Trial:
    """The suite, ended."""

    ended: Ended
    left: list[str]
    unused: list[Rule]
    records: dict[str, dict[str, str]]  # by case


@pytest.fixture(scope="module")
def trial(engine: DockerEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """Every fault in a case of its own, four at a time."""
    folder: Path = tmp_path_factory.mktemp("meddling")
    rules = [Rule(fault.call, name, fault.deed, fault.times) for name, fault in NAMES.items()]
    for name in NAMES:
        (folder / f"{name}.yaml").write_text(CASE.format(name=name))
    files = [str(folder / f"{name}.yaml") for name in NAMES]
    with (
        Meddling(folder / "relay.sock", engine.url, rules) as relay,
        LabProcess("run", *files, *OPTIONS, relay.url, LAB_RUNS=str(folder / "runs")) as lab,
    ):
        ended = lab.end()
        left = [thing.name for thing in lab.left(engine)]
        assert lab.processes() == []
        records = map(json.loads, (path.read_text() for path in folder.glob(f"runs/*/*/{RECORD}")))
        yield Trial(ended, left, relay.unused, {record["case"]: record for record in records})


@pytest.mark.parametrize("name", NAMES, ids=lambda name: f"{name} {NAMES[name]}")
def test_what_a_case_comes_to(trial: Trial, name: str) -> None:
    fault, case = NAMES[name], trial.records[name]
    said = f"{case['reason']} {case['help']}"
    assert case["verdict"] == ("ERROR" if fault.words else "PASS"), said
    assert [word for word in fault.words if word not in said] == [], said


def test_what_all_come_to(trial: Trial) -> None:
    assert trial.unused == []
    assert trial.left == []
    assert trial.ended.status == ExitStatus.ERROR
    assert "Traceback" not in trial.ended.out + trial.ended.err


HUNG = {f"h{n}": call for n, call in enumerate([NETWORK, CREATE, ATTACH, START, INSPECT])}
BORNE = 8.0  # seconds of silence; a lab bears more


def test_a_call_that_is_never_answered(engine: DockerEngine, tmp_path: Path) -> None:
    """Each in a case of its own, at the same time, and everything else is answered."""
    rules = [Rule(call, name, Silence()) for name, call in HUNG.items()]
    with Meddling(tmp_path / "relay.sock", engine.url, rules) as relay:
        address = EngineAddress(relay.url, "this test")
        version = ".".join(map(str, engine.abilities().api))
        clients = Clients(address, version, BORNE)
        impatient = DockerEngine(Connection(clients, engine.abilities()))
        cases = [load_text(Path(f"{n}.yaml"), CASE.format(name=n).encode(), NOTHING) for n in HUNG]
        with closing(impatient), world_on(impatient) as world:
            suite = Suite([case for [case] in cases], world, lambda _: None)
            results = suite.run(jobs=len(HUNG))
        assert relay.unused == []
    assert [result.verdict for result in results] == [Verdict.ERROR] * len(HUNG)
    assert [r.reason for r in results if "the engine did not answer in time" not in r.reason] == []
    assert [result.troubles for result in results] == [()] * len(HUNG)
    for name in HUNG:
        assert engine.find({"lab.scenario": name}) == ()
