"""Subnets as CIDR text, and whether an address lies within.

Law: pure; addresses are their network-order bytes. (The ipaddress module would cost the agent a
third of its start.)
"""

import socket

from .refusal import UNKNOWN, Refusal


class Subnet:
    """`10.1.0.0/24`, `fd00:1::/64`, `0.0.0.0/0`. Raises Refusal for anything else."""

    def __init__(self, text: str) -> None:
        address, _, prefix = text.partition("/")
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            self._raw = socket.inet_pton(family, address)
            self._free = len(self._raw) * 8 - int(prefix)
        except (OSError, ValueError):
            raise Refusal(UNKNOWN, f"{text!r} is no subnet") from None
        if not 0 <= self._free <= len(self._raw) * 8:
            raise Refusal(UNKNOWN, f"{text!r} is no subnet")

    def holds(self, raw: bytes) -> bool:
        """Whether the address, of the same family, lies within."""
        same = len(raw) == len(self._raw)
        return same and int.from_bytes(raw) >> self._free == int.from_bytes(self._raw) >> self._free
