"""`lab clean`: removes what earlier runs left behind.

Law: nothing of a run under way is touched, ever; what stands for a person only with --all.
"""

from __future__ import annotations

import click

from lab.cli.invocation import Invocation
from lab.cli.options import choice, engine_options
from lab.cli.removal import remove
from lab.cli.standing import Whose, grounds
from lab.cli.views import say
from lab.report.words import counted

EXAMPLES = """\b
Examples:
  lab clean            what dead runs left; runs under way and standing machines stay
  lab clean --all      standing machines too
  lab clean --images   also the images the lab has made (the next run makes them again)
"""


@click.command(epilog=EXAMPLES, short_help="remove what earlier runs left behind")
@click.option("--all", "everything", is_flag=True, help="Also machines left standing on purpose.")
@click.option("--images", is_flag=True, help="Also the images the lab has made.")
@engine_options
@click.pass_obj
def command(
    call: Invocation, *, everything: bool, images: bool, engine: str | None, start_engine: bool
) -> None:
    """Remove containers, networks and volumes that earlier runs left on the engine."""
    meant = {Whose.LEFT, Whose.STANDING} if everything else {Whose.LEFT}
    with call.parts.connect(choice(call, engine, start_engine=start_engine), say) as connection:
        all_grounds = grounds(connection.engine)
        found = [ground for ground in all_grounds if ground.whose in meant]
        number = remove(connection.engine, [thing for each in found for thing in each.things])
        print(f"{counted(number, 'thing')} of {counted(len(found), 'run')} removed")
        if images:
            gone = remove(connection.engine, call.parts.images(connection))
            print(f"{counted(gone, 'image')} removed")
        for ground in all_grounds:
            if ground.whose not in meant:
                print(f"{ground.scenario} stays: it is {ground.whose.value} (run {ground.run})")
