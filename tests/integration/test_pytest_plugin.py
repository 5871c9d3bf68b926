"""The pytest plugin on each engine: scenarios as items, and their machines for a test."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from lab.engine.docker_engine import DockerEngine

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


def test_scenarios_and_tests_of_ones_own(pytester: pytest.Pytester, engine: DockerEngine) -> None:
    name = f"udp-{secrets.token_hex(4)}"
    (pytester.path / "services").symlink_to(ROOT / "services")
    scenarios = pytester.mkdir("scenarios")
    text = (ROOT / "scenarios" / "udp-ipv6-only.yaml").read_text()
    (scenarios / f"{name}.yaml").write_text(text)
    (scenarios / f"{name}-wrong.yaml").write_text(text.replace("is 15 bytes", "is 16 bytes"))
    pytester.makepyfile(test_own=TEST.format(name=name))
    result = pytester.runpytest_subprocess("scenarios", "test_own.py", "--lab-engine", engine.url)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        ["listener: line 3 of stdout is *", f"FAILED scenarios/{name}-wrong.yaml::*"]
    )
    for scenario in (name, f"{name}-wrong"):
        assert engine.find({"lab.scenario": scenario}) == ()
