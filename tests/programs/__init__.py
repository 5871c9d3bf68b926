"""The guide programs in C, as images that hold nothing but the program and its C library.

    build(client, folder) -> {"listener": "socketlab-test/listener:<hash>", ...}

No shell, no tools, no /tmp, and stdout never flushed: what a reader of the guides may bring.
Compiled with this machine's gcc, or in the compiler stage of the lab's image where there is none.
"""

import io
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from docker import APIClient

from lab.engine.registries import inspect

SOURCES = Path(__file__).parent
NAMES = tuple(sorted(path.stem for path in SOURCES.glob("*.c")))
LABEL = "lab.image=test"

# Each program becomes out/<name>/: itself, and the loader and libraries it names, at their paths.
_COMPILE = """
set -e
for source in *.c; do
    root=out/${source%.c}
    mkdir -p "$root"
    gcc -std=c11 -O2 -Wall -Wextra -Werror "$source" -o "$root/${source%.c}"
    ldd "$root/${source%.c}" | grep -o '/[^ ]*' | while read -r library; do
        cp -L --parents "$library" "$root"
    done
done
"""


def build(client: APIClient, folder: Path) -> dict[str, str]:
    """Name of program -> reference of its image on this engine; works in an empty folder."""
    for source in (*SOURCES.glob("*.c"), *SOURCES.glob("*.h")):
        shutil.copy(source, folder)
    if shutil.which("gcc"):
        subprocess.run(["sh", "-c", _COMPILE], cwd=folder, check=True)
    else:
        _compile_in_container(client, folder)
    return {name: _image(client, name, folder / "out" / name) for name in NAMES}


def _image(client: APIClient, name: str, root: Path) -> str:
    data = _tar(root)
    repository, tag = f"socketlab-test/{name}", sha256(data).hexdigest()[:12]
    if inspect(client, f"{repository}:{tag}") is None:
        changes = [f'ENTRYPOINT ["/{name}"]', f"LABEL {LABEL}"]
        client.import_image(io.BytesIO(data), repository=repository, tag=tag, changes=changes)
    return f"{repository}:{tag}"


def _tar(root: Path) -> bytes:
    """The files under a folder, as root's, without times: the same files, the same bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in sorted(root.rglob("*")):
            entry = archive.gettarinfo(path, str(path.relative_to(root)))
            entry.mtime = entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            entry.mode = 0o755
            archive.addfile(entry, io.BytesIO(path.read_bytes()) if path.is_file() else None)
    return buffer.getvalue()


def _compile_in_container(client: APIClient, folder: Path) -> None:
    images = client.images(filters={"label": "lab.image=compiler"}, all=True)
    if not images:
        raise RuntimeError("compiling the C programs needs gcc, or the lab's image: make images")
    # The newest of the compiler stage's layers has the compiler.
    image = max(images, key=lambda one: int(one["Created"]))["Id"]
    made = client.create_container(
        image, ["sh", "-c", _COMPILE], working_dir="/programs", labels={"lab.image": "making"}
    )
    try:
        client.put_archive(made["Id"], "/", _with_parent(folder))
        client.start(made["Id"])
        status = client.wait(made["Id"])["StatusCode"]
        if status:
            raise RuntimeError(client.logs(made["Id"]).decode(errors="replace"))
        with tarfile.open(fileobj=io.BytesIO(b"".join(_out(client, made["Id"])))) as archive:
            archive.extractall(folder, filter="data")
    finally:
        client.remove_container(made["Id"], v=True, force=True)


def _with_parent(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.add(folder, "programs")
    return buffer.getvalue()


def _out(client: APIClient, container: str) -> Iterator[bytes]:
    chunks, _ = client.get_archive(container, "/programs/out")
    yield from chunks
