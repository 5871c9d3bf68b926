"""Durations, sizes, signals and ports as people write them; parse and print are inverse.

Law: pure, and exact. What cannot be read is a ValueError whose text says what to write.
"""

from __future__ import annotations

import re
import socket
from enum import Enum

from msgspec import Struct


class Transport(Enum):
    """Transports a socket table lists."""

    TCP = "tcp"
    UDP = "udp"


class Endpoint(Struct, frozen=True):
    """A bound address: `udp/[::]:4950`. `address` is numeric, or `*` for any address."""

    transport: Transport
    address: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.transport.value}/{host}:{self.port}"


_DURATION = r"(\d{1,9})(?:\.(\d{1,3}))?(ms|s|m|h)"
_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}

_SIZE = r"(\d{1,15})(B|[kmg]|[KMG]iB)"
_BYTES = {"B": 1, "k": 2**10, "m": 2**20, "g": 2**30, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}

# Of Linux, where the programs run, whatever the lab itself runs on: signal(7).
_SIGNALS = [
    "HUP",
    "INT",
    "QUIT",
    "ILL",
    "TRAP",
    "ABRT",
    "BUS",
    "FPE",
    "KILL",
    "USR1",
    "SEGV",
    "USR2",
    "PIPE",
    "ALRM",
    "TERM",
    "STKFLT",
    "CHLD",
    "CONT",
    "STOP",
    "TSTP",
    "TTIN",
    "TTOU",
    "URG",
    "XCPU",
    "XFSZ",
    "VTALRM",
    "PROF",
    "WINCH",
    "IO",
    "PWR",
    "SYS",
]
SIGNAL_NAMES = f"(?:SIG)?(?:{'|'.join(_SIGNALS)})"  # a regular expression
SIGNALS = {f"SIG{name}": number for number, name in enumerate(_SIGNALS, start=1)}

_ENDPOINT = r"(tcp|udp)/(\[[^\]\s]+\]|[^\[\]:\s]+):(\d{1,5})"
HIGHEST_PORT = 65535


def parse_duration(text: str) -> float:
    """Seconds, as whole milliseconds, of `10s`, `250ms`, `1.5m`, `2h`."""
    match = re.fullmatch(_DURATION, text, re.ASCII)
    if not match:
        unit = f"{text}s" if text.isdigit() else "10s"
        raise ValueError(f"write a number and its unit: {unit}, 250ms, 2m")
    whole, fraction, unit = match.groups()
    scaled = int(whole + (fraction or "").ljust(3, "0")) * _MILLISECONDS[unit]
    if scaled % 1000:
        raise ValueError("a millisecond is the shortest time: write 1ms or more, in whole ones")
    return scaled // 1000 / 1000


def format_duration(seconds: float) -> str:
    """The shortest text that parse_duration reads as these seconds (whole milliseconds)."""
    milliseconds = round(seconds * 1000)
    for unit in ("h", "m", "s"):
        if milliseconds and milliseconds % _MILLISECONDS[unit] == 0:
            return f"{milliseconds // _MILLISECONDS[unit]}{unit}"
    return f"{milliseconds}ms"


def parse_size(text: str) -> int:
    """Bytes of `64MiB`, `64m` (the same), `512B`."""
    match = re.fullmatch(_SIZE, text, re.ASCII)
    if not match:
        meant = re.fullmatch("([0-9]+)([KMG])B?", text)
        size = f"{meant[1]}{meant[2]}iB" if meant else "64MiB"
        raise ValueError(f"write a number and its unit: {size}, 512KiB, 1GiB")
    return int(match[1]) * _BYTES[match[2]]


def format_size(size: int) -> str:
    """The shortest text that parse_size reads as this many bytes."""
    for unit in ("GiB", "MiB", "KiB"):
        if size and size % _BYTES[unit] == 0:
            return f"{size // _BYTES[unit]}{unit}"
    return f"{size}B"


