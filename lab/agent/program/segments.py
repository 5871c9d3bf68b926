"""Whether segments may be handed on as one, for a card to take apart (segmentation offload).

Law: a packet is to be one on the wire, where it is counted and where it waits. New connections
are held to that (cables.limit_segments); whether something may be there that was not is told, not
guessed away: connections of before, and what a router passes on.
"""

from . import diag
from .netlink import SOCK_DIAG, Netlink

_OVER = "TIME-WAIT"
_FORWARDING = ("/proc/sys/net/ipv4/conf/all/forwarding", "/proc/sys/net/ipv6/conf/all/forwarding")


def joined() -> bool:
    """Whether some may be joined that no limit set now takes apart. Raises OSError."""
    return _forwards() or _connected()


def _connected() -> bool:
    netlink = Netlink(SOCK_DIAG)
    try:
        rows = diag.sockets(netlink)
    finally:
        netlink.close()
    return any(
        transport == "tcp" and peer is not None and state != _OVER
        for transport, _, _, peer, _, state, _, _ in rows
    )


def _forwards() -> bool:
    said = []
    for path in _FORWARDING:
        try:
            with open(path, encoding="ascii") as file:  # noqa: PTH123 - pathlib doubles the start
                said.append(file.read().strip())
        except FileNotFoundError:  # a kernel without IPv6
            continue
    return "1" in said
