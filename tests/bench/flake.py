"""`make flake`: so many cases under --stress; how many did not pass, and how each comes back.

usage: python -m tests.bench.flake [--cases N] [--seed S] [--engine URL] [NAME ...]

Law: every case counts once, whatever it came to; one that the lab lost counts as not passed. Each
round is every case once, disturbed by a seed of its own.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def main() -> int:
    """Run them and say how many there were; the status is 1 where one did not pass."""
    options = _options()
    draw, began = random.Random(options.seed), time.monotonic()
    verdicts: Counter[str] = Counter()
    while (done := verdicts.total()) < options.cases:
        seed = draw.randrange(10**6)
        for case in _round(options, seed):
            verdicts[case["verdict"]] += 1
            if case["verdict"] not in ("PASS", "SKIP"):
                print(f"{case['verdict']} {case['case']} (seed {seed}): {case['reason']}")
        _progress(f"{verdicts.total()} of {options.cases} cases, {_not_passed(verdicts)} not PASS")
        if verdicts.total() == done:
            print("a round came to nothing")
            return 1
    _progress("")
    told = ", ".join(f"{number} {verdict}" for verdict, number in sorted(verdicts.items()))
    print(
        f"{verdicts.total()} cases under --stress: {_not_passed(verdicts)} not PASS ({told}) "
        f"in {time.monotonic() - began:.0f} s; again: --seed {options.seed}"
    )
    return 1 if _not_passed(verdicts) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make flake", description=__doc__)
    parser.add_argument("--cases", type=int, default=1000, help="at least so many (default 1000)")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--engine", help="as for lab run")
    parser.add_argument("names", nargs="*", default=["all"])
    return parser.parse_args()


def _round(options: argparse.Namespace, seed: int) -> Iterator[Json]:
    """Every case once; what the lab told of none is told of it."""
    words = ["run", *options.names, "--stress", "--seed", str(seed), "--json", "--runs", "off"]
    engine = ["--engine", options.engine] if options.engine else []
    command = [sys.executable, "-m", "lab.cli.main", *words, *engine]
    lab = subprocess.run(command, check=False, capture_output=True, text=True)
    yield from (json.loads(line) for line in lab.stdout.splitlines())
    if lab.returncode not in (0, 1, 3) or "Traceback" in lab.stderr:
        reason = f"it ended with status {lab.returncode}: {lab.stderr[-2000:]}"
        yield {"case": "the lab itself", "verdict": "LOST", "reason": reason}


def _not_passed(verdicts: Counter[str]) -> int:
    return sum(n for verdict, n in verdicts.items() if verdict not in ("PASS", "SKIP"))


def _progress(text: str) -> None:
    print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
