"""The pipelines of docs/ci.md: read as their servers read them, each command one that there is."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from lab.cli.main import group
from lab.report.formats import FORMATS
from lab.report.record import record
from tests.corpus.reports.examples import RESULTS
from tests.docs.page import File, blocks

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "ci.md"
FILES = {block.path: block.text for block in blocks(PAGE) if isinstance(block, File)}
GITHUB, GITLAB = ".github/workflows/lab.yml", ".gitlab-ci.yml"
TARGETS = re.findall(r"^([\w./$()-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)


def read(path: str) -> dict[Any, Any]:
    found = yaml.safe_load(FILES[path])
    assert isinstance(found, dict)
    return found


def github_steps() -> list[dict[str, Any]]:
    (job,) = read(GITHUB)["jobs"].values()
    steps: list[dict[str, Any]] = job["steps"]
    return steps


def scripts() -> Iterator[str]:
    """Every line that a server would run."""
    yield from (step["run"] for step in github_steps() if "run" in step)
    (job,) = read(GITLAB).values()
    yield from job["script"]
    yield from re.findall(r"`(\.venv/bin/lab [^`]+)`", PAGE.read_text())


def test_a_workflow_has_what_its_server_asks_for() -> None:
    found = read(GITHUB)
    assert found[True] == ["push", "pull_request"]  # `on`, as YAML 1.1 reads it
    (job,) = found["jobs"].values()
    assert {"runs-on", "steps", "timeout-minutes"} <= set(job)
    assert all(("run" in step) != ("uses" in step) for step in github_steps())
    assert all(
        re.fullmatch(r"[\w-]+/[\w-]+@v\d+", s["uses"]) for s in github_steps() if "uses" in s
    )


def test_a_failure_uploads_what_the_run_wrote() -> None:
    (upload,) = [step for step in github_steps() if "upload" in step.get("uses", "")]
    assert upload["if"] == "failure()"
    assert set(upload["with"]["path"].split()) == {"lab.xml", ".lab/runs"}
    assert upload["with"]["include-hidden-files"] is True  # .lab begins with a dot
    (job,) = read(GITLAB).values()
    assert job["artifacts"]["reports"]["junit"] == "lab.xml"
    assert job["artifacts"]["when"] == "always"


@pytest.mark.parametrize("line", sorted(set(scripts())))
def test_each_command_is_one_that_there_is(line: str) -> None:
    program, *words = shlex.split(line)
    if program == "make":
        assert set(words) <= {*TARGETS, ".venv/ready"}
        return
    assert program == ".venv/bin/lab"
    command = group.get_command(click.Context(group), words[0])
    assert command is not None
    command.make_context(words[0], words[1:])


def test_there_are_commands() -> None:
    assert len(set(scripts())) >= 3


def test_every_format_is_described() -> None:
    section = PAGE.read_text().partition("\n## Reports\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)[: len(FORMATS)] == list(FORMATS)


def test_every_field_of_a_line_of_json_is_described() -> None:
    section = (
        PAGE.read_text().partition("\n### Fields of a line of JSON\n")[2].partition("\n## ")[0]
    )
    fields = {
        name
        for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    found = json.loads(record(RESULTS["fail-output"]))
    assert fields == set(found)
    for within in (found["steps"][0], next(iter(found["nodes"].values()))):
        for name in within:
            assert f"`{name}`" in section
