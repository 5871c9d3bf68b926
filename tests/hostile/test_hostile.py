"""Every attack on every engine, in one suite with good scenarios, several at a time: each is
contained and named in its verdict, the good ones pass, and nothing is left.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from lab.engine.docker_engine import DockerEngine
from lab.events import OUTPUT_LIMIT
from lab.report.escapes import restore
from tests.hostile.attacks import ATTACKS, OUTSIDE, PROGRAMS, Attack
from tests.selftest.process import LabProcess, run_lab

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

NEIGHBOURS = ("udp-ipv6-only", "stream-hello", "echo-session", "chat-room", "udp-echo")
FORMATS = ("text", "story", "junit", "tap", "github", "markdown", "jsonl")
MEMORY = 512 << 20  # bytes a lab may come to have, though programs write 20 GB
# What no report may hold: control characters but newline and tab, and text that turns around.
OBEYED = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Siege:
    """How the suite went: `cases` by name, reports by format."""

    cases: dict[str, dict[str, Any]]
    status: int
    errors: str
    reports: dict[str, str]
    memory: int  # bytes, the most it had
    left: tuple[object, ...]
    alive: list[str]  # processes of strangers after its end
    elsewhere: tuple[str, ...]  # addresses of a node of another scenario, and of the engine's host


@pytest.fixture(scope="module")
def siege(engine: DockerEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    """All attacks and all neighbours, in one `lab run`."""
    folder = tmp_path_factory.mktemp("hostile")
    mark = f"stranger-{secrets.token_hex(4)}"
    image = engine.image(None).reference
    with a_bystander(engine, folder, image) as elsewhere:
        for name, attack in ATTACKS.items():
            text = attack.scenario(image, elsewhere).replace("OWN:", f"MARK: {mark}, OWN:")
            (folder / f"hostile-{name}.yaml").write_text(text)
        yield besiege(engine, folder, mark, elsewhere)


@contextmanager
def a_bystander(engine: DockerEngine, folder: Path, image: str) -> Iterator[tuple[str, ...]]:
    """A machine of another scenario; its addresses, and the host's on the engine's own bridge."""
    name = f"bystander-{secrets.token_hex(4)}"
    path = folder / f"{name}.yaml"
    path.write_text(
        "intent: it must be left alone\nnetworks: {lan: {}}\n"
        f"nodes: {{it: {{image: {image!r}, args: [sleep, '1000'], networks: [lan]}}}}\n"
    )
    up = run_lab("up", str(path), "--engine", engine.url)
    try:
        assert up.status == 0, up
        [found] = [one for one in engine.find({"lab.scenario": name}) if one.what == "container"]
        client = engine.clients.mine()
        [link] = client.inspect_container(found.id)["NetworkSettings"]["Networks"].values()
        subnet = client.inspect_network("bridge")["IPAM"]["Config"][0]["Subnet"]
        bridge = str(next(ip_network(subnet).hosts()))
        yield link["IPAddress"], link["GlobalIPv6Address"], bridge
    finally:
        assert run_lab("down", name, "--engine", engine.url).status == 0


def besiege(engine: DockerEngine, folder: Path, mark: str, elsewhere: tuple[str, ...]) -> Siege:
    """All attacks and all neighbours, in one `lab run`."""
    files = sorted(str(path) for path in folder.glob("hostile-*.yaml"))
    reports = [f"--report={each}={folder / each}" for each in FORMATS]
    words = ["run", *NEIGHBOURS, *files, "-j", "4", "--json", "--engine", engine.url, *reports]
    with LabProcess(*words, LAB_RUNS=str(folder / "runs")) as lab:
        most = 0
        while lab.line():
            most = max(most, peak(lab.pid))
        ended = lab.end()
        cases = {case["case"].removeprefix("hostile-"): case for case in ended.cases}
        texts = {each: (folder / each).read_bytes().decode() for each in FORMATS}
        left, alive = lab.left(engine), strangers(mark)
        return Siege(cases, ended.status, ended.err, texts, most, left, alive, elsewhere)


def peak(pid: int) -> int:
    """The most memory a process ever had."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) << 10 if found else 0


def strangers(mark: str) -> list[str]:
    """Processes of this machine with that word in their environment, as any in a node have."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return found


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_contained_and_named(siege: Siege, name: str) -> None:
    attack: Attack = ATTACKS[name]
    case = siege.cases[name]
    assert (case["verdict"], case["reason"]) == (attack.verdict, attack.reason), case


def test_its_neighbours_pass_and_nothing_is_left(siege: Siege) -> None:
    verdicts = {name: case["verdict"] for name, case in siege.cases.items() if name not in ATTACKS}
    assert verdicts == dict.fromkeys(verdicts, "PASS")
    assert {name.partition("[")[0] for name in verdicts} == set(NEIGHBOURS)
    assert siege.status == 1  # of the attacks that failed: no ERROR
    assert siege.left == ()
    assert siege.alive == []


def test_what_floods_fill_neither_memory_nor_reports(siege: Siege) -> None:
    assert 0 < siege.memory < MEMORY
    sizes = {name: len(text) for name, text in siege.reports.items() if name != "jsonl"}
    assert max(sizes.values()) < 1 << 20, sizes
    assert len(siege.reports["jsonl"]) < len(ATTACKS) * OUTPUT_LIMIT  # it has all that is kept


def test_everything_forbidden_was_tried(siege: Siege) -> None:
    said = stdout(siege.cases["forbidden"])
    source = (PROGRAMS / "forbidden.py").read_text().partition("ATTEMPTS = {")[2]
    names = re.findall(r'^    "([^"]+)": ', source, re.MULTILINE)
    assert [line.split(" (")[0] for line in said.splitlines()] == [f"refused {n}" for n in names]


def test_nobody_outside_is_reached(siege: Siege) -> None:
    reached = re.findall("^reached (.*)$", stdout(siege.cases["outside"]), re.MULTILINE)
    assert not {*siege.elsewhere, *OUTSIDE} & set(reached)
    found = {address for address in reached if not address.startswith("fe80")}
    assert found == set(siege.cases["outside"]["nodes"]["peer"]["addresses"])
    assert len(reached) <= len(found) + 1  # of link-local ones there is the peer's


def stdout(case: dict[str, Any]) -> str:
    return restore(case["nodes"]["it"]["stdout"]).decode()


@pytest.mark.parametrize("name", FORMATS)
def test_no_report_obeys_a_program(siege: Siege, name: str) -> None:
    text = siege.reports[name]
    assert "hostile-junk" in text
    assert OBEYED.findall(text) == []


def test_no_report_has_a_case_or_an_annotation_of_a_programs(siege: Siege) -> None:
    names = {case.get("name") for case in ElementTree.fromstring(siege.reports["junit"]).iter()}
    assert "owned" not in names
    for name, begins in ("github", "::|##"), ("tap", "(not )?ok|Bail|1[.][.]"):
        told = [line for line in siege.reports[name].splitlines() if re.match(begins, line)]
        assert told
        assert [line for line in told if line.rpartition("::")[0].count("owned")] == []
        assert [line for line in told if re.search("ok [0-9]+ - owned|Bail", line)] == []
    assert len(siege.reports["jsonl"].splitlines()) == len(siege.cases)


def test_nor_does_what_is_printed(siege: Siege) -> None:
    assert OBEYED.findall(siege.errors) == []
    assert siege.errors.count("Traceback") == 0
