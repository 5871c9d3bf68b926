"""The images nodes run: the lab's own, and users' images with the holder put in.

Law: named by what they are made of; what is there already costs one look. No image is changed,
no container is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

from docker import APIClient
from msgspec import Struct

from lab.engine import registries
from lab.engine.errors import translated
from lab.engine.locking import alone
from lab.engine.registries import inspect
from lab.errors import EngineError
from lab.image.recipe import BASE_LABEL, DEFAULT_BASE, LABEL, LOCAL_TAG, Recipe
from lab.ports import Image, Leftover

_HELD = "socketlab/held"
_REPOSITORY, _, _LOCAL = LOCAL_TAG.partition(":")
_SILENT: Callable[[str], None] = lambda _: None  # noqa: E731


class ImageState(Struct, frozen=True):
    """The lab's own image: its name, whether it is there, and what it is or would be built on.

    `base` None: it is not there, and nothing can be had to build it on.
    """

    reference: str
    present: bool
    base: str | None


def ensure(
    client: APIClient,
    recipe: Recipe,
    report: Callable[[str], None] = _SILENT,
    base: str | None = None,
    *,
    force: bool = False,
) -> str:
    """The id of the lab's own image, built if it is not there. Raises EngineError.

    `report` gets a line for each step of a build and none when nothing is built. `base` is a
    reference to build on; None is the one the last build was on, or Debian's own. `force` builds
    all of it anew.
    """
    with translated("make the lab's image ready"):
        local = inspect(client, LOCAL_TAG)
        wanted = base or _base_of(local)
        tag = recipe.tag(wanted)
        if local is not None and _is(local, tag) and not force:
            return str(local["Id"])
        with alone(client.base_url, tag, report):
            if force or inspect(client, tag) is None:
                _build(client, recipe, wanted, report, force=force)
            made = str(_there(client, tag)["Id"])
            client.tag(made, _REPOSITORY, _LOCAL)
            return made


def present(client: APIClient, recipe: Recipe) -> str | None:
    """The id of the lab's own image if it is there and the local one. Raises EngineError."""
    with translated("look for the lab's image"):
        local = inspect(client, LOCAL_TAG)
    if local is None or not _is(local, recipe.tag(_base_of(local))):
        return None
    return str(local["Id"])


def state(client: APIClient, recipe: Recipe) -> ImageState:
    """How the lab's own image stands; nothing is made. Raises EngineError."""
    with translated("look for the lab's image"):
        wanted = _base_of(inspect(client, LOCAL_TAG))
        tag = recipe.tag(wanted)
        if inspect(client, tag) is not None:
            return ImageState(tag, True, wanted)
        from lab.engine.bases import likely  # noqa: PLC0415 - rarely needed

        return ImageState(tag, False, likely(client, wanted))


def made(client: APIClient) -> tuple[Leftover, ...]:
    """All images the lab has made on this engine, name by name, in an order to remove them."""
    with translated("look for the lab's images"):
        found = client.images(filters={"label": LABEL})
    newest_first = sorted(found, key=lambda one: int(one["Created"]), reverse=True)
    return tuple(leftover for one in newest_first for leftover in _leftovers(one))


def held(
    client: APIClient,
    recipe: Recipe,
    reference: str,
    lab_image: str,
    report: Callable[[str], None] = _SILENT,
) -> Image:
    """A user's image made ready to be held, and what it runs by itself. Raises EngineError.

    Made once per image and holder; `lab_image` is what ensure() returned. An image the engine
    does not have is pulled.
    """
    with translated(f"make image {reference} ready"):
        own = inspect(client, reference) or _pulled(client, reference, report)
        key = sha256(f"{own['Id']} {recipe.holder_hash}".encode()).hexdigest()[:12]
        tag = f"{_HELD}:{key}"
        found = inspect(client, tag)
        if found is None:
            with alone(client.base_url, tag, report):
                if inspect(client, tag) is None:
                    from lab.engine.holding import derive  # noqa: PLC0415 - rarely needed

                    derive(client, own["Id"], lab_image, tag)
                found = _there(client, tag)
        config = own["Config"] or {}
        entrypoint, command = config.get("Entrypoint") or (), config.get("Cmd") or ()
        return Image(str(found["Id"]), tuple(entrypoint), tuple(command))


def _build(
    client: APIClient, recipe: Recipe, wanted: str, report: Callable[[str], None], *, force: bool
) -> None:
    from lab.engine.bases import base  # noqa: PLC0415 - rarely needed
    from lab.engine.building import Ingredients, build  # noqa: PLC0415

    found = base(client, wanted, report)
    build(client, recipe, Ingredients(wanted, found, recipe.tag(wanted)), report, force=force)


def _is(image: dict[str, Any], tag: str) -> bool:
    return tag in image["RepoTags"]


def _base_of(local: dict[str, Any] | None) -> str:
    labels = (local or {}).get("Config", {}).get("Labels") or {}
    return str(labels.get(BASE_LABEL) or DEFAULT_BASE)


def _leftovers(image: dict[str, Any]) -> Iterator[Leftover]:
    """One for each name: an engine removes no image by its id that has several."""
    names = [name for name in image["RepoTags"] or () if name != "<none>:<none>"]
    for name in names or [str(image["Id"])]:
        yield Leftover("image", name, name, image["Labels"] or {})


def _there(client: APIClient, reference: str) -> dict[str, Any]:
    found = inspect(client, reference)
    if found is None:
        raise EngineError(f"{reference} was made, and is gone", help="try again; was it removed?")
    return found


def _pulled(client: APIClient, reference: str, report: Callable[[str], None]) -> dict[str, Any]:
    reason = registries.pull(client, reference, report)
    if reason is not None:
        raise registries.missing(reference, reason)
    return _there(client, reference)
