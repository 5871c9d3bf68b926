"""A whole suite beside the engine's floor and docker compose: `make bench`'s second table.

Law: one side is measured after the other and compared within a round; the programs are alone for
the same time on every side but the lab's own, where they run for as long as their steps take.

That time is what the steps of a case took in the lab, one case at a time, in a first run; what
settling and judging took is not in it. The floor is measured at the level that is best of
LEVELS for every third case; compose once, one topology after another.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.model import Scenario
from tests.bench import material

LEVELS = (2, 3, 4, 6, 8)
EACH = 3  # one case in so many is for finding the floor's level
Say = Callable[[str], None]


@dataclass
class Measured:
    """Seconds of whole processes; of compose, without what is not its own."""

    lab: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    compose: list[float] = field(default_factory=list)


def environment() -> dict[str, str]:
    """That of every side: compiled modules are kept, as they are on users' machines."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def bench(say: Say, rounds: int, every: int = 1) -> None:
    """Measure and print; of the cases, one in `every` so many."""
    cases = material.cases()[::every]
    say("suite: one case at a time")
    seconds = _seconds(cases)
    part = {case.name: seconds[case.name] for case in cases[::EACH]}
    found: dict[int, float] = {}
    for level in LEVELS:
        say(f"suite: floor, {level} at a time")
        found[level] = _process("suite_floor", str(level), seconds=part)
    best = min(found, key=lambda level: found[level])
    measured = Measured()
    for number in range(1, rounds + 1):
        say(f"suite: round {number} of {rounds}")
        measured.lab.append(_lab(cases)[0])
        measured.floor.append(_process("suite_floor", str(best), seconds=seconds))
    say("suite: docker compose")
    measured.compose.append(_process("suite_compose", seconds=seconds))
    say("")
    _print(cases, measured, best, sum(seconds.values()))


def _seconds(cases: Sequence[Scenario]) -> dict[str, float]:
    """How long the steps of each take, one case at a time."""
    _, output = _lab(cases, "-j", "1")
    found = [json.loads(line) for line in output.splitlines()]
    return {each["case"]: sum(step["seconds"] for step in each["steps"]) for each in found}


def _lab(cases: Sequence[Scenario], *options: str) -> tuple[float, str]:
    """`lab run` of the cases, as many at a time as it finds best; its seconds, its output."""
    program = str(Path(sys.executable).with_name("lab"))
    return _timed([program, "run", *(case.name for case in cases), "--json", *options])


def _process(part: str, *words: str, seconds: Mapping[str, float]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "seconds.json"
        file.write_text(json.dumps(seconds))
        command = [sys.executable, "-m", f"tests.bench.{part}", *words, str(file)]
        return _timed(command)[0]


def _timed(command: Sequence[str]) -> tuple[float, str]:
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    took = time.monotonic() - began
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return took, done.stdout


def _print(cases: Sequence[Scenario], measured: Measured, level: int, programs: float) -> None:
    nodes = sum(len(case.topology.nodes) for case in cases)
    print(f"a suite of {len(cases)} cases, {nodes} machines, {len(measured.lab)} rounds")
    print(f"whole processes in seconds; the programs' own time, added up, is {programs:.1f}")
    _row("lab run", measured.lab)
    _row(f"floor, {level} at a time, the best", measured.floor)
    _row("docker compose up and down, one after another", measured.compose)
    print("ratios, round by round")
    pairs = zip(measured.lab, measured.floor, strict=True)
    _row("lab / floor", [lab / floor for lab, floor in pairs])
    _row("docker compose / lab", [measured.compose[0] / lab for lab in measured.lab])


def _row(name: str, values: Sequence[float]) -> None:
    middle = statistics.median(values)
    print(f"  {name:<46} {middle:6.2f}  ({min(values):.2f} to {max(values):.2f})")
