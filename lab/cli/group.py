"""The `lab` group: commands found by name and imported when they are used.

Law: the list of commands is data; importing this module imports no command.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from typing import Any

import click
from click.exceptions import NoSuchCommand

from lab.report.reader import has_left

COMMANDS: Mapping[str, str] = {
    "run": "run scenarios and say PASS or FAIL",
    "report": "what earlier runs came to, in any format",
    "list": "the scenarios there are",
    "show": "a scenario's machines, steps and plan, drawn",
    "validate": "check scenario files, without Docker",
    "explain": "what a word of the scenario language means",
    "accept": "take what runs show as what is expected",
    "schema": "the JSON Schema of scenario files, for editors",
    "up": "make a scenario's machines and leave them standing",
    "shell": "a shell on a standing machine",
    "logs": "what programs on standing machines wrote",
    "down": "take standing machines down",
    "clean": "remove what earlier runs left behind",
    "build": "build the image the machines run",
    "doctor": "check what the lab needs, and what to do",
    "completion": "set up TAB completion for a shell",
    "help": "this text, or a command's",
}


class NobodyReadsError(Exception):
    """Who read our output has gone; not an OSError, for which click would end the process."""


class LazyGroup(click.Group):
    """A group whose commands live in lab.cli.commands, each in the module of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own
        """In the order people need them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import it."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"lab.cli.commands.{cmd_name}")
        command = module.command
        if not isinstance(command, click.Command):
            raise TypeError(f"lab.cli.commands.{cmd_name}.command is no command")
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """As click does. Raises NobodyReadsError."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if has_left(error):
                raise NobodyReadsError from error
            raise

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but a name that is none brings those that are near it."""
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand as error:
            near = difflib.get_close_matches(args[0], COMMANDS)
            raise NoSuchCommand(args[0], possibilities=near, ctx=ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """From the table above: nothing is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))
