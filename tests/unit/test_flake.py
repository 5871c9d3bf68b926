"""`make flake`: every case that did not pass counts, also one that the lab lost."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.bench import flake


def case(verdict: str, name: str = "a") -> str:
    return json.dumps({"case": name, "verdict": verdict, "reason": "it differs"}) + "\n"


def ran(
    monkeypatch: pytest.MonkeyPatch, cases: int, out: str, status: int = 0, err: str = ""
) -> tuple[int, list[list[str]]]:
    """The status of so many cases where every round comes to this; and the rounds' commands."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, status, out, err)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(sys, "argv", ["flake", "--cases", str(cases), "--seed", "7", "udp"])
    return flake.main(), commands


def test_rounds_go_on_until_there_are_enough(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, commands = ran(monkeypatch, 3, case("PASS") + case("SKIP", "b"))
    assert (status, len(commands)) == (0, 2)
    seeds = [command[command.index("--seed") + 1] for command in commands]
    assert len(set(seeds)) == 2
    assert "4 cases under --stress: 0 not PASS (2 PASS, 2 SKIP)" in capsys.readouterr().out


@pytest.mark.parametrize("verdict", ["FAIL", "ERROR"])
def test_one_that_did_not_pass_is_told_with_its_seed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], verdict: str
) -> None:
    status, [command] = ran(monkeypatch, 2, case("PASS") + case(verdict, "b"), 1)
    said = capsys.readouterr().out
    assert status == 1
    assert f"{verdict} b (seed {command[command.index('--seed') + 1]}): it differs" in said
    assert "2 cases under --stress: 1 not PASS" in said


@pytest.mark.parametrize(("status", "err"), [(-9, ""), (4, "lab: no"), (0, "Traceback (most")])
def test_a_lab_that_ended_otherwise_counts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], status: int, err: str
) -> None:
    assert ran(monkeypatch, 1, case("PASS"), status, err)[0] == 1
    assert "LOST the lab itself" in capsys.readouterr().out


def test_a_round_of_nothing_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ran(monkeypatch, 1, "")[0] == 1
