"""The addresses of a network namespace's interfaces (rtnetlink(7)).

Law: speaks through a route socket made in that namespace; loopback interfaces are listed but
never touched.
"""

import errno
import socket
import struct
from collections.abc import Callable

from .cables import links
from .netlink import CREATE, Netlink, attribute, attributes
from .refusal import FAILED, UNKNOWN, Refusal
from .subnets import Subnet

Row = tuple[str, int, str, int, str]  # interface, IP version, address, prefix, scope
_Raw = tuple[int, int, int, int, bytes]  # family, prefix, scope, interface index, address

_NEW_ADDRESS, _DELETE_ADDRESS, _GET_ADDRESS = 20, 21, 22
_ADDRESS = struct.Struct("=BBBBI")  # family, prefix, flags, scope, index
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_AT_ONCE = 0x02  # IFA_F_NODAD: used before anybody was asked whether it has it
_LOOPBACK = 0x8  # IFF_LOOPBACK
_LINK_ONLY = 253  # RT_SCOPE_LINK
_SCOPES = {0: "global", 200: "site", _LINK_ONLY: "link", 254: "host", 255: "nowhere"}
_VERSIONS = {int(socket.AF_INET): 4, int(socket.AF_INET6): 6}
_IPV4_BYTES = 4
_ROUNDS = 4  # deleting an address may bring another to light


def addresses(netlink: Netlink) -> list[Row]:
    """All addresses, as the kernel lists them."""
    names = {index: link.name for index, link in links(netlink).items()}
    return [
        (names.get(index, f"#{index}"), _VERSIONS[family], socket.inet_ntop(family, raw), prefix,
         _SCOPES.get(scope, "global"))
        for family, prefix, scope, index, raw in _addresses(netlink)
    ]  # fmt: skip


def flush(netlink: Netlink, subnets: list[Subnet]) -> None:
    """Delete every address within the subnets from every interface but loopback ones."""
    loopback = {index for index, link in links(netlink).items() if link.flags & _LOOPBACK}
    _remove(
        netlink,
        lambda found: found[3] not in loopback and any(each.holds(found[4]) for each in subnets),
    )


def on(netlink: Netlink, index: int) -> list[bytes]:
    """The addresses of an interface but for link-local ones."""
    found = _addresses(netlink)
    return [raw for _, _, scope, at, raw in found if at == index and scope != _LINK_ONLY]


def clear(netlink: Netlink, index: int) -> None:
    """Delete every address of an interface."""
    _remove(netlink, lambda found: found[3] == index)


def text(raw: bytes) -> str:
    """An address as it is written."""
    return socket.inet_ntop(socket.AF_INET if len(raw) == _IPV4_BYTES else socket.AF_INET6, raw)


def _remove(netlink: Netlink, doomed: Callable[[_Raw], bool]) -> None:
    for _ in range(_ROUNDS):
        found = [each for each in _addresses(netlink) if doomed(each)]
        if not found:
            return
        for family, prefix, scope, index, raw in found:
            _delete(netlink, _ADDRESS.pack(family, prefix, 0, scope, index), raw)
    raise Refusal(FAILED, "addresses come back as soon as they are deleted")


def homes(netlink: Netlink) -> dict[str, int]:
    """Each address as text -> the index of the interface that has it."""
    return {
        socket.inet_ntop(family, raw): index for family, _, _, index, raw in _addresses(netlink)
    }


def exchange(netlink: Netlink, index: int, new: list[str]) -> None:
    """Give an interface these addresses (CIDR) in place of those of their families and scope."""
    given = [_split(text) for text in new]
    families = {family for family, _, _ in given}
    for family, prefix, scope, at, raw in _addresses(netlink):
        if at == index and family in families and scope == 0:
            _delete(netlink, _ADDRESS.pack(family, prefix, 0, scope, index), raw)
    for family, prefix, raw in given:
        header = _ADDRESS.pack(family, prefix, _AT_ONCE, 0, index)
        netlink.ask(
            _NEW_ADDRESS, header + attribute(_IFA_LOCAL, raw) + attribute(_IFA_ADDRESS, raw), CREATE
        )


def _split(text: str) -> tuple[int, int, bytes]:
    """(family, prefix, address)."""
    address, _, prefix = text.partition("/")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        return int(family), int(prefix), socket.inet_pton(family, address)
    except (OSError, ValueError):
        raise Refusal(UNKNOWN, f"{text!r} is no address with a prefix") from None


def _delete(netlink: Netlink, header: bytes, raw: bytes) -> None:
    try:
        netlink.ask(_DELETE_ADDRESS, header + attribute(_IFA_LOCAL, raw))
    except OSError as error:
        if error.errno != errno.EADDRNOTAVAIL:  # went with its primary address
            raise


def _addresses(netlink: Netlink) -> list[_Raw]:
    found = []
    for body in netlink.dump(_GET_ADDRESS, _ADDRESS.pack(0, 0, 0, 0, 0)):
        family, prefix, _, scope, index = _ADDRESS.unpack_from(body)
        values = attributes(body, _ADDRESS.size)
        raw = values.get(_IFA_LOCAL, values.get(_IFA_ADDRESS))
        if family in _VERSIONS and raw is not None:
            found.append((family, prefix, scope, index, raw))
    return found
