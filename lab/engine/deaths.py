"""Why a node that went away did so, from what the engine still knows of it.

Law: pure; one sentence for people, out of the State of an inspected container.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import Any


def sentence(state: Mapping[str, Any]) -> str:
    """What ended it. `state` is as ContainerInspect gives it."""
    if state.get("OOMKilled"):
        return "it used more memory than its limit allows, and the kernel ended it"
    if state.get("Error"):
        return f"the engine reports: {' '.join(str(state['Error']).split())}"
    if state.get("Running"):
        return "it still runs; the connection to it broke (was the engine restarted?)"
    return _by_exit(int(state.get("ExitCode") or 0), str(state.get("Status", "")))


def _by_exit(code: int, status: str) -> str:
    if status == "created":
        return "it was never started"
    if code == 255:
        return "the engine lost it (was the engine or its host restarted?)"
    if code > 128:
        return f"somebody ended it from outside with {_signal(code - 128)}"
    if code == 0:
        return "the connection to it broke, or somebody stopped it: its holder ended with status 0"
    return f"its holder ended with status {code}"


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
