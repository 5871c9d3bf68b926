"""services/*/service.yaml as frozen ServiceSpecs; the format is that of services/README.md.

Law: pure reading, one file at a time and only when its service is named; what is wrong in a
service file is told like what is wrong in a scenario.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from lab.model import Transport
from lab.service import Port, ServiceSpec
from lab.source.excerpt import quote
from lab.source.located import Located, Scalar
from lab.source.reader import read, read_bytes
from lab.source.scope import Scope, did_you_mean
from lab.source.shapes import (
    Boolean,
    Choice,
    Field,
    ListOf,
    MapOf,
    Read,
    Record,
    Schema,
    Text,
    Unreadable,
)

FILE = "service.yaml"
FAMILIES = ("any", "ipv4", "ipv6")


class _Default:
    """An option's default; `false` makes it a switch (None)."""

    def read(self, value: Located, scope: Scope) -> tuple[str | None]:
        text = Text("a default").read(value, scope)
        plain = isinstance(value, Scalar) and value.plain
        return (None if plain and text == "false" else text,)

    def schema(self) -> Schema:
        return Text().schema()


TRANSPORT = Field(
    "transport",
    Choice("a transport", {each.value: each for each in Transport}),
    "tcp or udp",
    required=True,
)
FAMILY = Field("family", Text("a family"), "any, ipv4, ipv6, or an option", required=True)
PORT = Field("port", Text("a port"), "a number, or an option or argument", required=True)

SUMMARY = Field("summary", Text(), "one line, for lists", required=True)
USAGE = Field("usage", Text(), "how it is called", required=True)
COMMAND = Field("command", ListOf(Text(), at_least=1), "its argv in the image", required=True)
ARGUMENTS = Field("arguments", ListOf(Text()), "its arguments' names, in order", required=True)
OPTIONS = Field("options", MapOf(Text(), _Default()), "options and defaults", required=True)
EXAMPLE = Field("example", ListOf(Text()), "arguments that work", required=True)
PORTS = Field("ports", ListOf(Record("a port", TRANSPORT, FAMILY, PORT)), "where", required=True)
ENDS = Field("ends", Boolean(), "does it end by itself?", required=True)

SHAPE = Record(
    "a service", SUMMARY, USAGE, COMMAND, ARGUMENTS, OPTIONS, EXAMPLE, PORTS, ENDS
)  # fmt: skip


class Catalog:
    """The services of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, ServiceSpec] = {}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All services, sorted: every folder with a service.yaml."""
        if not self.folder.is_dir():
            return ()
        return tuple(sorted(p.name for p in self.folder.iterdir() if (p / FILE).is_file()))

    def find(self, name: str) -> ServiceSpec:
        """The service of that name; KeyError when there is none. Raises InvalidScenario."""
        if name not in self.names:
            raise KeyError(name)
        if name not in self._read:
            path = self.folder / name / FILE
            self._read[name] = read_service(name, path, read_bytes(path))
        return self._read[name]

    @cached_property
    def commands(self) -> Mapping[str, tuple[str, ...]]:
        """Each service's argv, read when asked for."""
        return _Commands(self)


class _Commands(Mapping[str, tuple[str, ...]]):
    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return self._catalog.find(name).command

    def __contains__(self, name: object) -> bool:
        return name in self._catalog.names

    def __iter__(self) -> Iterator[str]:
        return iter(self._catalog.names)

    def __len__(self) -> int:
        return len(self._catalog.names)


def read_service(name: str, path: Path, data: bytes) -> ServiceSpec:
    """A service file's bytes. Raises InvalidScenario."""
    located, problems = read(path, data)
    scope = Scope(problems)
    try:
        found = SHAPE.read(located, scope)
    except Unreadable:
        problems.end_phase()
        raise
    options = {key.text: default for key, _, (default,) in found[OPTIONS]}
    known = {*options, *found[ARGUMENTS]}
    ports = tuple(_port(port, known, scope) for port in found[PORTS])
    problems.end_phase()
    return ServiceSpec(
        name=name,
        summary=found[SUMMARY],
        usage=found[USAGE],
        command=found[COMMAND],
        arguments=found[ARGUMENTS],
        options=tuple(options.items()),
        example=found[EXAMPLE],
        ports=ports,
        ends=found[ENDS],
        span=found.span,
    )


def _port(port: Read, known: set[str], scope: Scope) -> Port:
    for field, values in ((FAMILY, FAMILIES), (PORT, ())):
        text = port[field]
        number = field is PORT and text.isdecimal() and 0 < int(text) < 65536
        if text not in values and text not in known and not number:
            what = f"{quote(text)} is no {field.name}, option or argument of this service"
            mend = did_you_mean(text, [*values, *sorted(known)], "there are: ")
            scope.problems.add(port.located(field).span, what, mend)
    return Port(port[TRANSPORT], port[FAMILY], port[PORT])
