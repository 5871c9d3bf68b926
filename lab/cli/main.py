"""`lab`: the front door.

Law: puts the real parts of the lab together with the commands; what goes wrong is told by
`guard`.
"""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Sequence
from pathlib import Path

import click

import lab
from lab.cli.group import LazyGroup
from lab.cli.guard import guarded
from lab.cli.installed import InstalledParts
from lab.cli.invocation import Invocation
from lab.cli.parts import Parts
from lab.errors import ExitStatus

EPILOG = """\b
Begin with:
  lab run udp-ipv6-only    one scenario, with its verdict
  lab run all              all of them
  lab show udp-ipv6-only   what it is made of
  lab doctor               when something does not work

\b
Exit status:
  0 all passed       1 something else was seen   2 interrupted, cleaned up
  3 cannot tell      4 bad input                 5 nothing selected, all skipped
"""


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    help="The project's folder; otherwise the one you are in.",
)
@click.version_option(lab.__version__, "--version", message="lab %(version)s")
@click.pass_context
def group(context: click.Context, root: Path | None) -> None:
    """Run socket programs as if each lived on its own machine, and prove what they did."""
    context.obj = Invocation(context.obj, Path.cwd(), root)


def main(arguments: Sequence[str] | None = None, parts: Parts | None = None) -> int:
    """Run a command; its exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    installed = InstalledParts() if parts is None else parts

    def work() -> int:
        status = group.main(given, prog_name="lab", standalone_mode=False, obj=installed)
        return int(status or ExitStatus.PASSED)

    # What is imported stays, so looking for garbage among it only costs: while a command begins
    # (runs turn this on again), and when the interpreter ends.
    gc.disable()
    atexit.register(gc.freeze)
    try:
        return guarded(work, ["lab", *given])
    finally:
        gc.enable()


if __name__ == "__main__":
    sys.exit(main())
