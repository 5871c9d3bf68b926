"""`lab explain WORD`: what a word of the scenario language means.

Law: prints what the reader of the word says of itself; nothing is written twice.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click

from lab.cli.invocation import Invocation
from lab.cli.terminal import terminal
from lab.errors import UsageError
from lab.report.columns import table

EXAMPLES = """\b
Examples:
  lab explain          every word, a line each
  lab explain stdout   one, with an example
  lab explain nodes    a key of the file, with the keys below it
"""


@click.command(epilog=EXAMPLES, short_help="what a word of the scenario language means")
@click.argument("word", required=False, metavar="[WORD]")
@click.pass_obj
def command(call: Invocation, *, word: str | None) -> None:
    """Explain a word of the scenario language: a step, an expectation or a key."""
    kinds = call.parts.kinds()
    if word is None:
        print("\n".join(_overview(kinds)))
        return
    wanted = word.strip().removesuffix(":")
    if wanted not in kinds:
        raise UsageError(f"the language has no word `{wanted}`", help=_near(wanted, kinds))
    print(kinds[wanted].strip())


def _near(word: str, kinds: Mapping[str, str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - for errors only

    near = get_close_matches(word.lower(), kinds, n=3)
    if near:
        return f"did you mean {' or '.join(f'`{name}`' for name in near)}?"
    return "lab explain lists them"


def _overview(kinds: Mapping[str, str]) -> list[str]:
    screen = terminal(sys.stdout)
    first = {text: word for word, text in reversed(list(kinds.items()))}  # words of one page, once
    rows = [(word, _first(text)) for word, text in kinds.items() if first[text] == word]
    return table(("WORD", "WHAT IT IS"), rows, screen.cut, screen.paint)


def _first(text: str) -> str:
    return " ".join(text.split("\n\n", maxsplit=1)[0].split())
