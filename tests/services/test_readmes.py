"""Every service has a README that teaches, and what it says of calls is so in the program."""

from __future__ import annotations

import ast
import re

import pytest

from .running import SERVICES, script

OWN = sorted(path.parent.name for path in SERVICES.glob("*/README.md") if path.parent != SERVICES)
HEADINGS = ["## What it teaches", "## Calls, in order", "## What to try"]
CALL = re.compile(r"^\| `(\w+)` \| (.+) \| (.+) \|$")

# How Python spells what C calls otherwise; everything else is spelt alike.
SPELT = {
    "epoll_create": r"select\.epoll\(",
    "epoll_ctl": r"epoll\.(register|modify)\(",
    "epoll_wait": r"epoll\.poll\(",
    "pthread_create": r"threading\.Thread\(",
    "send": r"\.(send|sendall)\(",
    "sigaction": r"signal\.signal\(",
}


def sections(name: str) -> dict[str, str]:
    """The text under each heading."""
    text = (SERVICES / name / "README.md").read_text()
    assert text.startswith(f"# {name}\n\n")
    parts = re.split(r"^(## .+)$", text, flags=re.MULTILINE)[1:]
    assert parts[::2] == HEADINGS
    return dict(zip(parts[::2], parts[1::2], strict=True))


def calls(name: str) -> list[str]:
    """The calls of the table, each with what it does and what goes wrong without it."""
    _, _, *rows = sections(name)["## Calls, in order"].strip().splitlines()
    found = [CALL.match(row) for row in rows]
    assert found
    assert all(found), rows
    return [row[1] for row in found if row]


def sources(name: str) -> str:
    """The program, and the libraries of services/ it imports, as far as they go."""
    texts, todo, seen = [], [script(name)], set()
    while todo:
        path = todo.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        texts.append(path.read_text())
        for node in ast.walk(ast.parse(texts[-1])):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for module in modules:
                part = SERVICES.joinpath(*module.split("."))
                todo += [part / "__init__.py", part.with_suffix(".py")]
    return "\n".join(texts)


def test_every_service_of_ours_has_one() -> None:
    declared = {path.parent.name for path in SERVICES.glob("*/service.yaml")}
    assert {name for name in declared if script(name).is_file()} <= set(OWN)


@pytest.mark.parametrize("name", OWN)
def test_it_says_what_it_teaches_and_what_to_try(name: str) -> None:
    found = sections(name)
    assert found["## What it teaches"].startswith("\n\n- ")
    assert len(re.findall(r"^\d\. ", found["## What to try"], re.MULTILINE)) >= 2
    for path in re.findall(r"services/\S+\.py", "".join(found.values())):
        assert (SERVICES.parent / path).is_file(), path


@pytest.mark.parametrize("name", [name for name in OWN if script(name).is_file()])
def test_the_calls_are_in_the_program(name: str) -> None:
    text = sources(name)
    for call in calls(name):
        assert re.search(SPELT.get(call, rf"\b{call}\("), text), call


@pytest.mark.parametrize("name", [name for name in OWN if script(name).is_file()])
def test_the_order_is_the_one_help_gives(name: str) -> None:
    """All calls the program's own description names are in the table, in that order."""
    described = ast.get_docstring(ast.parse(script(name).read_text())) or ""
    sentence = re.search(r"The order of socket calls: (.+?)\.(\s|$)", described, re.DOTALL)
    assert sentence
    known = {call for other in OWN if script(other).is_file() for call in calls(other)}
    named = dict.fromkeys(word for word in re.findall(r"\w+", sentence[1]) if word in known)
    assert [call for call in calls(name) if call in named] == [*named]
