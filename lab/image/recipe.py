"""What goes into the lab's image: the build context, the name it gives, the steps in plain words.

Law: reads files and nothing else; the same files give the same bytes and the same tag, whoever
owns them and whenever they were written. Docker is never touched.
"""

import io
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

REPOSITORY = "socketlab/lab"
LOCAL_TAG = f"{REPOSITORY}:local"  # what compose.yaml names
DEFAULT_BASE = "debian:trixie-slim"
HOLDER_PATH = "/.lab/holder"
LABEL = "lab.image"  # every image of the lab's carries it
BASE_LABEL = "lab.base"  # the lab's own: the name of what it was built on

_HERE = Path(__file__).parent
_LEFT_OUT = frozenset({"__pycache__", "tests", "ruff.toml", "README.md"})


class ContextFile(Struct, frozen=True):
    """One file of the build context; `path` is relative, with slashes."""

    path: str
    data: bytes
    executable: bool = False


class Recipe(Struct, frozen=True):
    """All that decides what the image is, but for its base."""

    files: tuple[ContextFile, ...]

    @property
    def dockerfile(self) -> str:
        """The text of the Dockerfile."""
        return next(file.data for file in self.files if file.path == "Dockerfile").decode()

    @property
    def holder_hash(self) -> str:
        """12 hexadecimal digits that change with the holder."""
        source = next(file.data for file in self.files if file.path == "holder.c")
        return sha256(source).hexdigest()[:12]

    def tag(self, base: str | None = None) -> str:
        """`socketlab/lab:` and 12 hexadecimal digits made from every byte and the base's name."""
        digest = sha256((base or DEFAULT_BASE).encode())
        for file in self.files:
            digest.update(f"\0{file.path}\0{file.executable}\0{len(file.data)}\0".encode())
            digest.update(file.data)
        return f"{REPOSITORY}:{digest.hexdigest()[:12]}"

    def context(self) -> bytes:
        """The build context as a tar file, the same bytes for the same files."""
        import tarfile  # noqa: PLC0415 - only what builds needs it

        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for file in self.files:
                entry = tarfile.TarInfo(file.path)
                entry.size = len(file.data)
                entry.mode = 0o755 if file.executable else 0o644
                archive.addfile(entry, io.BytesIO(file.data))
        return buffer.getvalue()


def read(services: Path) -> Recipe:
    """The recipe for an image that holds these services. Raises OSError where one is unreadable.

    `services` is the folder of the catalog; the holder, the agent and the Dockerfile are the
    lab's own.
    """
    if not services.is_dir():
        raise NotADirectoryError(f"{services} is no folder of services")
    package = _HERE.parent
    files = [
        ContextFile("Dockerfile", (_HERE / "Dockerfile").read_bytes()),
        ContextFile("holder.c", (package / "holder" / "holder.c").read_bytes()),
        *_tree(services, "lab/services"),
        *_tree(package / "agent" / "program", "lab/agent"),
    ]
    return Recipe(tuple(sorted(files, key=lambda file: file.path)))


def _tree(root: Path, prefix: str) -> Iterator[ContextFile]:
    """The files under a folder, but for tests, caches and what only developers need."""
    for entry in sorted(os.scandir(root), key=lambda entry: entry.name):
        if entry.name.startswith(".") or entry.name in _LEFT_OUT:
            continue
        path, name = Path(entry.path), f"{prefix}/{entry.name}"
        if entry.is_dir():
            yield from _tree(path, name)
        elif entry.is_file():
            yield ContextFile(name, path.read_bytes(), bool(entry.stat().st_mode & 0o100))


def steps(dockerfile: str) -> tuple[str, ...]:
    """What to show for each instruction, as a builder counts them; "" for those not worth it."""
    words: list[str] = []
    comment, goes_on = "", False
    for line in dockerfile.splitlines():
        text = line.strip()
        if goes_on:
            goes_on = text.endswith("\\") or text.startswith("#")
        elif text.startswith("#"):
            comment = text.lstrip("# ")
        elif text:
            words.append(comment)
            goes_on = text.endswith("\\")
        if not text.startswith("#"):
            comment = ""
    return tuple(words)
