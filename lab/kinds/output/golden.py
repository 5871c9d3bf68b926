"""Golden files: a block of lines in a file of its own, read when the scenario is.

Law: read once, at load time, so that judging never looks at anything but what was observed. The
path is relative to the scenario file's folder and stays in it; the lines follow the rules of
blocks.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from pathlib import Path, PurePosixPath

from lab.source.excerpt import quote
from lab.source.located import Located, Scalar
from lab.source.scope import Scope
from lab.source.shapes import Schema, refused
from lab.source.shapes.shape import scalar
from lab.source.span import Span

LARGEST = 1024 * 1024  # bytes; a block is read by people
_HELP = "write a path below the scenario file's folder: golden/client.txt"


class GoldenFile:
    """A path; read as a block scalar whose lines are those of the file."""

    def read(self, value: Located, scope: Scope) -> Scalar:
        found = scalar(value, scope, "a golden file's path", _HELP)
        if wrong := path_fault(found.text):
            raise refused(scope, found.span, f"{quote(found.text)} {wrong}", _HELP)
        path = found.span.path.parent / found.text
        text = _text(found, path, scope)
        scope.problems.take_in(path, text)
        return Scalar(text, "|", Span(path, 0, 1, 0, 2), 0)

    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1}


def path_fault(text: str) -> str:
    """What is wrong with a golden file's path as written; nothing, mostly."""
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or "\0" in text:
        return "leads out of the scenario's folder"
    return "" if path.name else "names no file"


def _text(found: Scalar, path: Path, scope: Scope) -> str:
    try:
        if not path.resolve().is_relative_to(found.span.path.parent.resolve()):
            what = f"the golden file {quote(found.text)} leads out of the scenario's folder"
            raise refused(scope, found.span, what, _HELP)
        if not path.exists() and scope.accepting:
            return ""
        data = path.read_bytes() if path.is_file() or not path.exists() else None
    except FileNotFoundError:
        what = f"there is no golden file {quote(found.text)}"
        mend = f"lab accept {found.span.path.stem} writes it, from what a run shows"
        raise refused(scope, found.span, what, mend) from None
    except OSError as error:
        what = f"the golden file {quote(found.text)} cannot be read: {error.strerror}"
        raise refused(scope, found.span, what, "check its name and its permissions") from None
    if data is None:
        what = f"{quote(found.text)} is no file, so it cannot be a golden one"
        raise refused(scope, found.span, what, _HELP)
    return _decoded(found, data, scope)


def _decoded(found: Scalar, data: bytes, scope: Scope) -> str:
    if len(data) > LARGEST:
        what = f"the golden file {quote(found.text)} has {len(data)} bytes; {LARGEST} is the most"
        raise refused(scope, found.span, what, "write ... in place of lines that do not matter")
    try:
        return data.removeprefix(BOM_UTF8).decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{data[error.start]:02x} in line {line}"
        what = f"the golden file {quote(found.text)} is not UTF-8: {byte}"
        mend = r"write \xNN for it, and (esc) behind the line"
        raise refused(scope, found.span, what, mend) from None
