"""JSON lines: exactly the keys that were promised, whatever happened."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from lab.events import Exit, ProcessRecord, State
from lab.report.escapes import restore
from lab.report.record import record
from lab.result import NodeResult, ScenarioResult
from lab.verdict import Verdict
from tests.corpus.reports.examples import EVIL, HOSTILE, RESULTS, result


def read(found: ScenarioResult) -> dict[str, Any]:
    line = record(found)
    assert line.isascii()
    assert "\n" not in line
    read_back = json.loads(line)
    assert isinstance(read_back, dict)
    return read_back


@pytest.mark.parametrize("name", RESULTS)
def test_exactly_these_keys(name: str) -> None:
    found = read(RESULTS[name])
    keys = ["scenario", "case", "repeat", "verdict", "reason", "seconds", "steps", "nodes"]
    assert list(found) == keys
    assert found["repeat"] is None
    for step in found["steps"]:
        assert list(step) == ["title", "verdict", "seconds", "line"]
        assert step["verdict"] in {"PASS", "FAIL", "ERROR", "SKIP", None}
    for node in found["nodes"].values():
        assert list(node) == ["state", "exit", "stdout", "stderr", "addresses", "runs"]
        assert node["state"] in {"held", "running", "ended", "lost"}


def test_a_repeat_tells_its_number() -> None:
    found = read(replace(RESULTS["pass"], repeat=3))
    assert (found["case"], found["repeat"]) == ("udp-ipv6-only", 3)


def test_output_comes_back_byte_for_byte() -> None:
    assert restore(read(HOSTILE)["nodes"]["talker"]["stdout"]) == EVIL


@pytest.mark.parametrize(
    ("ended", "said"), [(Exit(0), 0), (Exit(3), 3), (Exit(signal=9), "SIGKILL"), (None, None)]
)
def test_exit_is_a_number_a_signal_or_nothing(ended: Exit | None, said: object) -> None:
    program = ProcessRecord(state=State.ENDED if ended else State.RUNNING, exit=ended)
    node = NodeResult("a", program, ("fd00::1",))
    found = read(result(Verdict.PASS, nodes=(node,)))["nodes"]["a"]
    assert found["exit"] == said
    assert found["addresses"] == ["fd00::1"]


def test_values() -> None:
    found = read(RESULTS["fail-step"])
    assert (found["verdict"], found["seconds"]) == ("FAIL", 10.4)
    assert found["steps"][1] == {
        "title": "start talker",
        "verdict": None,
        "seconds": 0.0,
        "line": 6,
    }


def test_a_reason_with_lone_surrogates_is_still_json() -> None:
    assert read(result(Verdict.ERROR, "file \udcff \ud800"))["reason"] == r"file \xff \x3f"
