"""`lab schema`: the JSON Schema of scenario files.

Law: prints what the readers of the language say of themselves; nothing is written twice.
"""

from __future__ import annotations

import json

import click

from lab.cli.invocation import Invocation

EXAMPLES = """\b
Examples:
  lab schema > schema.json    for an editor; the first line of a scenario then names it:
                              # yaml-language-server: $schema=schema.json
"""


@click.command(epilog=EXAMPLES, short_help="the JSON Schema of scenario files, for editors")
@click.pass_obj
def command(call: Invocation) -> None:
    """Print the JSON Schema of scenario files, by which editors complete and check them."""
    print(json.dumps(call.parts.schema(), indent=1))
