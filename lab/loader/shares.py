"""Directories that nodes share: how they are written, and that they fit together."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import combinations

from lab.kinds.names import LABEL, label_fault
from lab.loader import hints
from lab.model import Mount, Node, Share, Topology
from lab.quantities import parse_size
from lab.source import Problems
from lab.source.excerpt import quote
from lab.source.located import Located, Scalar
from lab.source.scope import Scope
from lab.source.shapes import (
    ByForm,
    Field,
    Known,
    MapOf,
    Parsed,
    Read,
    Record,
    Schema,
    Text,
    patterned,
    refused,
)
from lab.source.shapes.shape import scalar

SMALLEST, LARGEST = 4 * 2**10, 2**30  # bytes: a page, and more than a node may use by far
LONGEST_PATH = 100  # bytes: the path of a socket, with its name, has at most 107 (unix(7))

_PATH = "(/[A-Za-z0-9_.-]+)+"
_OWN_PATH = "give it a path of its own, as /run/echo"

# What is in the image below these, programs on the node need.
_OF_THE_IMAGE = (
    *("/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/sbin"),
    *("/sys", "/usr", "/lab", "/.lab"),
)
# These alone; a directory in them is nobody's.
_OF_THE_NODE = ("/", "/home", "/opt", "/root", "/run", "/tmp", "/var", "/var/run")


def _size(text: str) -> int:
    size = parse_size(text)
    if not SMALLEST <= size <= LARGEST:
        raise ValueError("write a size from 4KiB to 1GiB")
    return size


_SIZES = patterned("[0-9]{1,15}(B|[kmg]|[KMG]iB)")  # as far as a schema can tell
SIZE = Field(
    "size",
    Parsed("a size", _size, "write 16MiB", _SIZES),
    "how much fits into it, default 16MiB",
)
SHARE = Record("a share", SIZE, hints=hints.SHARE)


class _Share:
    """A share; nothing behind its name is one of the usual size."""

    def read(self, value: Located, scope: Scope) -> Read:
        if isinstance(value, Scalar) and value.empty:
            return Read(value)
        if isinstance(value, Scalar) and value.text.startswith("/"):
            what = "where a share is, each node says for itself"
            mend = f"write it under the nodes: shares: {{NAME: {value.text}}}"
            raise refused(scope, value.span, what, mend)
        return SHARE.read(value, scope)

    def schema(self) -> Schema:
        return {"anyOf": [{"type": "null"}, SHARE.schema()]}


class _Path:
    """Where a node has a share."""

    def read(self, value: Located, scope: Scope) -> Mount:
        found = scalar(value, scope, "a path", "write /run/echo")
        path = found.text
        if wrong := _fault(path):
            raise refused(scope, found.span, f"{quote(path)} {wrong[0]}", wrong[1])
        return Mount("", path, found.span)

    def schema(self) -> Schema:
        return patterned(_PATH)


def _fault(path: str) -> tuple[str, str] | None:
    """What is wrong with a path, and what to write."""
    if not path.startswith("/"):
        return "is no path from the root", f"write /{path.strip('./') or 'run/echo'}"
    plain = posixpath.normpath("/" + path.lstrip("/"))
    if hidden := _hidden(plain):
        return hidden, _OWN_PATH
    if plain != path:
        return "is not as plain as it could be", f"write {plain}"
    if not re.fullmatch(_PATH, path):
        return "has more than letters, digits and . _ - between its slashes", _OWN_PATH
    if len(path) > LONGEST_PATH:
        return f"is longer than {LONGEST_PATH} characters", _OWN_PATH
    return None


def _hidden(path: str) -> str:
    """What a share there would hide; nothing, mostly."""
    for own in _OF_THE_IMAGE:
        if path == own or path.startswith(f"{own}/"):
            return f"hides what is in {own} of the node's image"
    return "hides what the node has there already" if path in _OF_THE_NODE else ""


NAME = Text("a name", label_fault, LABEL)
SHARE_MAP = Field(
    "shares", MapOf(NAME, _Share(), "a mapping of shares"), "the directories nodes share, by name"
)
MOUNTS = Field(
    "shares",
    ByForm[tuple[tuple[Scalar, tuple[str, ...], Mount], ...]](
        "a mapping from shares to paths",
        "write shares: {NAME: /run/NAME}",
        mapping=MapOf(Known("share", "add it beside nodes: shares: {NAME: {}}"), _Path()),
    ),
    "the directories it shares: a mapping from name to path",
)


def shares_of(found: Read) -> tuple[Share, ...]:
    """All shares, in the order written."""
    return tuple(
        Share(name, key.span, *((written[SIZE],) if SIZE in written else ()))
        for key, name, written in found.get(SHARE_MAP, ())
    )


def mounts_of(written: Read, problems: Problems) -> Iterator[Mount]:
    """Where a node has its shares; two in one place are noted."""
    mounts = [
        Mount(share, mount.path, mount.span) for _, (share,), mount in written.get(MOUNTS, ())
    ]
    for first, other in combinations(mounts, 2):
        if first.path == other.path:
            what = f"{quote(first.share)} is at {first.path} already"
            problems.add(other.span, what, "give each share a path of its own")
        elif _within(first.path, other.path):
            what = f"{other.path} and {first.path} are one inside the other"
            problems.add(other.span, what, "give each share a path of its own")
    return iter(mounts)


def _within(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def check_shares(topology: Topology, problems: Problems) -> None:
    """Note shares that nobody shares with anybody."""
    for share in topology.shares:
        having: list[Node] = [node for node, _ in topology.sharing(share.name)]
        if len(having) > 1:
            continue
        name = quote(share.name)
        if having:
            what = f"{name} is shared with nobody: only {quote(having[0].name)} has it"
            mend = "give it to a second node, or use /tmp, which each node has for itself"
        else:
            what = f"no node has {name}"
            mend = f"give it to two nodes: shares: {{{share.name}: /run/{share.name}}}"
        problems.add(share.span, what, mend)
