"""Bytes of a file into located nodes.

Law: for any bytes at all the answer is one located document or InvalidScenario, in time
linear in their number; places are the same whether YAML is parsed in C or in Python (which
refuses a little more: plain text with a question mark within brackets).

Aliases stand for what their anchor named, up to a total size; tags, several documents and
self-containing aliases are refused. Merge keys (`<<`) are keys like any other here.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from lab.errors import UsageError
from lab.source.characters import decode, refuse_odd_characters
from lab.source.composer import Composer, Refusal
from lab.source.diagnostic import Problems, split_lines
from lab.source.located import Located
from lab.source.parser_errors import refusal
from lab.source.span import Span

LARGEST = 1024 * 1024  # bytes; a scenario is written by hand

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read_bytes(path: Path) -> bytes:
    """The bytes of a file. UsageError when it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}", help="lab list shows the scenarios") from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", help="check the name and its permissions"
        ) from None


def read(path: Path, data: bytes) -> tuple[Located, Problems]:
    """The document of a file, and a collector for what later phases find in it.

    Raises InvalidScenario.
    """
    text = decode(path, data, LARGEST)
    problems = Problems(path, text)
    refuse_odd_characters(path, text, problems)
    problems.end_phase()
    return compose(path, text, problems), problems


def compose(path: Path, text: str, problems: Problems, loader: type | None = None) -> Located:
    """The one document of the text. Raises InvalidScenario."""
    composer = Composer(path, split_lines(text))
    try:
        for event in yaml.parse(text, Loader=loader or _LOADER):
            composer.take(event)
    except Refusal as refused:
        problems.add(refused.span, refused.what, refused.help)
    except yaml.YAMLError as error:
        told = refusal(path, error, split_lines(text))
        problems.add(told.span, told.what, told.help)
    problems.end_phase()
    if composer.document is None:
        what = "the file holds nothing"
        problems.add(Span(path, 1, 1, 1, 1), what, 'begin with "intent: ... must ..."')
        problems.end_phase()
    assert composer.document is not None  # else the phase ended above
    return composer.document
