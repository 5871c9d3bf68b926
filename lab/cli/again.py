"""The command that runs a case once more, as it was run.

Law: options that change what happens in a run are repeated, the seed of its disturbances among
them; those that select cases, or say how results are shown and kept, are not.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from typing import Any

import click
from click.core import ParameterSource
from msgspec import Struct

from lab.result import ScenarioResult

NOT_REPEATED = frozenset(
    {"what", "tags", "shard", "last_failed"}  # which cases
    | {"jobs", "fail_fast", "repeat", "until_fail"}  # how many of them
    | {
        "as_json",
        "keep",
        "verbose",
        "no_live",
        "report",
        "capture",
        "runs",
        "runs_kept",
    }  # what is shown
    | {"stress", "seed"}  # said with the seed that was picked
)
_GIVEN = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)


class Again(Struct, frozen=True):
    """`front` stands before the word for the case that `named` gives, `options` behind it."""

    front: tuple[str, ...]
    named: Callable[[ScenarioResult], str]
    options: tuple[str, ...]

    @classmethod
    def of(
        cls, context: click.Context, seed: int | None, named: Callable[[ScenarioResult], str]
    ) -> Again:
        """As the command of this context was called; `seed`: what its runs are disturbed by."""
        stress = () if seed is None else ("--stress", "--seed", str(seed))
        root = _options(context.find_root(), frozenset())
        return cls(("lab", *root, "run"), named, (*_options(context, NOT_REPEATED), *stress))

    def __call__(self, result: ScenarioResult) -> str:
        """The command line, to be pasted into a shell."""
        return " ".join((*self.front, self.named(result), *self.options))


def _options(context: click.Context, left_out: frozenset[str]) -> Iterator[str]:
    for parameter in context.command.params:
        name = parameter.name or ""
        given = context.get_parameter_source(name) in _GIVEN
        if given and name not in left_out and isinstance(parameter, click.Option):
            yield from _words(parameter, context.params.get(name))


def _words(option: click.Option, value: Any) -> Iterator[str]:
    name = max(option.opts, key=len)
    if option.is_flag:
        yield from [name] if value else []
        return
    for one in value if option.multiple else [value]:
        yield name
        yield shlex.quote(_text(one))


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return "=".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
