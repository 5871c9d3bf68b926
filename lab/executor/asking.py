"""Asks holders for all that was written on their nodes by now.

Law: an answer shows that the way to a node and back works, and that what came before it is on the
record. Where there is none, nothing that was not seen may count as not having happened.
"""

from __future__ import annotations

from collections.abc import Iterable

from lab.errors import EngineError
from lab.executor.loop import Loop
from lab.executor.machine import Machine

_ANSWER_LIMIT = 20.0  # seconds for a holder to hand over what it has: the lab's own work


def ask(loop: Loop, machines: Iterable[Machine]) -> None:
    """Wait for every holder's answer. Raises EngineError where one does not answer."""
    asked = [(machine, machine.ping()) for machine in machines]

    def answered() -> bool:
        return all(machine.answered >= token or machine.over() for machine, token in asked)

    if not loop.until(answered, loop.clock.now() + _ANSWER_LIMIT):
        silent = next(m for m, token in asked if m.answered < token and not m.over())
        raise EngineError(
            f"{silent.node.name} did not hand over its output in {_ANSWER_LIMIT:g} s",
            help="the engine passes nothing on: is it hanging? lab doctor says how it is",
        )
