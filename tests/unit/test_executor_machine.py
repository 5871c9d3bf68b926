"""A node while it runs, as far as no stream is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.events import State
from lab.executor.machine import Machine
from lab.frames import NODE_PROGRAM
from tests.unit.cli_fakes import scenario


@pytest.fixture(name="machine")
def _machine() -> Machine:
    node = scenario("s", Path("s.yaml"), ()).topology.nodes[0]
    return Machine(node, "lab-1-a", lambda _, __: None)


@pytest.mark.parametrize("process", [NODE_PROGRAM, 3])
def test_nothing_begins_on_a_node_that_is_lost(machine: Machine, process: int) -> None:
    machine.lose("its stream ended")
    machine.begin(["listener"], process=process)
    found = machine.record(process)
    assert (found.state, found.reason) == (State.LOST, "its stream ended")
    assert machine.over()


def test_nothing_begins_again_on_it_either(machine: Machine) -> None:
    machine.begin(["listener"])
    machine.lose("its stream ended")
    machine.begin(["listener"])
    assert machine.record().state is State.LOST
