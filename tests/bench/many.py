"""Many machines at once, and many cases: what each costs as their number grows.

usage: python -m tests.bench.many [--nodes 100,200,400] [--cases 50,100,200] [--engine URL]

The machines of a scenario are pairs on one network, a server and a client of its own. A suite's
cases are one machine each, made by a matrix. The ratio is that of the whole time to the row
before: twice the machines should take twice the time. Memory is the most that a process ever had,
as the kernel counts it (VmHWM). CPU time tells more on a machine that has other things to do: that
of the lab with its agent, and that of the daemons of all engines here. Times are of one run each.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

LAB = Path(sys.executable).with_name("lab")
PHASES = re.compile(r"\[.*\] (making|running|collecting|removing)$")
HEAD = ("", "up", "verdict", "whole", "each", "ratio", "lab", "agent", "own CPU", "engine's")
ENGINE = frozenset({"dockerd", "containerd"})
TICKS = os.sysconf("SC_CLK_TCK")

PAIR = """\
  server-{n}: {{service: stream-server, args: [--family, ipv6], networks: [lan]}}
  client-{n}: {{service: stream-client, args: [server-{n}], networks: [lan]}}
"""
CROWD = """\
intent: each of {half} clients must be greeted by a server of its own
timeout: 15m
networks: {{lan: {{family: ipv6}}}}
nodes:
{pairs}
steps:
  - start: [{servers}]
    within: 5m
  - start: [{clients}]
    within: 5m
expect:
{greetings}
"""
SUITE = """\
intent: every case must hear its own number
matrix: {{number: [{numbers}]}}
networks: {{lan: {{family: ipv6}}}}
nodes:
  alone: {{networks: [lan]}}
steps:
  - run: {{on: alone, command: [echo, "${{number}}"], as: said}}
expect:
  said: {{stdout: "${{number}}\\n"}}
"""


@dataclass
class Watch:
    """When a run of `lab` came to each of its phases, and what it and its agent used."""

    process: subprocess.Popen[str]
    began: float = field(default_factory=time.monotonic)
    phases: dict[str, float] = field(default_factory=dict)
    lab: int = 0
    agent: int = 0
    own_cpu: float = 0.0
    engines_cpu: float = 0.0

    def read(self) -> None:
        """Follow it to its end."""
        assert self.process.stdout is not None
        before, engines = children(), daemons()
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            found = PHASES.match(line)
            if found:
                self.phases[found[1]] = time.monotonic() - self.began
                self._measure()
        if self.process.wait():
            raise SystemExit("".join(lines[-60:]))
        self.phases["over"] = time.monotonic() - self.began
        self.own_cpu, self.engines_cpu = children() - before, daemons() - engines

    def _measure(self) -> None:
        self.lab = max(self.lab, most(self.process.pid))
        self.agent = max([self.agent, *(most(pid) for pid in agents())])


def most(pid: int) -> int:
    """The most memory a process ever had, in KiB; 0 where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found[1]) if found else 0


def agents() -> Iterator[int]:
    """The agents of this machine, as children or in containers."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(word.endswith((b"/lab/agent/program", b"/lab/agent")) for word in words):
            yield int(folder.name)


def children() -> float:
    """Seconds of CPU time of all that this process has waited for, and they in turn."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def daemons() -> float:
    """Seconds of CPU time of the engines' daemons."""
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            name, _, rest = (folder / "stat").read_text().partition("(")[2].rpartition(") ")
            ticks += sum(map(int, rest.split()[11:13])) if name in ENGINE else 0
    return ticks / TICKS


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print two tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.many", description=__doc__)
    parser.add_argument("--nodes", default="100,200,400", type=numbers)
    parser.add_argument("--cases", default="50,100,200", type=numbers)
    parser.add_argument("--engine", default="")
    options = parser.parse_args(arguments)
    print(f"machines of one scenario{f', on {options.engine}' if options.engine else ''}")
    table(options.nodes, crowd, options.engine)
    print("cases of one suite")
    table(options.cases, suite, options.engine)
    return 0


def numbers(text: str) -> list[int]:
    """`100,200` as numbers; "" as none."""
    return [int(word) for word in text.split(",") if word]


def crowd(number: int) -> str:
    """A scenario of so many machines, in pairs."""
    half = range(number // 2)
    greetings = "\n".join(
        f"  client-{n}: {{stdout: {{contains: \"received 'Hello, world!'\"}}}}" for n in half
    )
    return CROWD.format(
        half=len(half),
        pairs="".join(PAIR.format(n=n) for n in half),
        servers=", ".join(f"server-{n}" for n in half),
        clients=", ".join(f"client-{n}" for n in half),
        greetings=greetings,
    )


def suite(number: int) -> str:
    """A scenario of so many cases."""
    return SUITE.format(numbers=", ".join(map(str, range(number))))


def table(sizes: Sequence[int], made: Callable[[int], str], engine: str) -> None:
    """Run each size and print what it took."""
    print("".join(f"{word:>9}" for word in HEAD))
    before = 0.0
    for number in sizes:
        watch = run(made(number), engine)
        whole = watch.phases["over"]
        ratio = f"{whole / before:.2f}" if before else "-"
        before = whole
        many_cases = made is suite
        cells = (
            f"{number}",
            "-" if many_cases else f"{watch.phases['running']:.1f} s",
            "-" if many_cases else f"{watch.phases['removing']:.1f} s",
            f"{whole:.1f} s",
            f"{whole / number:.2f} s",
            ratio,
            f"{watch.lab / 1024:.0f} MiB",
            f"{watch.agent / 1024:.0f} MiB",
            f"{watch.own_cpu:.1f} s",
            f"{watch.engines_cpu:.1f} s",
        )
        print("".join(f"{cell:>9}" for cell in cells), flush=True)


def run(text: str, engine: str) -> Watch:
    """`lab run` of a scenario, followed to its end."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "many.yaml"
        path.write_text(text)
        chosen = ["--engine", engine] if engine else []
        command = [str(LAB), "run", str(path), "-v", "--no-live", "--runs", "off", *chosen]
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        ) as process:
            watch = Watch(process)
            watch.read()
    return watch


if __name__ == "__main__":
    sys.exit(main())
