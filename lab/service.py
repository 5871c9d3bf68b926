"""What a service of the catalog is, and how its command line is read.

Law: pure. A command line is read as the programs read it (services/README.md).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from lab.model import Endpoint, Transport
from lab.quantities import HIGHEST_PORT
from lab.source import Span

# Of a passive lookup the C library lists IPv4 first, and the programs take the first that binds.
_ADDRESSES = {"any": "0.0.0.0", "ipv4": "0.0.0.0", "ipv6": "::"}


class WrongUsageError(Exception):
    """A command line the program would not take; `index` of the word, None for what is missing."""

    def __init__(self, what: str, index: int | None = None) -> None:
        super().__init__(what)
        self.index = index


class Port(Struct, frozen=True):
    """What a service listens on: `family` and `port` may name an option or an argument."""

    transport: Transport
    family: str
    port: str


class ServiceSpec(Struct, frozen=True):
    """One service; `options` are pairs of name and default, None for a switch."""

    name: str
    summary: str
    usage: str
    command: tuple[str, ...]
    arguments: tuple[str, ...]
    options: tuple[tuple[str, str | None], ...]
    example: tuple[str, ...]
    ports: tuple[Port, ...]
    ends: bool
    span: Span

    def listens(self, words: Sequence[str]) -> tuple[Endpoint, ...]:
        """The endpoints it is ready on, called with these words. Raises WrongUsageError."""
        given = self.read(words)
        return tuple(
            endpoint for port in self.ports if (endpoint := _endpoint(port, given)) is not None
        )

    def read(self, words: Sequence[str]) -> dict[str, str]:
        """Each option and argument with its value. Raises WrongUsageError."""
        given = {name: default for name, default in self.options if default is not None}
        place = self._options(words, 0, given)
        taken = words[place : place + len(self.arguments)]
        if len(taken) < len(self.arguments):
            missing = self.arguments[len(taken)]
            raise WrongUsageError(f"{self.name} needs {missing}, and it is not given")
        given.update(zip(self.arguments, taken, strict=True))
        place = self._options(words, place + len(taken), given)
        if place < len(words):
            raise WrongUsageError(f"{self.name} takes no {words[place]} here", place)
        return given

    def _options(self, words: Sequence[str], place: int, given: dict[str, str]) -> int:
        """Take the options that begin at `place`; where they end."""
        offered = {**dict(self.options), "--help": None}
        while place < len(words):
            name, equals, value = words[place].partition("=")
            if words[place] == "--":
                return place + 1
            if name not in offered:
                return place
            if offered[name] is None and equals:
                raise WrongUsageError(f"{name} takes no value", place)
            if offered[name] is not None and not equals:
                place += 1
                value = _following(words, place, name)
            _check_family(name, value, place)
            given[name] = value
            place += 1
        return place


def _following(words: Sequence[str], place: int, name: str) -> str:
    if place == len(words):
        raise WrongUsageError(f"{name} needs a value", place - 1)
    return words[place]


def _check_family(name: str, value: str, place: int) -> None:
    if name == "--family" and value not in _ADDRESSES and "${" not in value:
        raise WrongUsageError(f"{name} is any, ipv4 or ipv6, not {value}", place)


def _endpoint(port: Port, given: dict[str, str]) -> Endpoint | None:
    """None where a value is only known in the run, or is no port at all."""
    family = given.get(port.family, port.family)
    number = given.get(port.port, port.port)
    if family not in _ADDRESSES or not (number.isascii() and number.isdigit()):
        return None
    if not 0 < int(number) <= HIGHEST_PORT:
        return None
    return Endpoint(port.transport, _ADDRESSES[family], int(number))
