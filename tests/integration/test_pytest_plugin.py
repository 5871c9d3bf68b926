"""The pytest plugin on each engine: scenarios as items, and their machines for a test."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from lab.engine.docker_engine import DockerEngine
from lab.records.shelf import Shelf

pytestmark = pytest.mark.docker

ROOT = Path(__file__).parents[2]

TEST = """\
def test_it(lab_scenario):
    lab = lab_scenario("{name}", steps=False)
    listener, talker = lab.node("listener"), lab.node("talker")
    host = listener.host
    assert (host.user().name, host.file("/etc/hosts").contains("talker")) == ("nobody", True)
    listener.start()
    listener.wait(listening="udp/[::]:4950", processes={{"zombies": 0}})
    assert host.socket("udp://:::4950").is_listening
    assert host.process.get(pid=1).user == "nobody"
    assert not host.run("echo %s >&2; touch /here; exit 7", "ä").succeeded
    told = host.run("cat; echo %s >&2; exit 7", "ä")
    assert (told.rc, told.stdout, told.stderr) == (7, "", "ä\\n")
    assert talker.run("kill", "-9", "0").status in (137, 1)
    talker.start()
    talker.wait(exit=0, within=30)
    listener.wait(stdout="listener: got packet from ${{talker.ip}}", exit=0, within=30)
    assert listener.output.count("\\n") == 4
"""


def project(pytester: pytest.Pytester) -> str:
    """A project of two scenarios: NAME-right passes, NAME-wrong fails; their NAME."""
    name = f"udp-{secrets.token_hex(4)}"
    (pytester.path / "services").symlink_to(ROOT / "services")
    scenarios = pytester.mkdir("scenarios")
    text = (ROOT / "scenarios" / "udp-ipv6-only.yaml").read_text()
    (scenarios / f"{name}-right.yaml").write_text(text)
    (scenarios / f"{name}-wrong.yaml").write_text(text.replace("is 15 bytes", "is 16 bytes"))
    return name


def test_scenarios_and_tests_of_ones_own(pytester: pytest.Pytester, engine: DockerEngine) -> None:
    name = project(pytester)
    pytester.makepyfile(test_own=TEST.format(name=f"{name}-right"))
    result = pytester.runpytest_subprocess("scenarios", "test_own.py", "--lab-engine", engine.url)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        ["listener: line 3 of stdout is *", f"FAILED scenarios/{name}-wrong.yaml::*"]
    )
    for scenario in ("right", "wrong"):
        assert engine.find({"lab.scenario": f"{name}-{scenario}"}) == ()


OWN = """\
def test_it(lab_scenario):
    talker = lab_scenario("{name}").node("talker")
    sent = {{"protocol": "udp", "from": "talker", "to-port": 4950, "count": 1}}
    talker.wait(exit=0, packets=sent, within=30)
    talker.wait(calls={{"must": ["sendto"]}})
"""


@pytest.mark.parametrize(
    ("options", "kept", "traced", "own", "workers"),
    [
        (["--lab-capture", "failed"], {"wrong"}, set(), False, "0"),
        (["--lab-capture", "on", "--lab-calls"], {"right", "wrong"}, {"right", "wrong"}, True, "2"),
        (["--lab-capture", "off", "--lab-calls"], set(), {"right", "wrong"}, False, "0"),
    ],
)
def test_packets_and_calls_are_recorded(
    pytester: pytest.Pytester,
    engine: DockerEngine,
    *,
    options: list[str],
    kept: set[str],
    traced: set[str],
    workers: str,
    own: bool,
) -> None:
    name = project(pytester)
    pytester.makepyfile(test_own=OWN.format(name=f"{name}-right"))
    result = pytester.runpytest_subprocess(
        "scenarios", "test_own.py", "--lab-engine", engine.url, "-n", workers, *options
    )
    result.assert_outcomes(passed=1 + own, failed=2 - own)
    if not own:
        result.stdout.fnmatch_lines(["*ScenarioError: talker: the lab cannot tell: its *"])
    shelf = Shelf(pytester.path / ".lab" / "runs")
    [run] = (shelf.folder / each for each in shelf.names())

    def having(file: str) -> set[str]:
        return {path.relative_to(run).parts[0].rpartition("-")[2] for path in run.glob(file)}

    assert having("*/record.json") == {"right", "wrong"}
    assert having("*/capture.pcapng") == kept
    assert having("*/streams/talker.calls") == having("*/streams/listener.calls") == traced
    for capture in run.glob("*/capture.pcapng"):
        assert b"hello over IPv6" in capture.read_bytes()
    for calls in run.glob("*/streams/talker.calls"):
        assert b"sendto" in calls.read_bytes()
    for scenario in ("right", "wrong"):
        assert engine.find({"lab.scenario": f"{name}-{scenario}"}) == ()
