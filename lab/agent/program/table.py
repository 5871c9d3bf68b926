"""One row of a socket table, however the kernel was asked.

Law: pure. The states and their names are ss(8)'s.
"""

# transport, address, port, remote address, remote port, state, receive queue, send queue;
# the remote side is None where there is none
Row = tuple[str, str, int, str | None, int | None, str, int, int]

LISTEN = 10
# include/net/tcp_states.h; 12 is a connection request that its listener holds
STATES = {
    1: "ESTAB",
    2: "SYN-SENT",
    3: "SYN-RECV",
    4: "FIN-WAIT-1",
    5: "FIN-WAIT-2",
    6: "TIME-WAIT",
    7: "UNCONN",
    8: "CLOSE-WAIT",
    9: "LAST-ACK",
    10: "LISTEN",
    11: "CLOSING",
    12: "SYN-RECV",
}
# States that only the other side's answer ends: something is on its way
_UNDER_WAY = frozenset({"SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "CLOSING", "LAST-ACK"})


def row(
    transport: str,
    local: tuple[str, int],
    remote: tuple[str, int],
    state: int,
    queues: tuple[int, int],
) -> Row:
    """A row of its parts; a remote side without a port is none."""
    peer = remote if remote[1] else (None, None)
    return (transport, *local, *peer, STATES.get(state, str(state)), *queues)


def pending(found: Row) -> bool:
    """Whether data, an unaccepted connection or an answer is outstanding on a socket.

    The receive queue is bytes not yet read, an unread end of stream counting as one, and for a
    listener the connections not yet accepted; the send queue is bytes not yet acknowledged.
    """
    *_, state, received, unsent = found
    return bool(received or unsent) or state in _UNDER_WAY
