"""`lab help [COMMAND]`: what --help says.

Law: never a text of its own.
"""

from __future__ import annotations

import difflib

import click

from lab.cli.group import COMMANDS
from lab.errors import UsageError


@click.command(short_help="this text, or a command's")
@click.argument("name", required=False, metavar="[COMMAND]")
@click.pass_context
def command(context: click.Context, *, name: str | None) -> None:
    """Show this text, or how a command is used."""
    root = context.find_root()
    if name is None:
        print(root.get_help())
        return
    group = root.command
    found = group.get_command(root, name) if isinstance(group, click.Group) else None
    if found is None:
        near = difflib.get_close_matches(name, COMMANDS)
        raise UsageError(
            f"there is no command `{name}`",
            help=f"did you mean `{near[0]}`?" if near else "lab --help lists them",
        )
    with click.Context(found, info_name=name, parent=root) as about:
        print(found.get_help(about))
