"""Finds kinds by looking into their packages; a malformed one refuses to import.

Law: a word costs nothing until it is used: modules are imported one by one, when asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

from msgspec import Struct

from lab.kinds.action import Action
from lab.ports import Expectation
from lab.source.located import Located
from lab.source.scope import Scope
from lab.source.shapes import Shape

_EXAMPLE = "\nExample:\n"


class MalformedKindError(ImportError):
    """A module among the kinds is not one; the message names it and what it lacks."""


class Kind(Struct, frozen=True):
    """One word of the language. `sentence` says what it is, `text` all there is to know."""

    word: str
    sentence: str
    text: str
    example: str
    shape: Shape[object]
    module: ModuleType


@cache
def words(sort: str) -> tuple[str, ...]:
    """All words of a sort, `steps` or `expectations`, sorted; none is imported for it."""
    package = importlib.import_module(f"lab.kinds.{sort}")
    found = (file.stem for folder in package.__path__ for file in Path(folder).glob("*.py"))
    return tuple(sorted(name.replace("_", "-") for name in found if not name.startswith("_")))


@cache
def find(sort: str, word: str) -> Kind:
    """The kind of that word. Raises MalformedKindError."""
    module = importlib.import_module(f"lab.kinds.{sort}.{word.replace('-', '_')}")
    return check(word, module)


def check(word: str, module: ModuleType) -> Kind:
    """A module as a kind. Raises MalformedKindError."""
    text = (module.__doc__ or "").strip()
    if not text:
        raise MalformedKindError(f"{module.__name__} has no docstring to say what {word} is")
    before, marked, after = text.partition(_EXAMPLE)
    example = "\n".join(line[4:] for line in after.strip("\n").split("\n"))
    if not marked or not example.strip() or not after.lstrip("\n").startswith("    "):
        raise MalformedKindError(
            f"the docstring of {module.__name__} ends in no example: 'Example:', an empty line, "
            "then YAML indented by four"
        )
    shape = getattr(module, "SHAPE", None)
    if shape is None or not callable(getattr(shape, "read", None)):
        raise MalformedKindError(f"{module.__name__} has no SHAPE to say how it is written")
    if not callable(getattr(module, "decode", None)):
        raise MalformedKindError(f"{module.__name__} has no decode(value, scope)")
    sentence = " ".join(before.split("\n\n")[0].split())
    return Kind(word, sentence, text, example.rstrip() + "\n", shape, module)


def decoder(sort: str, word: str) -> Callable[[Located, Scope], object]:
    """What makes a kind's frozen value. Raises MalformedKindError."""
    decode: Callable[[Located, Scope], object] = find(sort, word).module.decode
    return decode


def decode_expectation(word: str, value: Located, scope: Scope) -> Expectation:
    """Raises Unreadable; MalformedKindError when the kind makes something else."""
    made = decoder("expectations", word)(value, scope)
    if not isinstance(made, Expectation):
        raise MalformedKindError(f"decode() of the expectation {word} made {type(made).__name__}")
    return made


def decode_action(word: str, value: Located, scope: Scope) -> Action:
    """Raises Unreadable."""
    made: Action = decoder("steps", word)(value, scope)  # type: ignore[assignment]  # checked below
    if not callable(getattr(made, "apply", None)):
        raise MalformedKindError(f"decode() of the step {word} made {type(made).__name__}")
    return made
