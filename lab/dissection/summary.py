"""A packet in one line: `talker > listener udp 40000 > 4950, 15 bytes`.

Law: the same packet reads the same in every report; names are those the run gave.
"""

from __future__ import annotations

from collections.abc import Mapping

from lab.dissection.dissected import Dissected

_WORDS = ("ipv4", "ipv6")


def names(bindings: Mapping[str, str]) -> Mapping[str, str]:
    """Node names by address, from what `${...}` stands for."""
    split = ((key.split("."), value) for key, value in bindings.items())
    return {value: parts[0] for parts, value in split if parts[-1] in _WORDS}


def line(found: Dissected, known: Mapping[str, str]) -> str:
    """What it is, from whom to whom."""
    sides = (found.source, found.target)
    ends = " > ".join(known.get(side, side) for side in sides if side)
    return " ".join(part for part in (ends, what(found)) if part)


def what(found: Dissected) -> str:
    """The same without from whom to whom."""
    if not found.protocol:
        return f"{len(found.packet.data)} bytes that are no IP"
    if found.icmp:
        return f"{found.protocol} {found.icmp}"
    ports = ""
    if found.source_port is not None:
        ports = f" {found.source_port} > {found.target_port}"
    flags = f" {'+'.join(found.flags)}" if found.flags else ""
    size = "" if found.protocol == "arp" else f", {found.size} byte{'' if found.size == 1 else 's'}"
    return f"{found.protocol}{ports}{flags}{size}"
