"""Times of two clocks as seconds from the beginning of the case.

Law: where the machine of the engine is another one its clock is never taken for the lab's: it is
set by what is known of both, and that is said, with how well it is known.
"""

from __future__ import annotations

import math

from msgspec import Struct

from lab.result import ScenarioResult, Timing


class Clock(Struct, frozen=True):
    """`began` on the lab's clock is 0; `shift` is the same moment on the clock of programs."""

    began: float
    shift: float
    note: str = ""

    def of_lab(self, at: float) -> float:
        """A time of the lab."""
        return at - self.began

    def of_node(self, at: float) -> float:
        """A time of a program, of its output, of what was seen on its links."""
        return at - self.shift


def clock(result: ScenarioResult) -> Clock:
    """How its times are to be read."""
    timing = result.timing
    if timing is None:
        first = min(_node_times(result), default=0.0)
        return Clock(first, first, "when steps were done is not known")
    shift = middle(timing)
    if shift == timing.began or timing.ahead is None:
        return Clock(timing.began, shift)
    least, most = timing.ahead
    return Clock(timing.began, shift, _note(shift - timing.began, (most - least) / 2))


def middle(timing: Timing | None) -> float:
    """The beginning of the case on the clock of programs, as well as it is known."""
    if timing is None:
        return 0.0
    if timing.ahead is None or timing.ahead[0] <= 0 <= timing.ahead[1]:
        return timing.began
    return timing.began + sum(timing.ahead) / 2


def _note(ahead: float, doubt: float) -> str:
    way = "ahead of" if ahead > 0 else "behind"
    within = math.ceil(round(doubt * 1000, 3))
    return (
        f"the clock of the engine's machine is {abs(ahead):.3f} s {way} the lab's, give or take "
        f"{within} ms: of what is nearer together than that, either may have been first"
    )


def _node_times(result: ScenarioResult) -> list[float]:
    records = [
        record for node in result.nodes for record in (node.program, *dict(node.visitors).values())
    ]
    lives = [life.began for record in records for life in record.lives]
    output = [times.at(0) for r in records for times in (r.stdout_times, r.stderr_times)]
    return [*lives, *(at for at in output if at is not None)]
