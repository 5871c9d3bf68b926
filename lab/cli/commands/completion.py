"""`lab completion SHELL`: the script that makes TAB complete names and options.

Law: prints it and changes no file.
"""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

EXAMPLES = """\b
Examples:
  eval "$(lab completion bash)"                          now, in this shell
  lab completion bash > ~/.local/share/bash-completion/completions/lab
  lab completion zsh  > ~/.zfunc/_lab
  lab completion fish > ~/.config/fish/completions/lab.fish
"""


@click.command(epilog=EXAMPLES, short_help="set up TAB completion for a shell")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, *, shell: str) -> None:
    """Print the completion script for a shell."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"click knows no completion for {shell}")
    complete = kind(context.find_root().command, {}, "lab", "_LAB_COMPLETE")
    print(complete.source_template % complete.source_vars())
