"""`lab build`: the image the machines run.

Law: nothing changed, nothing built.
"""

from __future__ import annotations

import click

from lab.cli.invocation import Invocation
from lab.cli.options import choice, engine_options
from lab.cli.parts import BuildOptions
from lab.cli.views import say

EXAMPLES = """\b
Examples:
  lab build                        if anything it is made of has changed
  lab build --base debian:trixie   on another base
  lab build --force                anew, whatever there is
"""


@click.command(epilog=EXAMPLES, short_help="build the image the machines run")
@click.option("--base", metavar="IMAGE", help="Build on this image.")
@click.option("--force", is_flag=True, help="Build even if nothing changed.")
@engine_options
@click.pass_obj
def command(
    call: Invocation, *, base: str | None, force: bool, engine: str | None, start_engine: bool
) -> None:
    """Build the image the machines run, from the services and the programs the guides use."""
    with call.parts.connect(choice(call, engine, start_engine=start_engine), say) as connection:
        print(call.parts.build(connection, BuildOptions(base, force), say))
