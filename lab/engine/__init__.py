"""Docker, behind the Engine port. The only package that imports docker, and only when it is used.

Law: `import lab.engine` costs nothing; importing docker (about 85 ms) waits for open_engine().

    open_engine(choice)   a DockerEngine that has answered, or an EngineError that says what to do
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.engine.docker_engine import DockerEngine
    from lab.image.recipe import Recipe


def open_engine(
    choice: str | None = None,
    *,
    services: Path | None = None,
    report: Callable[[str], None] | None = None,
    machines: bool = False,
) -> DockerEngine:
    """The engine that was chosen (a URL, `modern`, or None: the first that answers).

    `services` is the folder of the catalog that goes into the lab's image (None: the lab's own);
    `report` is told, from any thread, of what is built or tried again. `machines`: some will be
    made at once, so what that takes is looked at early. Raises EngineError.
    """
    from lab.engine.connect import connect  # noqa: PLC0415 - importing docker is dear
    from lab.engine.docker_engine import DockerEngine  # noqa: PLC0415
    from lab.engine.stock import OWN_SERVICES  # noqa: PLC0415

    folder = services or OWN_SERVICES
    recipe = _recipe(folder) if machines else None
    engine = DockerEngine(connect(choice), services=folder, recipe=recipe, report=report)
    if machines:
        engine.glance()
    return engine


def reopen(reach: str) -> DockerEngine:
    """The engine that another process opened, by its DockerEngine.reach. Raises EngineError."""
    from lab.engine.address import unpacked  # noqa: PLC0415 - importing docker is dear
    from lab.engine.connect import ask  # noqa: PLC0415
    from lab.engine.docker_engine import DockerEngine  # noqa: PLC0415

    return DockerEngine(ask(unpacked(reach)))


def _recipe(services: Path) -> Recipe | None:
    from lab.image.recipe import read  # noqa: PLC0415

    try:
        return read(services)
    except OSError:
        return None  # told once an image is asked for
