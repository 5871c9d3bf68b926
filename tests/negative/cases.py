"""Every case of every scenario, as it is, and with a wrong program in a service's place.

Law: files in, scenarios out; nothing is run here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from msgspec.structs import replace

from lab.catalog import Catalog
from lab.loader import load
from lab.model import Scenario
from lab.ports import Step
from tests.negative import images
from tests.negative.wrong import Wrong

PROJECT = Path(__file__).parents[2]
CATALOG = Catalog(PROJECT / "services")
FILES = tuple(sorted((PROJECT / "scenarios").glob("*.yaml")))


@cache
def right_cases() -> dict[str, Scenario]:
    """Every case of every scenario, by name."""
    return {case.name: case for path in FILES for case in load(path, CATALOG)}


def wrong_case(wrong: Wrong, image: str) -> Scenario:
    """The case with the program in its service's place."""
    path = PROJECT / "scenarios" / f"{wrong.scenario}.yaml"
    cases = load(path, CATALOG, {images.service_of(wrong.program): image})
    [case] = [case for case in cases if case.name == wrong.case]
    return images.cast(replace(case, timeout=wrong.patience), image, wrong.program)


def runs_a_program_of_ours(case: Scenario) -> bool:
    """Unlike one of real programs alone, such as telnet: those are right."""
    services = [node.service for node in case.topology.nodes]
    if any((PROJECT / f"services/{name}/{name}.py").is_file() for name in services):
        return True
    return any(images.FOLDER_OF_SERVICES in word for step in case.steps for word in _words(step))


def _words(step: Step) -> Iterator[str]:
    """The command that a step runs, if any."""
    if (action := images.run_of(step)) is not None:
        yield from (word.text for word in action.words)
