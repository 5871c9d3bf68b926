"""Parts of the lab that need no Docker and no YAML, for tests of the command line.

A scenario file of theirs is one line: its tags. The first word of a scenario's name is the
verdict it comes to; `bad` is a file with a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from lab.cli.main import main
from lab.cli.parts import (
    BuildOptions,
    Connection,
    EngineChoice,
    ImageState,
    Outcome,
    RunOptions,
    Say,
    View,
)
from lab.errors import EngineError, UsageError
from lab.model import Attachment, Family, Network, Node, Program, Scenario, Topology
from lab.ports import Abilities, Capacity, Image, Leftover
from lab.result import CaseBegan, CaseEnded, CaseRemoved
from lab.source import Span
from lab.verdict import Verdict
from tests.corpus.reports.examples import RESULTS
from tests.fakes.engine import carries

EXAMPLES = {
    "pass": RESULTS["pass"],
    "fail": RESULTS["fail-output"],
    "error": RESULTS["error-engine"],
    "skip": RESULTS["skip"],
    "evil": RESULTS["hostile"],
}


def scenario(name: str, path: Path, tags: tuple[str, ...]) -> Scenario:
    """A case with two nodes on a network."""
    here = Span(path, 1, 1, 1, 2)
    link = (Attachment("lan", here),)
    nodes = tuple(Node(n, n, Program(None, None, None), link, True, here) for n in ("a", "b"))
    topology = Topology((Network("lan", Family.IPV6, here),), nodes)
    return Scenario(name, path, f"{name} must be", tags, topology, (), ())


def container(run: str, node: str, **labels: str) -> Leftover:
    """A container as the engine finds it."""
    marks = {"lab.run": run, "lab.scenario": "pass-a", "lab.node": node, **labels}
    return Leftover("container", f"id-{run}-{node}", f"lab-{run}-{node}", marks)


@dataclass
class FoundEngine:
    """As much of an engine as commands ask for; `things` are on it."""

    things: list[Leftover] = field(default_factory=list)
    stuck: frozenset[str] = frozenset()
    networks: list[str] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    unbounded: frozenset[str] = frozenset()

    def capacity(self) -> Capacity:
        """A small machine's."""
        return Capacity(2, 2**30, self.unbounded)

    def abilities(self) -> Abilities:
        """Of today."""
        return Abilities("28.5.2", (1, 51), ipv6_only=True)

    def image(self, reference: str | None) -> Image:
        """There."""
        return Image(reference or "sha256:1ab", (), ())

    def find(self, labels: Mapping[str, str]) -> tuple[Leftover, ...]:
        """All things that carry them."""
        return tuple(thing for thing in self.things if carries(thing.labels, labels))

    def settle(self, leftover: Leftover) -> None:
        """Noted."""
        self.settled.append(leftover.name)

    def remove(self, leftover: Leftover, *, wait: bool = True) -> None:
        """One of them."""
        if leftover.name in self.stuck:
            name = f"{leftover.what} {leftover.name}"
            raise EngineError(f"cannot remove {name}: device or resource busy")  # as engines say
        self.things.remove(leftover)

    def create_network(self, spec: Any) -> str:
        """For the doctor."""
        self.networks.append(spec.name)
        return ""

    def remove_network(self, network: str) -> None:
        """For the doctor."""
        self.networks.remove(network)


