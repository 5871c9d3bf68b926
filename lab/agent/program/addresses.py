"""The addresses of a network namespace's interfaces (rtnetlink(7)).

Law: speaks through a route socket made in that namespace; loopback interfaces are listed but
never touched.
"""

import errno
import socket
import struct

from .netlink import Netlink, attribute, attributes
from .refusal import FAILED, Refusal
from .subnets import Subnet

Row = tuple[str, int, str, int, str]  # interface, IP version, address, prefix, scope

_GET_LINK, _GET_ADDRESS, _DELETE_ADDRESS = 18, 22, 21
_LINK = struct.Struct("=BxHiII")  # family, type, index, flags, change
_ADDRESS = struct.Struct("=BBBBI")  # family, prefix, flags, scope, index
_IFLA_IFNAME, _IFA_ADDRESS, _IFA_LOCAL = 3, 1, 2
_LOOPBACK = 0x8  # IFF_LOOPBACK
_SCOPES = {0: "global", 200: "site", 253: "link", 254: "host", 255: "nowhere"}
_VERSIONS = {int(socket.AF_INET): 4, int(socket.AF_INET6): 6}
_ROUNDS = 4  # deleting an address may bring another to light


def addresses(netlink: Netlink) -> list[Row]:
    """All addresses, as the kernel lists them."""
    names = {index: name for index, (name, _) in _links(netlink).items()}
    return [
        (names.get(index, f"#{index}"), _VERSIONS[family], socket.inet_ntop(family, raw), prefix,
         _SCOPES.get(scope, "global"))
        for family, prefix, scope, index, raw in _addresses(netlink)
    ]  # fmt: skip


def flush(netlink: Netlink, subnets: list[Subnet]) -> None:
    """Delete every address within the subnets from every interface but loopback ones."""
    loopback = {index for index, (_, flags) in _links(netlink).items() if flags & _LOOPBACK}
    for _ in range(_ROUNDS):
        doomed = [
            found
            for found in _addresses(netlink)
            if found[3] not in loopback and any(subnet.holds(found[4]) for subnet in subnets)
        ]
        if not doomed:
            return
        for family, prefix, scope, index, raw in doomed:
            _delete(netlink, _ADDRESS.pack(family, prefix, 0, scope, index), raw)
    raise Refusal(FAILED, "addresses of the node come back as soon as they are deleted")


def _delete(netlink: Netlink, header: bytes, raw: bytes) -> None:
    try:
        netlink.ask(_DELETE_ADDRESS, header + attribute(_IFA_LOCAL, raw))
    except OSError as error:
        if error.errno != errno.EADDRNOTAVAIL:  # went with its primary address
            raise


def _links(netlink: Netlink) -> dict[int, tuple[str, int]]:
    """Interface index -> name and flags."""
    found = {}
    for body in netlink.dump(_GET_LINK, _LINK.pack(0, 0, 0, 0, 0)):
        _, _, index, flags, _ = _LINK.unpack_from(body)
        name = attributes(body, _LINK.size).get(_IFLA_IFNAME, b"").rstrip(b"\0")
        found[index] = (name.decode(errors="backslashreplace"), flags)
    return found


def _addresses(netlink: Netlink) -> list[tuple[int, int, int, int, bytes]]:
    """(family, prefix, scope, interface index, address)."""
    found = []
    for body in netlink.dump(_GET_ADDRESS, _ADDRESS.pack(0, 0, 0, 0, 0)):
        family, prefix, _, scope, index = _ADDRESS.unpack_from(body)
        values = attributes(body, _ADDRESS.size)
        raw = values.get(_IFA_LOCAL, values.get(_IFA_ADDRESS))
        if family in _VERSIONS and raw is not None:
            found.append((family, prefix, scope, index, raw))
    return found
