"""What calls are called: one word for all the ways a C library has of making one.

Law: a word means what a program asked for, not which of several calls of the kernel it took.
"""

from __future__ import annotations

from collections.abc import Mapping

from lab.events import Call

_ALSO: Mapping[str, tuple[str, ...]] = {
    "accept": ("accept", "accept4"),
    "recv": ("recv", "recvfrom", "recvmsg", "recvmmsg", "read", "readv"),
    "send": ("send", "sendto", "sendmsg", "sendmmsg", "write", "writev", "sendfile"),
    "poll": ("poll", "ppoll"),
    "select": ("select", "pselect6"),
    "epoll_wait": ("epoll_wait", "epoll_pwait", "epoll_pwait2"),
    "epoll_create": ("epoll_create", "epoll_create1"),
    "fork": ("fork", "vfork", "clone", "clone3"),
    "execve": ("execve", "execveat"),
}
_THEMSELVES = (
    *("socket", "socketpair", "bind", "listen", "accept4", "connect", "shutdown", "close"),
    *("getsockname", "getpeername", "getsockopt", "setsockopt", "epoll_ctl"),
    *("recvfrom", "recvmsg", "recvmmsg", "sendto", "sendmsg", "sendmmsg", "sendfile"),
    *("read", "readv", "write", "writev", "dup", "dup2", "dup3", "fcntl"),
)
NAMES = tuple(sorted({*_ALSO, *_THEMSELVES}))
"""All that may be written."""

_ON_ANYTHING = frozenset({"read", "readv", "write", "writev", "sendfile"})
WAITS = frozenset((*_ALSO["poll"], *_ALSO["select"], *_ALSO["epoll_wait"]))
RECEIVES = frozenset(_ALSO["recv"])
FORKS = frozenset(_ALSO["fork"])


def stands_for(name: str, call: Call) -> bool:
    """Whether that is what the call is called; reading and writing count on sockets alone."""
    if call.name not in _ALSO.get(name, (name,)):
        return False
    return call.name not in _ON_ANYTHING or bool(call.socket)
