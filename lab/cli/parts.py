"""What the command line asks of the rest of the lab, as one Protocol.

Law: commands reach loader, planner, engine and suite through Parts alone; so tests give them
others, and what is slow to import is imported only by the part that is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field

from lab.result import Keep

if TYPE_CHECKING:
    from lab.model import Scenario
    from lab.ports import Abilities, Engine, Leftover
    from lab.result import Progress, ScenarioResult

Say = Callable[[str], None]
"""Tells the user how something long goes; one line."""


class EngineChoice(Struct, frozen=True):
    """Which engine: `url` None is the one Docker's own settings name, else the private one.

    `start`: where none answers and this machine can have one, start the private engine.
    `services`: the folder that goes into the lab's image; None is the lab's own.
    `machines`: some will be made on it, so what that takes is got ready meanwhile.
    """

    url: str | None = None
    start: bool = False
    services: Path | None = None
    machines: bool = False


class Connection(Struct, frozen=True):
    """An engine that answers, its URL as in DOCKER_HOST, and for whom machines stand on it."""

    engine: Engine
    url: str
    keeper: str


class RunOptions(Struct, frozen=True):
    """How to run.

    `jobs` cases at a time, None: as many as this engine has use for; `keep` their machines up.
    `rounds`: how often each is run, None: without end; `fail_fast`: nothing begins after one that
    did not pass. `seconds` is how long each case took before, `levels` how many at a time were
    best, by engine. `seed`: disturb the runs by it. `packets`: of which cases they are kept.
    `formats`: those of the reports to be made of the outcome, which has no more than they need.
    """

    jobs: int | None = 1
    keep: bool = False
    rounds: int | None = 1
    fail_fast: bool = False
    seconds: Sequence[float | None] = ()
    levels: Mapping[str, int] = field(default_factory=dict)
    seed: int | None = None
    packets: Keep = Keep.ASKED
    formats: tuple[str, ...] = ()


class Outcome(Struct, frozen=True):
    """The results there are, in the order of the cases; `interrupted`: not all were run.

    `levels`: how many cases at a time were best, by engine, where that was measured.
    """

    results: tuple[ScenarioResult, ...]
    interrupted: bool = False
    levels: Mapping[str, int] = field(default_factory=dict)


class BuildOptions(Struct, frozen=True):
    """`base`: an image to build on, None for the usual one; `force`: even if nothing changed.

    `source`: an engine that may have made the usual base already.
    """

    base: str | None = None
    force: bool = False
    source: Connection | None = None


class ImageState(Struct, frozen=True):
    """The lab's own image: what it is called, whether it is there, what it would be built on."""

    reference: str
    present: bool
    base: str | None
    said: str = ""


class View(Protocol):
    """What shows a run while it goes on; a Listener that can also be told a plain line."""

    def __call__(self, event: Progress) -> None:
        """See Listener."""
        ...

    def say(self, line: str) -> None:
        """Tell it; may be called by a signal handler."""
        ...


class Parts(Protocol):
    """Every method may raise LabError, and nothing else a user could have caused."""

    def load(
        self, path: Path, root: Path, use: Mapping[str, str], *, accepting: bool = False
    ) -> tuple[Scenario, ...]:
        """The cases of a scenario file; `use` replaces services by images.

        `accepting`: golden files need not be there yet.
        """
        ...

    def plan(self, case: Scenario, abilities: Abilities) -> Sequence[str]:
        """The plan's operations on an engine of these abilities, one line each."""
        ...

    def kinds(self) -> Mapping[str, str]:
        """Every word of the language and all there is to know about it, with a YAML example."""
        ...

    def schema(self) -> Mapping[str, object]:
        """The JSON Schema of scenario files."""
        ...

    def connect(self, choice: EngineChoice, say: Say) -> AbstractContextManager[Connection]:
        """An engine that answers, given back at the end."""
        ...

    def run(
        self,
        cases: Sequence[Scenario],
        connection: Connection,
        options: RunOptions,
        view: View,
    ) -> Outcome:
        """Run them all; Ctrl-C and SIGTERM stop and undo what runs."""
        ...

    def up(self, case: Scenario, connection: Connection, view: View) -> None:
        """Make a case's machines, held, and leave them standing; Ctrl-C undoes it."""
        ...

    def output(self, connection: Connection, name: str, *, follow: bool) -> Iterator[bytes]:
        """What programs on a standing machine wrote so far; with `follow`, also from now on."""
        ...

    def interact(self, connection: Connection, node: str, argv: Sequence[str]) -> int:
        """Run a program on a standing machine with this terminal as its own; its exit status."""
        ...

    def agent(self, connection: Connection) -> str:
        """How the agent works beside this engine, in a few words, having tried it."""
        ...

    def images(self, connection: Connection) -> tuple[Leftover, ...]:
        """The images the lab has made on this engine."""
        ...

    def image(self, connection: Connection) -> ImageState:
        """How the lab's own image stands on this engine."""
        ...

    def build(self, connection: Connection, options: BuildOptions, say: Say) -> str:
        """Make the lab's own image if need be; its reference."""
        ...
