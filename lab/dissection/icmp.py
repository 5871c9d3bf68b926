"""ICMP messages in words, the same for both versions where they say the same.

Sources: RFC 792, 1122, 4443, 4861, 2710, 3810.
"""

from __future__ import annotations

from collections.abc import Mapping

ANY = -1  # whatever the code is

PORT = "port unreachable"
HOST = "host unreachable"
NETWORK = "network unreachable"
PROHIBITED = "prohibited"
TOO_BIG = "packet too big"
EXCEEDED = "time exceeded"
PROBLEM = "parameter problem"
REDIRECT = "redirect"
REQUEST, REPLY = "echo request", "echo reply"

VERSION_4: Mapping[tuple[int, int], str] = {
    (0, ANY): REPLY,
    (3, 0): NETWORK,
    (3, 1): HOST,
    (3, 2): "protocol unreachable",
    (3, 3): PORT,
    (3, 4): TOO_BIG,
    (3, 9): PROHIBITED,
    (3, 10): PROHIBITED,
    (3, 13): PROHIBITED,
    (5, ANY): REDIRECT,
    (8, ANY): REQUEST,
    (11, ANY): EXCEEDED,
    (12, ANY): PROBLEM,
}

VERSION_6: Mapping[tuple[int, int], str] = {
    (1, 0): NETWORK,  # no route to destination
    (1, 1): PROHIBITED,
    (1, 3): HOST,  # address unreachable
    (1, 4): PORT,
    (2, ANY): TOO_BIG,
    (3, ANY): EXCEEDED,
    (4, ANY): PROBLEM,
    (128, ANY): REQUEST,
    (129, ANY): REPLY,
    (130, ANY): "multicast listener query",
    (131, ANY): "multicast listener report",
    (133, ANY): "router solicitation",
    (134, ANY): "router advertisement",
    (135, ANY): "neighbor solicitation",
    (136, ANY): "neighbor advertisement",
    (137, ANY): REDIRECT,
    (143, ANY): "multicast listener report",
}

WORDS = tuple(dict.fromkeys((*VERSION_4.values(), *VERSION_6.values())))


def words(version: Mapping[tuple[int, int], str], kind: int, code: int) -> str:
    """What a message of that type and code says; of others their numbers."""
    return version.get((kind, code)) or version.get((kind, ANY)) or f"type {kind}, code {code}"
