"""Which network an interface of a node is on.

Law: an interface is found by the subnet its addresses are in, never by its name or its place:
engines give those as they come. What was found is looked up again whenever the kernel tells of a
change.
"""

import socket
from collections.abc import Sequence

from .addresses import addresses
from .netlink import ROUTE, Netlink
from .subnets import Subnet

_CHANGES = 0x1 | 0x10 | 0x100  # RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR
_VERSIONS = {4: socket.AF_INET, 6: socket.AF_INET6}

Networks = Sequence[tuple[str, Sequence[Subnet]]]


class Links:
    """Of the network namespace it is made in; `netlink` is a route socket of the same."""

    def __init__(self, netlink: Netlink, networks: Networks) -> None:
        self._netlink = netlink
        self._networks = networks
        self._known: dict[str, str] = {}
        kind = socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        self._changes = socket.socket(socket.AF_NETLINK, kind, ROUTE)
        self._changes.bind((0, _CHANGES))
        self._look()

    def refresh(self) -> None:
        """Look again if something has changed."""
        if self._told():
            self._look()

    def network(self, interface: str) -> str:
        """The network's name; the interface's own where it is on none."""
        return self._known.get(interface, interface)

    def close(self) -> None:
        """Let go of it."""
        self._changes.close()

    def _told(self) -> bool:
        told = False
        while True:
            try:
                told = bool(self._changes.recv(65536)) or told
            except BlockingIOError:
                return told
            except OSError:  # there was more than it holds
                told = True

    def _look(self) -> None:
        for interface, version, address, *_ in addresses(self._netlink):
            family = _VERSIONS[version]
            raw = socket.inet_pton(family, address)
            for network, subnets in self._networks:
                if any(subnet.holds(raw) for subnet in subnets):
                    self._known[interface] = network
