"""The engine's bridges, and the addresses of the host's on them (rtnetlink(7)).

Law: nothing is touched but a bridge of that very name with no address outside its network's
subnets. It goes on forwarding; the host is on it no more, and has no address there again by itself.
"""

import errno

from . import addresses
from .cables import change, links
from .netlink import Netlink, attribute
from .refusal import FAILED, Refusal
from .subnets import Subnet

_IFLA_AF_SPEC, _INET6, _ADDR_GEN_MODE = 26, 10, 8
_NONE = b"\x01"  # IN6_ADDR_GEN_MODE_NONE: no link-local address when the first node comes
# What a kernel without IPv6 answers: then there is none to be had.
_NO_IPV6 = frozenset({errno.EAFNOSUPPORT, errno.EOPNOTSUPP})


def isolate(netlink: Netlink, name: str, subnets: list[Subnet]) -> None:
    """Take every address away from the bridge of a network; done already is no error."""
    index = _bridge(netlink, name)
    for found in addresses.on(netlink, index):
        if not any(subnet.holds(found) for subnet in subnets):
            raise Refusal(FAILED, f"{name} is of another network: it has {addresses.text(found)}")
    _without_link_local(netlink, index)
    addresses.clear(netlink, index)


def _bridge(netlink: Netlink, name: str) -> int:
    for index, link in links(netlink).items():
        if link.name == name and link.kind == "bridge":
            return index
    raise Refusal(FAILED, f"there is no bridge {name} where the engine's networks should be")


def _without_link_local(netlink: Netlink, index: int) -> None:
    mode = attribute(_IFLA_AF_SPEC, attribute(_INET6, attribute(_ADDR_GEN_MODE, _NONE)))
    try:
        change(netlink, index, mode)
    except OSError as error:
        if error.errno not in _NO_IPV6:
            raise
