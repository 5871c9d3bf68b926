"""`make bench`: the lab beside the engine's floor and docker compose; medians and ratios.

usage: python -m tests.bench [--engine URL] [--only pair|suite|many] [--runs N] [--rounds N]
                             [--every N]

First one scenario of two machines, then a suite (tests/bench/suite.py); where it is asked for,
hundreds of machines and of cases (tests/bench/many.py), which take a quarter of an hour.

Each round runs the sides one after another, so that a machine that speeds up or slows down does
so for all of them. Times are compared within a round; the ratio quoted is the median of rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.engine.address import MODERN, addresses
from lab.private_engine.home import chosen
from tests.bench import many, suite

SCENARIO = "udp-ipv6-only"
IMAGE = "socketlab/lab:local"


@dataclass(frozen=True)
class Sample:
    """Seconds: from the first engine call to the verdict, until all is removed, and the process."""

    verdict: float | None
    process: float


def main() -> int:
    """Measure and print a table; the status is 1 where a run did not pass."""
    options = _options()
    if options.engine:
        os.environ["DOCKER_HOST"] = next(addresses(options.engine, {})).url
        os.environ.pop("LAB_ENGINE", None)
        _choose_compose(options.engine)
    _build()
    if options.only == "many":
        return many.main(["--engine", options.engine or ""])
    if options.only != "suite":
        _pair(options.runs)
    if options.only != "pair":
        suite.bench(_progress, options.rounds, options.every)
    return 0


def _choose_compose(engine: str) -> None:
    """The private engine comes with a Compose of its time."""
    theirs = chosen().tree / "usr/libexec/docker/cli-plugins/docker-compose"
    if engine == MODERN and theirs.exists():
        os.environ.setdefault("LAB_COMPOSE", str(theirs))


def _pair(runs: int) -> None:
    rounds = []
    for number in range(runs + 1):
        sample = (
            _sample("stopwatch", "run", SCENARIO, "--json"),
            _sample("floor", IMAGE),
            _sample("compose", IMAGE),
        )
        if number:  # the first warms caches
            rounds.append(sample)
        _progress(f"round {number} of {runs}")
    _progress("")
    _print(SCENARIO, rounds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--engine", help="its URL, or `modern`; otherwise as for `lab run`")
    parser.add_argument("--only", choices=("pair", "suite", "many"), help="one of the tables")
    parser.add_argument("--runs", type=int, default=10, help="rounds of the pair (default 10)")
    parser.add_argument("--rounds", type=int, default=2, help="rounds of the suite (default 2)")
    parser.add_argument("--every", type=int, default=1, help="of the suite, one case in so many")
    return parser.parse_args()


def _build() -> None:
    lab = Path(sys.executable).with_name("lab")
    subprocess.run([lab, "build"], check=True, stdout=subprocess.DEVNULL)


def _sample(part: str, *words: str) -> Sample:
    command = [sys.executable, "-m", f"tests.bench.{part}", *words]
    began = time.monotonic()
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=suite.environment()
    )
    process = time.monotonic() - began
    if done.returncode:
        raise SystemExit(f"{part} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return Sample(json.loads(done.stderr.splitlines()[-1]).get("verdict"), process)


def _print(scenario: str, rounds: Sequence[tuple[Sample, Sample, Sample]]) -> None:
    lab, floor, compose = zip(*rounds, strict=True)
    verdicts = [(s.verdict or 0.0) for s in lab], [(s.verdict or 0.0) for s in floor]
    wholes = [s.process for s in lab], [s.process for s in floor], [s.process for s in compose]
    print(f"{scenario}, {len(rounds)} rounds; medians in seconds (min to max)")
    _row("first engine call to verdict: lab", verdicts[0])
    _row("first engine call to verdict: floor", verdicts[1])
    _row("whole process: lab", wholes[0])
    _row("whole process: floor", wholes[1])
    _row("whole process: docker compose", wholes[2])
    print("ratios, round by round: median (min to max)")
    _row("to verdict, lab / floor", _ratios(*verdicts))
    _row("whole process, lab / floor", _ratios(wholes[0], wholes[1]))
    _row("whole process, lab / compose", _ratios(wholes[0], wholes[2]))


def _ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    return [a / b for a, b in zip(above, below, strict=True)]


def _row(name: str, values: Sequence[float]) -> None:
    middle = statistics.median(values)
    print(f"  {name:<38} {middle:6.2f}  ({min(values):.2f} to {max(values):.2f})")


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
