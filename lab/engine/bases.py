"""What the lab's image is built on: the one named, Debian's own, or one made from its packages.

Law: what is on the engine already is taken first; the network is asked last, and in bounded time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from docker import APIClient

from lab.engine import registries
from lab.engine.errors import translated
from lab.errors import EngineError
from lab.image import bootstrap
from lab.image.recipe import DEFAULT_BASE, LABEL

_IMPORT_LIMIT = 600.0  # seconds


def base(client: APIClient, wanted: str, report: Callable[[str], None]) -> str:
    """A reference to build FROM in place of `wanted`, there on the engine. Raises EngineError."""
    found = _present(client, wanted)
    if found is not None:
        return found
    reason = registries.pull(client, wanted, report)
    if reason is None:
        return wanted
    if wanted != DEFAULT_BASE:
        raise registries.missing(wanted, reason)
    return _made(client, reason, report)


def pass_on(source: APIClient, sink: APIClient) -> None:
    """Have the base that was made on one engine on another that lacks it: making takes a minute.

    Where there is none, or that engine's machine is of another kind, nothing. Raises EngineError.
    """
    with translated("pass the base image on"):
        own = registries.inspect(source, bootstrap.REFERENCE)
        if own is None or own["Architecture"] != sink.version()["Arch"]:
            return
        if registries.inspect(sink, bootstrap.REFERENCE) is not None:
            return
        with tempfile.TemporaryFile() as file, registries.patience(sink, _IMPORT_LIMIT):
            file.writelines(source.get_image(bootstrap.REFERENCE))
            file.seek(0)
            list(sink.load_image(file))  # type: ignore[no-untyped-call]


def likely(client: APIClient, wanted: str) -> str | None:
    """What base() would come to, without making or pulling anything; None: an error."""
    found = _present(client, wanted)
    if found is not None:
        return found
    if wanted == DEFAULT_BASE and bootstrap.refusal() is None:
        return f"{wanted}, or one made from Debian's packages"
    return wanted if registries.refusal(client, wanted) is None else None


def _present(client: APIClient, wanted: str) -> str | None:
    stand_in = (bootstrap.REFERENCE,) if wanted == DEFAULT_BASE else ()
    there = (one for one in (wanted, *stand_in) if registries.inspect(client, one) is not None)
    return next(there, None)


def _made(client: APIClient, reason: str, report: Callable[[str], None]) -> str:
    refusal = bootstrap.refusal()
    if refusal is not None:
        raise EngineError(
            f"{DEFAULT_BASE} cannot be pulled: {reason}\n"
            f"and no base can be made from Debian's packages: {refusal}",
            help="load an image of Debian 13 (docker load) and name it: lab build --base REFERENCE",
        )
    report(f"{DEFAULT_BASE} cannot be pulled; no registry is needed")
    with tempfile.TemporaryDirectory(prefix="socketlab-base-") as folder:
        tar = Path(folder) / "base.tar"
        bootstrap.make(tar, report)
        _import(client, tar)
    return bootstrap.REFERENCE


def _import(client: APIClient, tar: Path) -> None:
    repository, _, tag = bootstrap.REFERENCE.partition(":")
    with tar.open("rb") as file, registries.patience(client, _IMPORT_LIMIT):
        said = client.import_image(
            src=file, repository=repository, tag=tag, changes=[f"LABEL {LABEL}=base"]
        )
    if registries.inspect(client, bootstrap.REFERENCE) is None:
        raise EngineError(f"the engine did not take the base image: {said.strip()}")
