"""The sockets that are the C library's own: getaddrinfo's.

Law: only those that leave no trace a program's own could leave: it asks the kernel for addresses
(netlink), the name service cache, a name server (port 53), and, to sort what it found, connects
datagram sockets on which nothing is ever sent, received or waited for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lab.events import Call

_PROBING = frozenset({"socket", "connect", "getsockname", "close"})
_NAME_SERVER = "htons(53)"
_CACHE = "/nscd/socket"


def own(calls: Iterable[Call]) -> tuple[Call, ...]:
    """The calls without those on sockets of the C library's."""
    found = tuple(calls)
    by_socket: dict[int, list[Call]] = {}
    for call in found:
        if call.socket:
            by_socket.setdefault(call.socket, []).append(call)
    theirs = {socket for socket, of_it in by_socket.items() if _is_theirs(of_it)}
    return tuple(call for call in found if call.socket not in theirs)


def _is_theirs(calls: Sequence[Call]) -> bool:
    made = next((call.arguments for call in calls if call.name == "socket"), ())
    if "AF_NETLINK" in made:
        return True
    if any(_NAME_SERVER in part or _CACHE in part for call in calls for part in call.arguments):
        return True
    names = {call.name for call in calls}
    datagrams = any("SOCK_DGRAM" in part for part in made)
    return datagrams and {"connect", "close"} <= names <= _PROBING