@dataclass
class FakeParts:
    """See lab.cli.parts.Parts."""

    engine: FoundEngine = field(default_factory=FoundEngine)
    no_engine: EngineError | None = None
    crash: BaseException | None = None
    interrupted: bool = False
    calls: list[Any] = field(default_factory=list)

    def load(
        self, path: Path, root: Path, use: Mapping[str, str], *, accepting: bool = False
    ) -> tuple[Scenario, ...]:
        """One case, two where the file has the tag `matrix`."""
        self.calls.append(("load", path.name))
        if self.crash is not None:
            raise self.crash
        try:
            tags = tuple(path.read_text().split())
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from error
        if path.stem == "bad":
            raise UsageError(f"{path}:1:1: this is no scenario")
        if "matrix" in tags:
            return tuple(scenario(f"{path.stem}[x={x}]", path, tags) for x in (1, 2))
        return (scenario(path.stem, path, tags),)

    def plan(self, case: Scenario, abilities: Abilities) -> Sequence[str]:
        """One operation."""
        self.calls.append(("plan", abilities.version))
        return [f"[1] create-node a ({case.path.name}:1:1)"]

    def kinds(self) -> Mapping[str, str]:
        """Two."""
        return {"stdout": "What it wrote.\n\n    stdout: hello", "exit": "How it ended."}

    def schema(self) -> Mapping[str, object]:
        """A small one."""
        return {"type": "object"}

    @contextmanager
    def connect(self, choice: EngineChoice, say: Say) -> Iterator[Connection]:
        """The engine, or none."""
        self.calls.append(("connect", choice))
        if self.no_engine is not None:
            raise self.no_engine
        yield Connection(cast("Any", self.engine), "unix:///fake.sock", "me")

    def run(
        self,
        cases: Sequence[Scenario],
        connection: Connection,
        options: RunOptions,
        view: View,
    ) -> Outcome:
        """Each comes to what its name says."""
        self.calls.append(("run", [case.name for case in cases], options))
        results = []
        for case in cases:
            found = replace(EXAMPLES[re.split("[- [\\]]", case.name)[0]], case=case.name)
            found = replace(found, scenario=case.name.split("[")[0], path=case.path)
            view(CaseBegan(case.name, case.intent, ("a", "b"), ()))
            view(CaseEnded(case.name, found))
            view(CaseRemoved(case.name))
            results.append(found)
        return Outcome(tuple(results), self.interrupted)

    def up(self, case: Scenario, connection: Connection, view: View) -> None:
        """Told only."""
        self.calls.append(("up", case.name))

    def output(self, connection: Connection, name: str, *, follow: bool) -> Iterator[bytes]:
        """A line and a half."""
        yield b"first of " + name.encode() + b"\n\x1b[31m"
        yield b"half"

    def interact(self, connection: Connection, node: str, argv: Sequence[str]) -> int:
        """Ends with 7."""
        self.calls.append(("interact", node, tuple(argv)))
        return 7

    def agent(self, connection: Connection) -> str:
        """Works."""
        return "works"

    def images(self, connection: Connection) -> tuple[Leftover, ...]:
        """Those among the things."""
        return tuple(thing for thing in self.engine.things if thing.what == "image")

    def image(self, connection: Connection) -> ImageState:
        """There."""
        return ImageState("lab:1", present=True, base="debian:trixie-slim")

    def build(self, connection: Connection, options: BuildOptions, say: Say) -> str:
        """Told only."""
        self.calls.append(("build", options))
        return "lab:1"


def project(root: Path, **files: str) -> Path:
    """A project with these scenario files; `_` in a name stands for `-`."""
    (root / "services").mkdir(parents=True)
    (root / "scenarios").mkdir()
    for name, text in files.items():
        (root / "scenarios" / f"{name.replace('_', '-')}.yaml").write_text(text)
    return root


__all__ = ["EXAMPLES", "FakeParts", "FoundEngine", "Verdict", "container", "project", "scenario"]


@dataclass(frozen=True)
class Answer:
    """What a call ended with and wrote."""

    status: int
    out: str
    err: str


Call = Callable[..., Answer]


def caller(parts: FakeParts, capfd: pytest.CaptureFixture[str]) -> Call:
    """`lab ARGUMENTS` in the folder a test is in, with these parts."""

    def call(*arguments: str) -> Answer:
        status = main(arguments, parts)
        return Answer(status, *capfd.readouterr())

    return call
