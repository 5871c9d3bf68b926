"""Options that several commands share, and how their values are read.

Law: reading a value never looks at anything but the value; completing one may list files.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem
from msgspec import Struct

from lab.cli.invocation import Invocation
from lab.cli.parts import EngineChoice
from lab.errors import LabError, UsageError
from lab.project import project
from lab.quantities import parse_duration

Command = TypeVar("Command", bound=Callable[..., Any])


def gathered(
    name: str,
    record: type[Struct],
    options: Sequence[Callable[[Callable[..., Any]], Callable[..., Any]]],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds options to a command, which is given their values as one `record` called `name`.

    `record` has a field for each.
    """
    names = record.__struct_fields__

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def with_options(*args: Any, **values: Any) -> Any:
            values[name] = record(**{each: values.pop(each) for each in names})
            return command(*args, **values)

        return functools.reduce(lambda made, option: option(made), reversed(options), with_options)

    return add


def service_image(text: str) -> tuple[str, str]:
    """SERVICE=IMAGE, split at the first `=`. Raises click.BadParameter."""
    service, equals, image = text.partition("=")
    if not (service and equals and image):
        raise click.BadParameter(f"write it as listener=my-image:tag, not {text!r}")
    return service, image


def duration(text: str) -> float:
    """Seconds of `30s`, `250ms`, or a plain number of seconds. Raises click.BadParameter."""
    try:
        seconds = parse_duration(f"{text}s" if text[-1:].isdigit() else text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r}: {error}") from error
    if not seconds:
        raise click.BadParameter("it must be longer than nothing")
    return seconds


def use_option(command: Command) -> Command:
    """--use, as often as there are services to replace."""
    return click.option(
        "--use",
        multiple=True,
        type=service_image,
        metavar="SERVICE=IMAGE",
        help="Run this image in place of a service.",
    )(command)


def engine_options(command: Command) -> Command:
    """--engine and --start-engine."""
    command = click.option(
        "--start-engine", is_flag=True, help="Where no engine answers, start the private one."
    )(command)
    return click.option(
        "--engine",
        metavar="URL",
        help="The engine to use, as in DOCKER_HOST; otherwise the one Docker's settings name.",
    )(command)


def choice(
    call: Invocation, engine: str | None, *, start_engine: bool, machines: bool = False
) -> EngineChoice:
    """What those two say, for the services of the project the user stands in, if any."""
    try:
        services = call.project.root / "services"
    except UsageError:
        services = None
    return EngineChoice(engine, start_engine, services, machines)


def scenario_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:  # noqa: ARG001
    """For TAB: the project's scenarios."""
    root = (ctx.find_root().params or {}).get("root")
    try:
        files = project(Path.cwd(), root).files
    except LabError:
        return []
    names = [path.stem for path in files if path.stem.startswith(incomplete)]
    return [*map(CompletionItem, names), CompletionItem(incomplete, type="file")]
