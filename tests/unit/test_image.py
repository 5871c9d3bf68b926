"""lab.image: the same files make the same image; what is shown while it is built."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from lab.engine.building import Progress
from lab.errors import EngineError
from lab.image import bootstrap, recipe
from lab.image.recipe import DEFAULT_BASE, ContextFile, Recipe

SERVICES = Path(__file__).parents[2] / "services"
SMALL = Recipe((ContextFile("Dockerfile", b"FROM x"), ContextFile("holder.c", b"int main;")))


@pytest.fixture
def services(tmp_path: Path) -> Path:
    root = tmp_path / "services"
    for name in (
        "listener/listener.py",
        "listener/service.yaml",
        "listener/__pycache__/listener.pyc",
        "listener/tests/test_listener.py",
        "listener/.hidden",
        "README.md",
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return root


def names(made: Recipe) -> list[str]:
    return [file.path for file in made.files]


def test_what_goes_into_the_context(services: Path) -> None:
    found = names(recipe.read(services))
    assert {"Dockerfile", "holder.c", "lab/agent/__main__.py"} < set(found)
    assert [name for name in found if name.startswith("lab/services/")] == [
        "lab/services/listener/listener.py",
        "lab/services/listener/service.yaml",
    ]


def test_times_and_owners_do_not_matter(services: Path) -> None:
    before = recipe.read(services)
    for path in services.rglob("*"):
        os.utime(path, (1, 1))
    after = recipe.read(services)
    assert (after.context(), after.tag()) == (before.context(), before.tag())


def test_the_context_is_a_tar_of_the_files() -> None:
    files = (ContextFile("Dockerfile", b"FROM x\n"), ContextFile("a/b", b"\0\xff", executable=True))
    with tarfile.open(fileobj=io.BytesIO(Recipe(files).context())) as archive:
        members = archive.getmembers()
        seen = [(m.name, m.mode, m.mtime, m.uid, m.gid) for m in members]
        assert seen == [("Dockerfile", 0o644, 0, 0, 0), ("a/b", 0o755, 0, 0, 0)]
        content = archive.extractfile("a/b")
        assert content is not None
        assert content.read() == b"\0\xff"


@pytest.mark.parametrize(
    "other",
    [
        Recipe((ContextFile("Dockerfile", b"FROM y"), SMALL.files[1])),
        Recipe((*SMALL.files, ContextFile("services/x", b""))),
        Recipe((SMALL.files[0], ContextFile("holder.c", b"int main;", executable=True))),
        Recipe((ContextFile("Dockerfile", b"FROM xint main;"), ContextFile("holder.c", b""))),
    ],
)
def test_whatever_changes_changes_the_tag(other: Recipe) -> None:
    assert other.tag() != SMALL.tag()


def test_the_tag_knows_the_base() -> None:
    assert SMALL.tag() == SMALL.tag(None) == SMALL.tag(DEFAULT_BASE)
    assert SMALL.tag("mine:1") != SMALL.tag()
    repository, _, tag = SMALL.tag().partition(":")
    assert repository == "socketlab/lab"
    assert len(tag) == 12
    assert int(tag, 16) >= 0


def test_the_holders_hash_is_of_the_holder_alone() -> None:
    same = Recipe((ContextFile("Dockerfile", b"FROM y"), SMALL.files[1]))
    other = Recipe((SMALL.files[0], ContextFile("holder.c", b"int main();")))
    assert same.holder_hash == SMALL.holder_hash != other.holder_hash


def test_missing_services_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        recipe.read(tmp_path / "nowhere")


def test_steps_are_the_comments_right_above() -> None:
    text = """
# About the whole file.

ARG BASE=x
FROM ${BASE}
# two lines, of which
# only the last is shown
RUN one \\
 && two \\
 # a comment inside
 && three
COPY a b
# the end
CMD x
"""
    assert recipe.steps(text) == ("", "", "only the last is shown", "", "the end")


def test_the_dockerfiles_steps_are_shown() -> None:
    dockerfile = recipe.read(SERVICES).dockerfile
    shown = [words for words in recipe.steps(dockerfile) if words]
    assert "compiling the holder" in shown
    assert len(shown) == 6
    assert "--mount" not in dockerfile  # BuildKit's; the legacy builder must do


def test_the_base_is_named_by_how_it_is_made() -> None:
    assert bootstrap.REFERENCE.startswith("socketlab/base:trixie-")


# -- what a build says -----------------------------------------------------------------------


def test_a_build_is_told_in_plain_words() -> None:
    told: list[str] = []
    progress = Progress(("", "compiling"), told.append)
    for text in ("Step 1/3 : FROM x", "\n", "Step 2/3 : RUN gcc\n", " ---> 12\n", "Step 3/3 : X"):
        progress.take({"stream": text})
    progress.take({"status": "pulling"})
    progress.take({"aux": {"ID": "sha256:0"}})
    assert told == ["[2/3] compiling"]


def test_a_failed_build_says_where_and_its_last_words() -> None:
    progress = Progress(("compiling",), lambda _: None)
    progress.take({"stream": "Step 1/1 : RUN gcc holder.c"})
    for number in range(100):
        progress.take({"stream": f"line {number}\n"})
    with pytest.raises(EngineError) as caught:
        progress.take({"error": "returned a non-zero code: 1"})
    first, *rest = caught.value.what.splitlines()
    assert first == "the image could not be built: compiling:"
    assert rest[0] == "  line 85"
    assert rest[-2:] == ["  line 99", "  returned a non-zero code: 1"]


def test_a_build_without_a_network_says_what_is_needed() -> None:
    progress = Progress((), lambda _: None)
    progress.take({"stream": "W: Temporary failure resolving 'mirror'\n"})
    with pytest.raises(EngineError) as caught:
        progress.take({"error": "returned a non-zero code: 100"})
    assert "mirrors" in caught.value.help
