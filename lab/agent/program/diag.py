"""TCP and UDP sockets of a network namespace, from the kernel's own query (sock_diag(7)).

Law: one dump per family and transport, through a socket made in that namespace. It is ten times
faster than /proc/net, which walks every bucket of the host's connection table under a lock.
"""

import socket
import struct

from .netlink import Netlink
from .table import LISTEN, STATES, Row, row

_BY_FAMILY = 20  # SOCK_DIAG_BY_FAMILY
_REQUEST = struct.Struct("=BBBBI48x")  # family, protocol, extensions, states, socket id
_ANSWER = struct.Struct("=BBBB2s2s16s16s12xIII")  # family, state, ports, addresses, queues
_SIZES = {int(socket.AF_INET): 4, int(socket.AF_INET6): 16}
_PROTOCOLS = {"tcp": int(socket.IPPROTO_TCP), "udp": int(socket.IPPROTO_UDP)}
_ALL = sum(1 << state for state in STATES)


def sockets(netlink: Netlink) -> list[Row]:
    """Every socket that is bound, connected or in TIME-WAIT. OSError: this kernel cannot say."""
    found = []
    for transport, protocol in _PROTOCOLS.items():
        for family in _SIZES:
            request = _REQUEST.pack(family, protocol, 0, 0, _ALL)
            bodies = netlink.dump(_BY_FAMILY, request)
            found += [entry(transport, body) for body in bodies]
    return found


def entry(transport: str, body: bytes) -> Row:
    """One inet_diag_msg (linux/inet_diag.h)."""
    family, state, _, _, port, peer_port, local, remote, _, received, unsent = _ANSWER.unpack_from(
        body
    )
    size = _SIZES[family]
    return row(
        transport,
        (socket.inet_ntop(family, local[:size]), int.from_bytes(port)),
        (socket.inet_ntop(family, remote[:size]), int.from_bytes(peer_port)),
        state,
        (received, 0 if state == LISTEN else unsent),  # a listener's is its backlog's limit
    )
