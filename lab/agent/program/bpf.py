"""Which frames a packet socket is given, decided in the kernel (socket(7), SO_ATTACH_FILTER).

Law: two programs, both data. What they let through is looked at again by who judges; what they
keep back nobody asks for, and costs nothing.
"""

import socket
import struct
from array import array
from collections.abc import Sequence

_ATTACH = 26  # SO_ATTACH_FILTER
_INSTRUCTION = struct.Struct("=HBBI")  # struct sock_filter: code, jump if true, if false, k
_PROGRAM = struct.Struct("@HP")  # struct sock_fprog: how many, where

_WORD, _HALF, _BYTE, _EQUAL, _RETURN = 0x20, 0x28, 0x30, 0x15, 0x06  # bpf(4)
_INTERFACE = 0xFFFFF008  # SKF_AD_OFF + SKF_AD_IFINDEX
_LO = 1  # the index of lo in every namespace
_RESOLVER = 0x7F00000B  # 127.0.0.11: the engine's name server, on lo

# Offsets from the Ethernet header on
_TYPE, _IPV4_SOURCE, _IPV6_NEXT, _IPV6_SOURCE_PORT = 12, 26, 20, 54
_IPV4, _ARP, _IPV6, _TCP, _UDP, _DNS = 0x0800, 0x0806, 0x86DD, 6, 17, 53
_ALL, _NONE = 0x40000, 0

# its label, code, k, where to go on if equal, and if not; "" is the next line
Line = tuple[str, int, int, str, str]

LINKS: Sequence[Line] = (
    ("", _WORD, _INTERFACE, "", ""),
    ("", _EQUAL, _LO, "lo", "all"),
    ("lo", _HALF, _TYPE, "", ""),
    ("", _EQUAL, _IPV4, "", "none"),
    ("", _WORD, _IPV4_SOURCE, "", ""),
    ("", _EQUAL, _RESOLVER, "all", "none"),
    ("all", _RETURN, _ALL, "", ""),
    ("none", _RETURN, _NONE, "", ""),
)
"""All that crosses links; of lo, what the engine's name server says."""

STRAYS: Sequence[Line] = (
    ("", _HALF, _TYPE, "", ""),
    ("", _EQUAL, _ARP, "all", ""),
    ("", _EQUAL, _IPV4, "ipv4", ""),
    ("", _EQUAL, _IPV6, "ipv6", "none"),
    ("ipv4", _WORD, _INTERFACE, "", ""),
    ("", _EQUAL, _LO, "", "all"),
    ("", _WORD, _IPV4_SOURCE, "", ""),
    ("", _EQUAL, _RESOLVER, "all", "none"),
    ("ipv6", _BYTE, _IPV6_NEXT, "", ""),
    ("", _EQUAL, _UDP, "port", ""),
    ("", _EQUAL, _TCP, "port", "none"),
    ("port", _HALF, _IPV6_SOURCE_PORT, "", ""),
    ("", _EQUAL, _DNS, "all", "none"),
    ("all", _RETURN, _ALL, "", ""),
    ("none", _RETURN, _NONE, "", ""),
)
"""What an IPv6-only node must not have to do with: IPv4 and ARP on its links; and all that name
servers say, here and there, for it may be an IPv4 address."""


def assembled(program: Sequence[Line]) -> bytes:
    """The instructions: a label becomes how many of them are jumped over."""
    places = {label: at for at, (label, *_) in enumerate(program) if label}

    def over(label: str, at: int) -> int:
        return places[label] - at - 1 if label else 0

    return b"".join(
        _INSTRUCTION.pack(code, over(equal, at), over(other, at), k)
        for at, (_, code, k, equal, other) in enumerate(program)
    )


def attach(sock: socket.socket, program: Sequence[Line]) -> None:
    """Let the socket have what the program returns anything for, from now on."""
    held = array("B", assembled(program))
    sock.setsockopt(socket.SOL_SOCKET, _ATTACH, _PROGRAM.pack(len(program), held.buffer_info()[0]))
