"""The rows the agent's program answers with, as the records of lab.events.

Law: pure; the shapes are those that program/table.py, processes.py and addresses.py name Row.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lab.events import AddressEntry, Fact, ProcessEntry, SocketEntry
from lab.model import Endpoint, Transport

_Row = Sequence[Any]


def _socket(row: _Row) -> SocketEntry:
    transport, address, port, peer, peer_port, state, received, unsent = row
    kind = Transport(transport)
    remote = None if peer is None else Endpoint(kind, peer, peer_port)
    return SocketEntry(Endpoint(kind, address, port), remote, state, received, unsent)


def _process(row: _Row) -> ProcessEntry:
    pid, parent, state, command = row
    return ProcessEntry(pid, parent, state, command)


def _address(row: _Row) -> AddressEntry:
    interface, version, address, prefix, scope = row
    return AddressEntry(interface, version, address, prefix, scope)


_RECORDS: Mapping[Fact, Callable[[Any], object]] = {
    Fact.SOCKETS: _socket,
    Fact.PROCESSES: _process,
    Fact.ADDRESSES: _address,
    Fact.PACKETS: int,  # how many there were: JsonAgent.packets() has themselves
}


def records(answer: Mapping[str, Sequence[Any]]) -> Mapping[Fact, tuple[object, ...]]:
    """An answer to `look`."""
    return {
        fact: tuple(_RECORDS[fact](row) for row in rows)
        for fact, rows in ((Fact(name), rows) for name, rows in answer.items())
    }
