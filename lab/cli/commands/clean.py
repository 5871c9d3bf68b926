"""`lab clean`: removes what earlier runs left behind.

Law: nothing of a run under way is touched, ever; what stands for a person only with --all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from lab.cleaning.grounds import Ground, Whose, grounds, in_order
from lab.cleaning.removal import remove
from lab.cli.invocation import Invocation
from lab.cli.options import choice, engine_options
from lab.cli.views import say
from lab.ports import Engine, Leftover
from lab.report.escapes import harmless
from lab.report.words import counted

EXAMPLES = """\b
Examples:
  lab clean            what dead runs left; runs under way and standing machines stay
  lab clean --dry-run  only say what would be removed
  lab clean --all      standing machines too
  lab clean --images   also the images the lab has made (the next run makes them again)
"""


@click.command(epilog=EXAMPLES, short_help="remove what earlier runs left behind")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Also machines left standing on purpose, here and by you.",
)
@click.option("--images", is_flag=True, help="Also the images the lab has made.")
@click.option("--dry-run", is_flag=True, help="Remove nothing; say what would be.")
@engine_options
@click.pass_obj
def command(
    call: Invocation,
    *,
    everything: bool,
    images: bool,
    dry_run: bool,
    engine: str | None,
    start_engine: bool,
) -> None:
    """Remove containers, networks and volumes that earlier runs left on the engine."""
    with call.parts.connect(choice(call, engine, start_engine=start_engine), say) as connection:
        all_grounds = grounds(connection.engine)
        found = [g for g in all_grounds if _meant(g, connection.keeper if everything else None)]
        made = call.parts.images(connection) if images else ()
        try:
            if dry_run:
                print("\n".join(_would_go(found, made)))
            else:
                _remove(connection.engine, found, made, images=images)
        finally:
            for ground in all_grounds:
                if ground not in found:
                    print(_stays(ground))


def _meant(ground: Ground, keeper: str | None) -> bool:
    """Whether it is to go: what is left, and what stands for that keeper."""
    return ground.whose is Whose.LEFT or (
        ground.whose is Whose.STANDING and ground.keeper == keeper
    )


def _remove(
    engine: Engine, found: Sequence[Ground], made: Sequence[Leftover], *, images: bool
) -> None:
    number = remove(engine, in_order(found))
    print(f"{counted(number, 'thing')} of {counted(len(found), 'run')} removed")
    if images:
        print(f"{counted(remove(engine, made), 'image')} removed")


def _would_go(found: Sequence[Ground], made: Sequence[Leftover]) -> Iterator[str]:
    for ground in found:
        names = ", ".join(f"{thing.what} {thing.name}" for thing in ground.things)
        yield harmless(f"{ground.scenario} (run {ground.run}, of {ground.owner}): {names}")
    yield from (harmless(f"image {image.name}") for image in made)
    things = sum(len(ground.things) for ground in found) + len(made)
    yield f"{counted(things, 'thing')} would be removed"


def _stays(ground: Ground) -> str:
    standing = ground.whose is Whose.STANDING
    why = f"it stands for {ground.keeper}" if standing else f"{ground.owner} is at work on it"
    return harmless(f"{ground.scenario} stays: {why} (run {ground.run})")
