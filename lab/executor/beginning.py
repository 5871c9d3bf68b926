"""Beginning programs on held nodes, all at the same moment, and those that are traced watched.

Law: a program is told to begin once its tracer has it, so that its first call is in the trace;
until then it is a process that waits (holder.c).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msgspec.structs import replace

from lab.events import State
from lab.executor.loop import Loop
from lab.executor.machine import Machine
from lab.executor.watched import Outstanding
from lab.frames import FrameError
from lab.ports import Agent, StepFailed
from lab.verdict import unknown

_LIMIT = 60.0  # seconds for the holder to begin a program: the lab's own work

Order = tuple[Machine, int, Sequence[str]]  # process number, the program with its arguments


def begin(loop: Loop, agent: Agent, orders: Sequence[Order]) -> None:
    """Have them begin, and wait until they have. Raises StepFailed, EngineError."""
    traced = [order for order in orders if order[0].traced]
    for order in traced:
        _tell(*order)
    _await(loop, traced, _waits)
    for machine, process, _ in traced:
        machine.trace(agent, process)
    for machine, process, argv in orders:
        if machine.traced:
            machine.go_on(process)
        else:
            _tell(machine, process, argv)
    _await(loop, orders, _begun)


def _tell(machine: Machine, process: int, argv: Sequence[str]) -> None:
    try:
        machine.begin(argv, process=process)
    except FrameError as error:
        raise _failed(machine, str(error)) from error


def _await(loop: Loop, orders: Sequence[Order], done: Callable[[Machine, int], bool]) -> None:
    """Until it is done of each. Raises StepFailed where it cannot be."""
    until = Outstanding(partial(done, machine, process) for machine, process, _ in orders)
    if not loop.until(until, loop.clock.now() + _LIMIT):
        raise StepFailed(unknown(f"the engine did not pass the order to begin on in {_LIMIT:g} s"))
    for machine, process, _ in orders:
        record = machine.record(process)
        if record.state is State.LOST:
            raise _failed(machine, record.reason)


def _begun(machine: Machine, process: int) -> bool:
    return machine.tracker(process).state is not State.HELD


def _waits(machine: Machine, process: int) -> bool:
    return machine.tracker(process).waiting is not None or _begun(machine, process)


def _failed(machine: Machine, why: str) -> StepFailed:
    return StepFailed(replace(unknown(why), subject=machine.node.name))
