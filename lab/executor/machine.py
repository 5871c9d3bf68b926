"""One node while it runs: its stream, its programs, and what has been seen of them.

Law: holds what was observed and passes commands on; waits for nothing, judges nothing.
"""

from __future__ import annotations

import itertools
import math
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lab import frames
from lab.events import Fact, NodeObservation, ProcessRecord, State
from lab.executor.clocks import Comparison
from lab.executor.link import HolderLink
from lab.executor.loop import Loop
from lab.executor.recording import Recording
from lab.executor.tracker import Tracker
from lab.frames import NODE_PROGRAM
from lab.model import Node
from lab.ports import Agent, Started
from lab.quantities import format_size

if TYPE_CHECKING:
    from lab.executor.tracing import Tracing


class Machine:
    """A node: created, perhaps started, perhaps gone."""

    def __init__(self, node: Node, name: str, changed: Callable[[Machine, int], None]) -> None:
        self.node = node
        self.name = name
        self.started: Started | None = None
        self.recording: Recording | None = None  # of its packets
        self.up = False
        self.released = False
        self.traced = False  # its programs are to be
        self.disconnected = False  # its stream ended though the lab did not end it
        self._changed = changed
        self._trackers = {NODE_PROGRAM: Tracker()}
        self._tracings: dict[int, Tracing] = {}
        self._visitors: dict[int, str] = {}
        self._link: HolderLink | None = None
        self._pings = itertools.count(1)
        self._answered = 0
        self._lost = ""  # why nothing more can be told
        self._now: Callable[[], float] = lambda: math.nan
        self.clock = Comparison()
        self._heeding: list[Callable[[], None]] = []
        self._reached: tuple[str, ...] = ()

    # -- its stream

    def connect(self, loop: Loop, sock: socket.socket) -> None:
        """Take over the holder's stream."""
        self._now = loop.clock.now
        self._link = HolderLink(loop, sock, self._take, self._gone)

    def mute(self) -> None:
        """Be told no more of it, whatever becomes of it."""
        if self._link is not None:
            self._link.mute()

    def disconnect(self) -> None:
        """Let go of the stream, if there is one."""
        if self._link is not None:
            self._link.close()
            self._link = None

    def _gone(self, reason: str) -> None:
        self.disconnected = True
        self.lose(reason)

    def lose(self, reason: str) -> None:
        """From here on the lab cannot tell what happens on it."""
        self._lost = reason
        for process, tracker in self._trackers.items():
            tracker.lose(reason)
            self._tell(process)

    def _take(self, event: frames.Event) -> None:
        match event:
            case frames.Held():
                self.up = True
            case frames.Pong(token=token):
                self._answered = token
            case frames.Waiting(process=process, pid=pid):
                self._trackers[process].waiting = pid
            case frames.Limits(killed=killed, refused=refused):
                self._reached = _reached(self.node, killed, refused)
            case _:
                if isinstance(event, frames.Began):
                    self.clock.began(event.process, event.time, self._now())
                self._trackers[event.process].take(event)
                self._tell(event.process)

    def _tell(self, process: int) -> None:
        self._changed(self, process)
        for heed in self._heeding:
            heed()

    def heed(self, call: Callable[[], None]) -> None:
        """Call back, until ignore(), after all that is seen of it."""
        self._heeding.append(call)

    def ignore(self, call: Callable[[], None]) -> None:
        """Undo heed()."""
        self._heeding.remove(call)

    # -- its programs

    def begin(self, argv: Sequence[str], *, process: int = NODE_PROGRAM) -> None:
        """Begin a program under this process number; one that has ended, again.

        One that is traced waits for go_on().
        """
        frame = frames.begin(process, argv, waits=self.traced)
        if self.released and process == NODE_PROGRAM:
            self._trackers[process].again(argv)
        else:
            self._trackers[process] = Tracker(argv)
        self.released = self.released or process == NODE_PROGRAM
        self.clock.asked(process, self._now())
        if self._lost:
            self._trackers[process].lose(self._lost)
        self._send(frame)

    def trace(self, agent: Agent, process: int) -> None:
        """Have a program that waits traced. Raises EngineError."""
        from lab.executor.tracing import Tracing  # noqa: PLC0415 - most programs are not traced

        pid = self._trackers[process].waiting
        if pid is not None:
            self._tracings.setdefault(process, Tracing(self.name)).begin(agent, pid)

    def go_on(self, process: int) -> None:
        """Let a program that waits begin."""
        self._send(frames.go_on(process))

    def collect(self, agent: Agent) -> None:
        """Have the calls its programs made by now."""
        for tracing in self._tracings.values():
            tracing.update(agent)

    def visited(self, name: str = "") -> tuple[int, str]:
        """The lowest process number that is free, for a program beside the node's own; and what
        that is known by: its name, or `node#2`."""
        process = next(number for number in itertools.count() if number not in self._trackers)
        self._visitors[process] = name or f"{self.node.name}#{process + 1}"
        return process, self._visitors[process]

    def forget(self, process: int) -> None:
        """A program beside the node's own is over, and of no interest: its number is free."""
        del self._trackers[process], self._visitors[process]
        self._tracings.pop(process, None)

    @property
    def visitors(self) -> Mapping[str, ProcessRecord]:
        """The programs that began beside the node's own, by what they are known by."""
        return {key: self.record(p) for p, key in self._visitors.items() if p in self._trackers}

    @property
    def used(self) -> bool:
        """Whether any program was ever begun on it."""
        return self.released or len(self._trackers) > 1

    def send(self, data: bytes, process: int) -> None:
        """Bytes for a program's standard input."""
        self._send(frames.send(process, data))

    def close_input(self, process: int) -> None:
        """End of a program's standard input."""
        self._send(frames.close_input(process))

    def signal(self, number: int, process: int) -> None:
        """A signal for a program."""
        self._send(frames.signal(process, number))

    def signal_group(self, number: int, process: int) -> None:
        """A signal for a program and all its children."""
        self._send(frames.signal_group(process, number))

    def kill(self) -> None:
        """SIGKILL for everything but the holder."""
        self._send(frames.kill_all())

    def ping(self) -> int:
        """Ask for everything written so far; answered once `answered` is the number returned."""
        token = next(self._pings)
        self._send(frames.ping(token))
        return token

    @property
    def answered(self) -> int:
        """The last ping that was answered."""
        return self._answered

    def _send(self, frame: bytes) -> None:
        if self._link is not None:
            self._link.send(frame)

    # -- what has been seen

    def over(self) -> bool:
        """Whether nothing more can come of any of its programs."""
        return all(tracker.over() for tracker in self._trackers.values())

    def tracker(self, process: int = NODE_PROGRAM) -> Tracker:
        """What is known of one of its programs."""
        return self._trackers[process]

    def record(self, process: int = NODE_PROGRAM) -> ProcessRecord:
        """The same, as a value."""
        return self._told(process, self._trackers[process].record())

    def _told(self, process: int, record: ProcessRecord) -> ProcessRecord:
        if self._reached and record.state is not State.HELD:
            record = replace(record, reached=self._reached)
        tracing = self._tracings.get(process)
        return record if tracing is None else tracing.told(record)

    def look(self, agent: Agent, facts: frozenset[Fact]) -> Mapping[Fact, object]:
        """The facts as they are now, as far as there is anything to look at. Raises EngineError."""
        found: dict[Fact, object] = {}
        if Fact.CALLS in facts:
            self.collect(agent)
        looked = facts - {Fact.PACKETS, Fact.CALLS}
        if looked and self.started is not None:
            found.update(agent.look(self.name, looked))
        if Fact.PACKETS in facts and self.recording is not None and self.recording.whole:
            found[Fact.PACKETS] = self.recording.now()
        return found

    def observe(
        self, process: int, facts: Mapping[Fact, object], *, latest: bool = False
    ) -> NodeObservation:
        """Everything seen of it, with facts the agent looked up just now.

        `latest`: of what the program wrote, only what it did since it last began.
        """
        tracker = self._trackers[process]
        program = tracker.latest() if latest else tracker.record()
        return NodeObservation(
            node=self.node.name,
            program=self._told(process, program),
            sockets=facts.get(Fact.SOCKETS),  # type: ignore[arg-type]
            processes=facts.get(Fact.PROCESSES),  # type: ignore[arg-type]
            addresses=facts.get(Fact.ADDRESSES),  # type: ignore[arg-type]
            started=self.released,
            capture=facts.get(Fact.PACKETS),  # type: ignore[arg-type]
        )


def _reached(node: Node, killed: int, refused: int) -> tuple[str, ...]:
    """Its limits that were met, in words."""
    memory = (f"memory limit of {format_size(node.limits.memory)}",) if killed else ()
    processes = (f"process limit of {node.limits.pids}",) if refused else ()
    return memory + processes
