"""The three echo servers under ten thousand connections, through the lab: time and memory.

usage: python -m tests.bench.c10k [--connections N] [--engine URL]

Each holds all connections at once and echoes on each; then its process is looked at on its node.
Times are of one run each, so they show an order of magnitude and no more.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SERVERS = ("echoserver-epoll", "echoserver-poll", "echoserver-threads")
SCENARIO = """\
intent: {server} must hold {number} connections and echo on each
timeout: 10m
networks: {{lan: {{family: ipv4}}}}
nodes:
  server: {{service: {server}, networks: [lan], limits: {{memory: 4GiB, pids: 30000}}}}
  client:
    service: load-client
    args: [--connections, "{number}", --hold, --timeout, "280", server, "3490"]
    networks: [lan]
    limits: {{memory: 1GiB}}
steps:
  - start: server
  - start: client
  - wait: {{for: client, stdout: {{contains: "holding {number}"}}}}
    within: 5m
  - run: {{on: server, command: [ps, -C, python3, -o, "rss=,nlwp=,cputimes="], as: usage}}
  - wait: {{for: usage, exit: 0}}
  - close-stdin: client
  - wait: {{for: client, exit: 0}}
    within: 2m
"""
HEAD = ("server", "held after", "its CPU", "threads", "memory", "latency")


def main() -> int:
    """Run and print the table; the status is 1 where a server did not hold them."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.c10k", description=__doc__)
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--engine", default="")
    options = parser.parse_args()
    rows = [HEAD, *(_row(name, options.connections, options.engine) for name in SERVERS)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEAD))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    return int(any(len(set(row[1:])) == 1 for row in rows[1:]))


def _row(server: str, number: int, engine: str) -> tuple[str, ...]:
    case = _run(server, number, engine)
    if case["verdict"] != "PASS":
        print(f"{server}: {case['verdict']}: {case['reason']}", file=sys.stderr)
        return (server, *["-"] * (len(HEAD) - 1))
    nodes = case["nodes"]
    rss, threads, cpu = nodes["server"]["runs"]["usage"]["stdout"].split()
    latency = next(line for line in nodes["client"]["stdout"].splitlines() if " latency " in line)
    held = next(step["seconds"] for step in case["steps"] if "wait for stdout" in step["title"])
    said = latency.partition(" latency ")[2]
    return server, f"{held:.1f} s", f"{cpu} s", threads, f"{int(rss) // 1024} MiB", said


def _run(server: str, number: int, engine: str) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{server}.yaml"
        path.write_text(SCENARIO.format(server=server, number=number))
        lab = Path(sys.executable).with_name("lab")
        chosen = ["--engine", engine] if engine else []
        command = [str(lab), "run", str(path), "--json", "--runs", "off", *chosen]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise SystemExit(done.stderr)
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    sys.exit(main())
