"""What `lab doctor` looks at, one function for each, each with what to do about it.

Law: a check never raises for what it finds wrong: that is its result. It changes nothing but
for one network, which it removes again.
"""

from __future__ import annotations

import platform
import secrets
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path

from msgspec import Struct

from lab.cleaning.grounds import Ground, Whose, grounds
from lab.cli import kernel
from lab.cli.invocation import Invocation
from lab.cli.parts import Connection, EngineChoice
from lab.errors import LabError
from lab.executor.names import new_run
from lab.model import Family, Network
from lab.ports import NetworkSpec
from lab.report.words import counted
from lab.source import Span


class State(Enum):
    """What a check found; only BAD keeps the lab from working."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


class Check(Struct, frozen=True):
    """What was looked at, what was found, what to do about it."""

    name: str
    state: State
    found: str
    todo: str = ""


def all_checks(call: Invocation, choice: EngineChoice) -> Iterator[Check]:
    """Every check, one after another as they are done."""
    yield python()
    yield project(call)
    try:
        with call.parts.connect(choice, lambda _: None) as connection:
            yield engine(connection)
            yield from _with_engine(call, connection)
    except LabError as error:
        yield Check("engine", State.BAD, error.what, error.help)


def _with_engine(call: Invocation, connection: Connection) -> Iterator[Check]:
    yield _tried("ipv6", lambda: ipv6(connection), State.BAD)
    yield _tried("agent", lambda: Check("agent", State.OK, call.parts.agent(connection)), State.BAD)
    yield _tried("limits", lambda: limits(connection), State.BAD)
    yield kernel_abilities(connection.url)
    yield _tried("image", lambda: image(call, connection), State.WARN)
    yield _tried("leftovers", lambda: leftovers(grounds(connection.engine)), State.WARN)


def _tried(name: str, check: Callable[[], Check], otherwise: State) -> Check:
    try:
        return check()
    except LabError as error:
        return Check(name, otherwise, error.what, error.help)


def python() -> Check:
    """The interpreter."""
    return Check("python", State.OK, f"{platform.python_version()} ({sys.executable})")


def project(call: Invocation) -> Check:
    """Whether there are scenarios here."""
    try:
        found = call.project
    except LabError as error:
        return Check("project", State.WARN, error.what, error.help)
    return Check("project", State.OK, f"{counted(len(found.files), 'scenario file')}")


def engine(connection: Connection) -> Check:
    """The engine's version."""
    found = connection.engine.abilities()
    api = ".".join(map(str, found.api))
    return Check("engine", State.OK, f"{found.version} (API {api}) at {connection.url}")


def ipv6(connection: Connection) -> Check:
    """Whether the engine makes IPv6 networks, tried with one that nothing is put on."""
    names = new_run("doctor")
    here = Span(Path("doctor"), 1, 1, 1, 1)
    native = connection.engine.abilities().ipv6_only
    wanted = Network("ipv6", Family.IPV6 if native else Family.DUAL, here)
    digits = secrets.token_hex(7)
    subnet = f"fd{digits[:2]}:{digits[2:6]}:{digits[6:10]}:{digits[10:]}::/64"
    spec = NetworkSpec(names.of("ipv6"), wanted, (subnet,), names.labels())
    try:
        connection.engine.create_network(spec)
    finally:
        connection.engine.remove_network(spec.name)
    if native:
        return Check("ipv6", State.OK, "IPv6-only networks, by the engine itself")
    return Check("ipv6", State.OK, "IPv6-only networks, IPv4 taken away by the agent")


def limits(connection: Connection) -> Check:
    """Whether machines are kept from taking all there is."""
    free = sorted(connection.engine.capacity().unbounded)
    if not free:
        return Check("limits", State.OK, "memory, processes and processors of machines are kept to")
    todo = (
        "run no strangers' programs here; a rootless engine keeps limits with control groups of "
        "version 2 and systemd"
    )
    return Check("limits", State.WARN, f"the engine keeps none of: {', '.join(free)}", todo)


def kernel_abilities(url: str) -> Check:
    """What the kernel can do to packets, and how the lab therefore impairs links."""
    if not url.startswith("unix://"):
        return Check("kernel", State.OK, "of another machine: not looked at")
    found = kernel.abilities()
    said = ", ".join(f"{name}: {has.value}" for name, has in found.items())
    return Check("kernel", State.OK, f"{said}; {kernel.ways(found)}")


def image(call: Invocation, connection: Connection) -> Check:
    """The lab's own image."""
    found = call.parts.image(connection)
    if found.present:
        return Check("image", State.OK, found.reference)
    if found.base is None:
        todo = "lab build --base IMAGE, with an image of Debian trixie that you have"
        return Check("image", State.BAD, "not built, and no base to build it on", todo)
    return Check("image", State.WARN, f"not built yet (base: {found.base})", "lab build")


def leftovers(found: tuple[Ground, ...]) -> Check:
    """What dead runs left."""
    left = [ground for ground in found if ground.whose is Whose.LEFT]
    if left:
        things = sum(len(ground.things) for ground in left)
        said = f"{counted(things, 'thing')} of {counted(len(left), 'dead run')}"
        return Check("leftovers", State.WARN, said, "lab clean")
    standing = [ground for ground in found if ground.whose is Whose.STANDING]
    up = f"; up: {', '.join(ground.scenario for ground in standing)}" if standing else ""
    return Check("leftovers", State.OK, f"none{up}")
