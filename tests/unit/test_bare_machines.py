"""A machine with no program of its own: it may just be there, be visited, and be looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.catalog import Catalog
from lab.loader import load_text
from lab.source import InvalidScenario

CATALOG = Catalog(Path(__file__).parents[2] / "services")
HEAD = """
intent: it must be so
networks: {lan: }
nodes:
  machine: {networks: [lan]}
  talker: {service: talker, args: [machine, hello], networks: [lan]}
steps:
"""
VISIT = "  - run: {on: machine, command: [sleep, 1], expect: {exit: running}}\n"
TALK = "  - start: talker\n"


def problems(steps: str) -> str:
    """What the loader says of a scenario with these steps."""
    try:
        load_text(Path("s.yaml"), (HEAD + steps).encode(), CATALOG)
    except InvalidScenario as invalid:
        return str(invalid)
    return ""


def test_it_may_just_be_there() -> None:
    assert problems(TALK) == ""


@pytest.mark.parametrize(
    "look",
    [
        "wait: {for: machine, listening: udp/0.0.0.0:4950}",
        "wait: {for: [machine, talker], processes: {count: 1}}",
        "expect: {machine: {addresses: {ipv4: none}}}",
    ],
)
def test_what_is_not_of_a_program_may_be_looked_at(look: str) -> None:
    assert problems(TALK + f"  - {look}\n") == ""


def test_a_program_that_starts_later_is_not_looked_at_before() -> None:
    look = "  - wait: {for: talker, listening: none}\n"
    assert '"talker" is not started yet' in problems(look + TALK)


@pytest.mark.parametrize("step", ["wait: {for: machine, exit: 0}", "stop: machine"])
def test_what_is_of_a_program_needs_one(step: str) -> None:
    assert '"machine" is never started' in problems(VISIT + TALK + f"  - {step}\n")
