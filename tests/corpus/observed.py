"""Observations written down, for judging what nobody needs to run."""

from array import array
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from lab.events import (
    AddressEntry,
    Exit,
    NodeObservation,
    ProcessEntry,
    ProcessRecord,
    SocketEntry,
    State,
    Times,
)
from lab.kinds.registry import decode_expectation
from lab.model import Endpoint
from lab.ports import Expectation
from lab.quantities import parse_endpoint
from lab.source.located import Mapping, Scalar
from lab.source.reader import read
from lab.source.scope import Scope

BINDINGS = {"talker.ip": "2001:db8::2", "odd.ip": "a.b*[c"}


def expectation(text: str, *, awaiting: bool = False) -> Expectation:
    """The one expectation of a YAML text such as `exit: 0`."""
    document, problems = read(Path("x.yaml"), text.encode())
    assert isinstance(document, Mapping)
    ((key, value),) = document.pairs
    assert isinstance(key, Scalar)
    try:
        return decode_expectation(key.text, value, Scope(problems, awaiting=awaiting))
    finally:
        problems.end_phase()


@dataclass(frozen=True)
class Program:
    """Short ways to write a program's record; `truncated` is its stdout."""

    stdout: bytes = b""
    stderr: bytes = b""
    truncated: bool = False

    def running(self) -> NodeObservation:
        record = ProcessRecord(
            ("p",), State.RUNNING, None, self.stdout, self.stderr, stdout_truncated=self.truncated
        )
        return NodeObservation("node", record, started=True)

    def ended(self, status: int | None = 0, signal: int | None = None) -> NodeObservation:
        record = ProcessRecord(
            ("p",),
            State.ENDED,
            Exit(status if signal is None else None, signal),
            self.stdout,
            self.stderr,
            stdout_closed=True,
            stderr_closed=True,
            stdout_truncated=self.truncated,
        )
        return NodeObservation("node", record, started=True)

    def orphaned(self) -> NodeObservation:
        """Ended, its output still held open by a child."""
        record = ProcessRecord(("p",), State.ENDED, Exit(0), self.stdout, self.stderr)
        return NodeObservation("node", record, started=True)


def wrote(stdout: bytes = b"", stderr: bytes = b"", *, truncated: bool = False) -> Program:
    """A program that wrote this."""
    return Program(stdout, stderr, truncated)


def timed(*chunks: tuple[float, bytes], ended: bool = False) -> NodeObservation:
    """A program that wrote these bytes at these times, in seconds."""
    ends, times, data = array("Q"), array("d"), b""
    for time, part in chunks:
        data += part
        ends.append(len(data))
        times.append(time)
    program = wrote(data).ended() if ended else wrote(data).running()
    record = replace(program.program, stdout_times=Times(ends, times))
    return replace(program, program=record)


def beside(seen: NodeObservation, **peers: NodeObservation) -> NodeObservation:
    """The observation, with other nodes' programs."""
    return replace(seen, peers={name: peer.program for name, peer in peers.items()})


def held() -> NodeObservation:
    """A node whose program was never begun."""
    return NodeObservation("node")


def lost() -> NodeObservation:
    """A node the lab can no longer tell anything of."""
    record = ProcessRecord(("p",), State.LOST, reason="its container is gone")
    return NodeObservation("node", record, started=True)


def with_sockets(*rows: str) -> NodeObservation:
    """`LISTEN tcp/0.0.0.0:80`, and connected ones as `ESTAB local remote`."""
    return NodeObservation(
        "node", ProcessRecord(("p",), State.RUNNING), sockets=tuple(map(_socket, rows))
    )


def _socket(row: str) -> SocketEntry:
    state, local, *remote = row.split()
    peer: Endpoint | None = parse_endpoint(remote[0]) if remote else None
    return SocketEntry(parse_endpoint(local), peer, state)


def with_processes(*rows: str) -> NodeObservation:
    """`1 holder S`, `7 server Z`."""
    entries = [row.split() for row in rows]
    return NodeObservation(
        "node",
        ProcessRecord(("p",), State.RUNNING),
        processes=tuple(ProcessEntry(int(p), 0, s, c) for p, c, s in entries),
    )


def with_addresses(*rows: str) -> NodeObservation:
    """`eth0 192.0.2.1/24 global`."""
    entries = []
    for row in rows:
        interface, address, scope = row.split()
        host, _, prefix = address.partition("/")
        version = 6 if ":" in host else 4
        entries.append(AddressEntry(interface, version, host, int(prefix), scope))
    return NodeObservation("node", ProcessRecord(("p",), State.RUNNING), addresses=tuple(entries))
