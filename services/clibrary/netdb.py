"""getaddrinfo as a C program has it: names are bytes, a failure is its gai_strerror text.

Python's own would encode a host name as IDNA first, which is slow to load and can fail.
"""

from __future__ import annotations

import socket

from clibrary.failure import die


class Candidate:
    """One struct addrinfo: what to give socket(), and the address for bind() or connect()."""

    def __init__(self, family: int, socktype: int, protocol: int, address: tuple[str, int]) -> None:
        self.family = family
        self.socktype = socktype
        self.protocol = protocol
        self.address = address
        self.text = address[0]  # as inet_ntop prints it


def getaddrinfo(
    host: bytes | None, port: bytes | int, family: int, socktype: int, flags: int = 0
) -> list[Candidate]:
    """All candidates, in the C library's order. If there is none, says why and exits 1."""
    try:
        found = socket.getaddrinfo(host, port, family, socktype, 0, flags)
    except socket.gaierror as error:
        die(f"getaddrinfo: {error.strerror}", 1)
    except OSError:  # EAI_SYSTEM, for which Python looks at errno
        die("getaddrinfo: System error", 1)
    return [Candidate(f, s, p, address) for f, s, p, _, address in found]  # type: ignore[arg-type]
