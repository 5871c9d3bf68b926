"""A user's image with the holder put in, as a new image.

Law: the user's image is not changed, no container is started and none is left.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager

from docker import APIClient

from lab.errors import EngineError
from lab.image.recipe import HOLDER_PATH, LABEL


def derive(client: APIClient, image: str, lab_image: str, tag: str) -> None:
    """Tag what `image` becomes with the holder of `lab_image`. Raises EngineError."""
    holder = _holder(client, lab_image)
    with _created(client, image) as container:
        client.put_archive(container, "/", holder)
        repository, _, name = tag.partition(":")
        client.commit(container, repository, name, changes=[f"LABEL {LABEL}=held"])


def _holder(client: APIClient, lab_image: str) -> bytes:
    """The holder as a tar file to be unpacked at /, out of the lab's image."""
    with _created(client, lab_image) as container:
        chunks, _ = client.get_archive(container, HOLDER_PATH)
        packed = b"".join(chunks)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        file = archive.extractfile(archive.getmembers()[0])
        if file is None:
            raise EngineError(f"{HOLDER_PATH} of the lab's image is no file", help="lab build")
        return _tar(file.read())


def _tar(program: bytes) -> bytes:
    buffer = io.BytesIO()
    folder, _, name = HOLDER_PATH.lstrip("/").partition("/")
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        parent = tarfile.TarInfo(folder)
        parent.type, parent.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(parent)
        entry = tarfile.TarInfo(f"{folder}/{name}")
        entry.size, entry.mode = len(program), 0o755
        archive.addfile(entry, io.BytesIO(program))
    return buffer.getvalue()


@contextmanager
def _created(client: APIClient, image: str) -> Iterator[str]:
    """A container that is never started, gone afterwards."""
    alone_there = client.create_host_config(network_mode="none")
    made = client.create_container(
        image, entrypoint=[HOLDER_PATH], labels={LABEL: "making"}, host_config=alone_there
    )
    try:
        yield made["Id"]
    finally:
        client.remove_container(made["Id"], v=True, force=True)