def parse_signal(text: str) -> int:
    """The number on Linux of `SIGTERM` or `TERM`."""
    name = text if text.startswith("SIG") else f"SIG{text}"
    if name not in SIGNALS:
        from difflib import get_close_matches  # noqa: PLC0415 - slow to import, for errors only

        near = get_close_matches(name, SIGNALS, n=1)
        raise ValueError(f'did you mean "{near[0]}"?' if near else "write SIGTERM, SIGINT, ...")
    return SIGNALS[name]


def format_signal(number: int) -> str:
    """`SIGTERM` for 15; `signal 64` for one without a name."""
    names = {value: name for name, value in SIGNALS.items()}
    return names.get(number, f"signal {number}")


def parse_endpoint(text: str) -> Endpoint:
    """What a socket is bound to: `udp/[::]:4950`, `tcp/0.0.0.0:3490`, `tcp/*:3490`."""
    match = re.fullmatch(_ENDPOINT, text, re.ASCII)
    if not match:
        raise ValueError(_endpoint_advice(text))
    host, port = match[2], int(match[3])
    if not 0 < port <= HIGHEST_PORT:
        raise ValueError(f"a port is a number from 1 to {HIGHEST_PORT}")
    return Endpoint(Transport(match[1]), _host(host), port)


def _endpoint_advice(text: str) -> str:
    """What to write, of what is there of an endpoint."""
    match = re.fullmatch("(?:(tcp|udp)[/:]?)?(.*?):?([0-9]{1,5})(?:/(tcp|udp))?", text, re.ASCII)
    if match is None:
        return "write transport/address:port: tcp/0.0.0.0:3490, udp/[::]:3490"
    port, transports = match[3], [match[1] or match[4]] if match[1] or match[4] else ["tcp", "udp"]
    host = match[2].strip("[]/")
    if canonical_address(host, 6):
        return "write " + " or ".join(f"{each}/[{host}]:{port}" for each in transports)
    if canonical_address(host, 4) or host == "*":
        return "write " + " or ".join(f"{each}/{host}:{port}" for each in transports)
    ways = [f"{each}/0.0.0.0:{port}, {each}/[::]:{port}" for each in transports]
    return f"write transport/address:port: {', '.join(ways)}"


def _host(host: str) -> str:
    if host == "*":
        return host
    if host.startswith("["):
        if canonical := canonical_address(host[1:-1], 6):
            return canonical
    elif canonical := canonical_address(host, 4):
        return canonical
    raise ValueError("the address is 0.0.0.0 or another of IPv4, [::] or another of IPv6, or *")


def canonical_address(text: str, version: int) -> str | None:
    """An address as inet_ntop(3) prints it; None when it is not one of this IP version."""
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    try:
        return socket.inet_ntop(family, socket.inet_pton(family, text))
    except (OSError, ValueError):
        return None


_SHARE = r"(\d{1,3})(?:\.(\d{1,2}))?%"
_RATE = r"(\d{1,9})(bit|kbit|mbit|gbit)"
_BITS = {"bit": 1, "kbit": 10**3, "mbit": 10**6, "gbit": 10**9}


def parse_share(text: str) -> float:
    """0.2 of `20%`: more than nothing, at most all."""
    match = re.fullmatch(_SHARE, text, re.ASCII)
    if not match:
        raise ValueError("write a share of the packets: 20%")
    hundredths = int(match[1] + (match[2] or "").ljust(2, "0"))
    if not 0 < hundredths <= 10_000:
        raise ValueError("write more than 0% and at most 100%")
    return hundredths / 10_000


def format_share(share: float) -> str:
    """The shortest text that parse_share reads as this share."""
    return f"{share * 100:.2f}".rstrip("0").rstrip(".") + "%"


def parse_rate(text: str) -> int:
    """Bits in a second of `64kbit`, `1mbit`."""
    match = re.fullmatch(_RATE, text, re.ASCII)
    if not match or not int(match[1]):
        raise ValueError("write bits in a second: 64kbit, 1mbit")
    return int(match[1]) * _BITS[match[2]]


def format_rate(rate: int) -> str:
    """The shortest text that parse_rate reads as this rate."""
    for unit in ("gbit", "mbit", "kbit"):
        if rate % _BITS[unit] == 0:
            return f"{rate // _BITS[unit]}{unit}"
    return f"{rate}bit"
