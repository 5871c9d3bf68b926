"""What an engine's machine has, and what it can keep nodes from taking, read from GET /info.

Law: pure. Source: Docker Engine API reference, SystemInfo. What an engine does not tell of, it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lab.ports import Capacity

# What a scenario's `limits:` names, and where it is said whether there are control groups for it.
_KEEPS: Final = {"memory": "MemoryLimit", "pids": "PidsLimit", "cpus": "CpuCfsQuota"}


def capacity(info: Mapping[str, Any]) -> Capacity:
    """Of the answer to GET /info. Raises KeyError, ValueError where that is none."""
    unbounded = frozenset(name for name, said in _KEEPS.items() if info.get(said) is False)
    return Capacity(max(int(info["NCPU"]), 1), int(info["MemTotal"]), unbounded)
