"""That the times written in steps fit into the scenario's timeout."""

from __future__ import annotations

from collections.abc import Sequence

from lab.kinds.action import Step
from lab.quantities import format_duration
from lab.source import Problems


def check_deadlines(steps: Sequence[Step], timeout: float, problems: Problems) -> None:
    """Note the step with which the times that were written add up past the timeout."""
    total = 0.0
    for step in steps:
        if not step.timed:
            continue
        total += step.longest
        if total > timeout:
            what = (
                f"with this step, the steps may take {format_duration(total)}, "
                f"longer than the scenario's timeout of {format_duration(timeout)}"
            )
            problems.add(
                step.span, what, f"write timeout: {format_duration(total + 10)}, or less time here"
            )
            return
