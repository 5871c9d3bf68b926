"""What GET /info tells of an engine's machine."""

from __future__ import annotations

from typing import Any

import pytest

from lab.engine.capacity import capacity
from lab.ports import Capacity

HAS = {"NCPU": 2, "MemTotal": 2**30}
KEEPS = {"MemoryLimit": True, "PidsLimit": True, "CpuCfsQuota": True}


@pytest.mark.parametrize(
    ("said", "unbounded"),
    [
        (KEEPS, set()),
        ({**KEEPS, "MemoryLimit": False}, {"memory"}),
        ({**KEEPS, "PidsLimit": False}, {"pids"}),
        ({**KEEPS, "CpuCfsQuota": False}, {"cpus"}),
        ({}, set()),
    ],
)
def test_which_limits_are_not_kept(said: dict[str, Any], unbounded: set[str]) -> None:
    assert capacity({**HAS, **said}) == Capacity(2, 2**30, frozenset(unbounded))


def test_there_is_always_a_processor() -> None:
    assert capacity({**HAS, "NCPU": 0}).cpus == 1
