"""README.md, ARCHITECTURE.md and docs/ name only what there is: tests, files, commands, options."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from lab.cli.group import COMMANDS
from lab.cli.main import group
from lab.cli.suite_options import suite_options
from tests.architecture.sources import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").rglob("*.md"))]
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
INVARIANTS = [
    line
    for line in ARCHITECTURE.partition("\n## Invariants\n")[2].partition("\n## ")[0].splitlines()
    if line.startswith("| ") and not line.startswith(("| invariant", "|---"))
]
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))

WITH_VALUE = {"-j", "--engine", "--use", "--tag", "--shard", "--repeat", "--seed", "--timeout"} | {
    "--capture",
    "--runs",
}

every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


# -- tests and files -------------------------------------------------------------------------


def named_tests(text: str) -> list[str]:
    return re.findall(r"`(tests/[\w/.-]+(?:::\w+)?)`", text)


@pytest.mark.parametrize("row", INVARIANTS, ids=range(len(INVARIANTS)))
def test_every_invariant_names_the_test_that_holds_it(row: str) -> None:
    assert named_tests(row), row
    for name in named_tests(row):
        _, _, function = name.partition("::")
        assert function, f"{name} names a file, not a test"


def test_there_are_invariants() -> None:
    assert len(INVARIANTS) >= 20


@every_document
def test_every_test_that_is_named_exists(document: Path) -> None:
    for name in named_tests(document.read_text(encoding="utf-8")):
        path, _, function = name.partition("::")
        assert (ROOT / path).exists(), name
        if function:
            tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
            names = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
            assert function in names, name


@every_document
def test_every_file_that_is_named_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:lab|services|scenarios|docs|\.ci)/[\w/.-]+)`", text):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (document.parent / name).exists(), name


IMAGES = sorted((ROOT / "docs" / "images").glob("*"))


@pytest.mark.parametrize("image", IMAGES, ids=lambda path: path.name)
def test_an_image_is_small_and_shown_with_words_for_who_does_not_see_it(image: Path) -> None:
    assert image.suffix == ".png"
    assert image.stat().st_size < 200_000
    shown = [
        re.findall(rf"!\[(.+?)\]\(images/{image.name}\)", page.read_text()) for page in DOCUMENTS
    ]
    assert any(shown), "no document shows it"


# -- commands --------------------------------------------------------------------------------


def code(text: str) -> Iterator[str]:
    """Lines of code blocks, and code within text."""
    for index, part in enumerate(re.split(r"^```.*$", text, flags=re.MULTILINE)):
        if index % 2:
            yield from part.splitlines()
        else:
            yield from re.findall(r"`([^`\n]+)`", part)


def calls(document: Path, program: str) -> list[list[str]]:
    """The words of each call of a program in a document, after its name."""
    found = []
    for line in code(document.read_text(encoding="utf-8")):
        command = re.match(rf"\s*(?:\$ )?(?:\w+=\S+ )*(?:\.venv/bin/)?{program}(?: |$)(.*)", line)
        if command:
            words = shlex.split(command[1], comments=True)
            found.append(words[: words.index("|")] if "|" in words else words)
    return found


@every_document
def test_every_command_of_lab_that_is_named_exists(document: Path) -> None:
    for words in calls(document, "lab"):
        command, *rest = words or ["help"]
        if command.startswith("-"):
            continue
        assert command in COMMANDS, words
        found = group.get_command(click.Context(group), command)
        assert found is not None
        known = {name for parameter in found.params for name in parameter.opts} | {"--help"}
        own = rest[: rest.index("--")] if "--" in rest else rest
        options = {word.partition("=")[0] for word in own if word.startswith("-") and len(word) > 1}
        assert options <= known, words


@every_document
def test_every_target_of_make_that_is_named_exists(document: Path) -> None:
    for words in calls(document, "make"):
        if "-f" in words:  # a file of the page's own, run by tests/docs
            continue
        targets = {word for word in words if "=" not in word}
        assert targets <= TARGETS, words


@every_document
def test_every_scenario_that_is_run_exists(document: Path) -> None:
    known = {path.stem for path in (ROOT / "scenarios").rglob("*.yaml")}
    text = document.read_text(encoding="utf-8")
    known |= set(re.findall(r"^# scenarios/([\w-]+)\.yaml$", text, re.MULTILINE))  # it makes them
    tags = set(re.findall(r"[\w-]+", " ".join(_tag_lines())))
    for words in calls(document, "lab"):
        if words[:1] in (["run"], ["up"], ["show"]):
            named = {word for word in _arguments(words[1:]) if re.fullmatch(r"[a-z0-9-]+", word)}
            assert named <= known | tags | {"all"}, words


def _arguments(words: list[str]) -> Iterator[str]:
    """Words that are neither an option nor its value."""
    before = ""
    for word in words:
        if not word.startswith("-") and before not in WITH_VALUE:
            yield word
        before = word


def _tag_lines() -> Iterator[str]:
    for path in (ROOT / "scenarios").rglob("*.yaml"):
        yield from re.findall(r"^tags: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_readme_names_the_way_to_run_and_the_way_to_test() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make scenario" in text
    assert "make test" in text
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_readme_tells_every_exit_status() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.partition("\n## Exit status\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| (\d) \|", section, re.MULTILINE) == list("012345")


def test_the_readme_tells_of_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if not re.search(rf"\blab {name}\b", text)] == []


def test_every_option_about_many_runs_is_told_of() -> None:
    text = (ROOT / "docs" / "suites.md").read_text(encoding="utf-8")
    probe = click.command()(suite_options(lambda **_: None))
    names = [name for option in probe.params for name in option.opts]
    assert "--shard" in names
    assert [name for name in names if name != "--jobs" and f"`{name}" not in text] == []


# -- the example -----------------------------------------------------------------------------


def test_the_readme_shows_a_scenario_as_it_is() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```yaml\n# (scenarios/[\w.-]+)\n(.*?)```", text, re.DOTALL)
    name, body = shown
    assert body == (ROOT / name).read_text(encoding="utf-8")
