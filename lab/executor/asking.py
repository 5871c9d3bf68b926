"""Asks holders for all that was written on their nodes by now.

Law: an answer shows that the way to a node and back works, and that what came before it is on the
record. Where there is none, nothing that was not seen may count as not having happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from lab.errors import EngineError
from lab.executor.loop import Loop
from lab.executor.machine import Machine
from lab.executor.pulse import Pulse
from lab.executor.watched import Outstanding

_ANSWER_LIMIT = 20.0  # seconds for a holder to hand over what it has: the lab's own work
_DOUBT = 3.0  # seconds until the engine itself is asked whether it answers


def ask(loop: Loop, pulse: Pulse, machines: Iterable[Machine]) -> None:
    """Wait for every holder's answer. Raises EngineError where one does not answer.

    That takes less long where the engine, which passes all of it on, answers nothing at all.
    """
    asked = [(machine, machine.ping()) for machine in machines]
    answered = Outstanding(partial(_answered, machine, token) for machine, token in asked)
    began = loop.clock.now()
    if not loop.until(answered, began + min(_DOUBT, _ANSWER_LIMIT)):
        pulse.feel()
        loop.until(lambda: answered() or pulse.silent, began + _ANSWER_LIMIT)
    if not answered():
        waited = min(loop.clock.now() - began, _ANSWER_LIMIT)
        silent = next(m for m, token in asked if not _answered(m, token))
        raise EngineError(
            f"{silent.node.name} did not hand over its output in {waited:.0f} s",
            help="the engine passes nothing on: is it hanging? lab doctor says how it is",
        )


def _answered(machine: Machine, token: int) -> bool:
    return machine.answered >= token or machine.over()
