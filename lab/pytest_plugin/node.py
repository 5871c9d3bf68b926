"""One machine of a running scenario, for tests: what it does, what was seen of it.

Law: words for what a scenario's steps and expectations say; it adds nothing to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Protocol

from msgspec import Struct

from lab.events import Exit, ProcessRecord
from lab.quantities import format_signal
from lab.result import NodeResult

WITHIN = 10.0  # seconds, as a step of a file has


class Home(Protocol):
    """The running scenario a node is of."""

    def step(self, *, within: float | str | None = None, **words: Any) -> None: ...

    def result(self, node: str) -> NodeResult: ...

    def send(self, node: str, data: bytes) -> None: ...

    def run(self, node: str, argv: Sequence[str], within: float) -> ProcessRecord: ...


class Completed(Struct, frozen=True):
    """Another program that came to its end: how, and all that it wrote.

    `status` is what a shell would say: 128 and the signal's number for one that a signal ended.
    """

    exit: int | str
    status: int
    stdout: bytes
    stderr: bytes

    @property
    def output(self) -> str:
        """Its standard output as text."""
        return _text(self.stdout)


class RunningNode:
    """A machine. Every method raises ScenarioFailure or ScenarioError (lab.pytest_plugin.running).

    `within`: seconds, or as a file has it: "500ms".
    """

    def __init__(self, scenario: Home, name: str) -> None:
        self._scenario = scenario
        self.name = name

    def __repr__(self) -> str:
        return f"<node {self.name}>"

    # -- its program

    def start(self, *, within: float | str = WITHIN) -> None:
        """Begin it, or begin it again, and wait until it is ready."""
        __tracebackhide__ = True
        self._scenario.step(start=self.name, within=within)

    def send_line(self, line: str) -> None:
        """A line for its standard input; the newline is added."""
        __tracebackhide__ = True
        self.send(f"{line}\n")

    def send(self, data: str | bytes) -> None:
        """Text or bytes for its standard input, as they are."""
        __tracebackhide__ = True
        self._scenario.send(self.name, data.encode() if isinstance(data, str) else data)

    def close_stdin(self) -> None:
        """The end of its standard input."""
        __tracebackhide__ = True
        self._scenario.step(close_stdin=self.name)

    def signal(self, signal: str) -> None:
        """A signal for it, by name: "SIGHUP"."""
        __tracebackhide__ = True
        self._scenario.step(signal={"to": self.name, "name": signal})

    def stop(self, *, within: float | str = WITHIN) -> None:
        """SIGTERM, and wait until it has ended."""
        __tracebackhide__ = True
        self._scenario.step(stop=self.name, within=within)

    def kill(self, *, within: float | str = WITHIN) -> None:
        """SIGKILL for all that runs there, and wait until it has ended."""
        __tracebackhide__ = True
        self._scenario.step(kill=self.name, within=within)

    def restart(self, *, within: float | str = WITHIN) -> None:
        """End it and begin it again, and wait until it is ready."""
        __tracebackhide__ = True
        self._scenario.step(restart=self.name, within=within)

    def wait(self, *, within: float | str = WITHIN, **expected: Any) -> None:
        """Until all of it is seen: wait(stdout="hello", exit=0, listening="tcp/[::]:80").

        The words are those of a `wait` step in a scenario file, with `_` for `-`.
        """
        __tracebackhide__ = True
        words = {word.replace("_", "-"): value for word, value in expected.items()}
        self._scenario.step(wait={"for": self.name, **words}, within=within)

    # -- what was seen of it

    @property
    def stdout(self) -> bytes:
        """What its program wrote so far."""
        return self._program.stdout

    @property
    def stderr(self) -> bytes:
        """What its program wrote to standard error so far."""
        return self._program.stderr

    @property
    def output(self) -> str:
        r"""Its standard output so far as text; a byte that is none is `\xNN`."""
        return _text(self._program.stdout)

    @property
    def exit(self) -> int | str | None:
        """How its program ended: a status, or the name of a signal; None while it has not."""
        ended = self._program.exit
        return None if ended is None else _how(ended)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses this run gave it."""
        return self._scenario.result(self.name).addresses

    @property
    def _program(self) -> ProcessRecord:
        return self._scenario.result(self.name).program

    # -- its machine

    def run(self, *argv: str, within: float = WITHIN) -> Completed:
        """Another program on the machine, with nothing on its standard input, to its end."""
        __tracebackhide__ = True
        record = self._scenario.run(self.name, argv, within)
        ended = record.exit or Exit(0)
        status = ended.status or 0 if ended.signal is None else 128 + ended.signal
        return Completed(_how(ended), status, record.stdout, record.stderr)

    @cached_property
    def host(self) -> Any:
        """The machine as testinfra's Host; needs pytest-testinfra, and a shell on the machine."""
        from lab.pytest_plugin.host import host  # noqa: PLC0415 - testinfra need not be there

        return host(self)


def _how(ended: Exit) -> int | str:
    return ended.status or 0 if ended.signal is None else format_signal(ended.signal)


def _text(data: bytes) -> str:
    return data.decode(errors="backslashreplace")
