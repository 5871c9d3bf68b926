"""One case for each combination of a matrix: `${family}` stands for the value in any scalar."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from lab.kinds.names import label_fault
from lab.loader.fields import MATRIX
from lab.source import Problems
from lab.source.excerpt import quote
from lab.source.located import Located, Mapping, Scalar, Sequence
from lab.source.scope import Scope
from lab.source.shapes.collections import attempt

MOST_CASES = 200

_REFERENCE = re.compile(r"\$\$\{|\$\{([^${}]*)\}")


class Case(Struct, frozen=True):
    """A document with the values in place; `suffix` as in `[family=ipv6]`."""

    suffix: str
    document: Located
    names: tuple[str, ...] = ()


def cases_of(document: Located, problems: Problems) -> tuple[Case, ...]:
    """All cases; one without a suffix where there is no matrix, or a wrong one."""
    plain = (Case("", document),)
    if not isinstance(document, Mapping):
        return plain
    matrix = [item for key, item in document.pairs if _is_matrix(key)]
    if len(matrix) != 1:
        return plain
    rest = Mapping(tuple(p for p in document.pairs if not _is_matrix(p[0])), document.span)
    values = _values(matrix[0], rest, problems)
    if not values:
        return plain
    names = list(values)
    return tuple(
        _case(rest, dict(zip(names, chosen, strict=True)))
        for chosen in itertools.product(*values.values())
    )


def _is_matrix(key: Located) -> bool:
    return isinstance(key, Scalar) and key.text == MATRIX.name


def _values(matrix: Located, rest: Mapping, problems: Problems) -> dict[str, tuple[str, ...]]:
    before = len(problems)
    found = attempt(MATRIX.shape, matrix, Scope(problems))
    if found is None:
        return {}
    used = set(_references(rest))
    cases = 1
    for key, name, values in found[0]:
        cases *= len(values)
        if wrong := label_fault(name):
            problems.add(key.span, f"{quote(name)} cannot name values", wrong)
        if len(set(values)) < len(values):
            problems.add(key.span, f"{quote(name)} lists a value twice", "list each value once")
        if name not in used:
            mend = f"write ${{{name}}} where its values belong, or leave it out"
            problems.add(key.span, f"nothing here depends on {quote(name)}", mend)
    if not found[0]:
        problems.add(
            matrix.span, "the matrix is empty", "write family: [ipv4, ipv6], or leave it out"
        )
    if cases > MOST_CASES:
        what = f"these are {cases} cases; a matrix has at most {MOST_CASES}"
        problems.add(matrix.span, what, "list fewer values")
    return {} if len(problems) > before else {name: values for _, name, values in found[0]}


def _references(value: Located) -> Iterator[str]:
    match value:
        case Scalar(text=text):
            yield from (match[1] for match in _REFERENCE.finditer(text) if match[1])
        case Sequence(items=items):
            for item in items:
                yield from _references(item)
        case Mapping(pairs=pairs):
            for key, item in pairs:
                yield from _references(key)
                yield from _references(item)


def _case(document: Mapping, values: dict[str, str]) -> Case:
    suffix = ",".join(f"{name}={value}" for name, value in values.items())
    return Case(f"[{suffix}]", _replaced(document, values), tuple(values))


def _replaced(value: Located, values: dict[str, str]) -> Located:
    match value:
        case Scalar(text=text) if "${" in text:
            return replace(
                value, text=_REFERENCE.sub(lambda match: values.get(match[1], match[0]), text)
            )
        case Sequence(items=items):
            return replace(value, items=tuple(_replaced(item, values) for item in items))
        case Mapping(pairs=pairs):
            replaced = tuple((_replaced(k, values), _replaced(v, values)) for k, v in pairs)
            return replace(value, pairs=replaced)
    return value
