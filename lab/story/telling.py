"""A result told as a story.

Law: everything in it is in the result, with the time it has there; what happened at the same time
stays in the order of cause: the lab's doing before that of programs.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from operator import attrgetter

from msgspec.structs import replace

from lab.events import Exit, State
from lab.quantities import format_signal
from lab.result import ScenarioResult
from lab.story.calls import made
from lab.story.clock import Clock, clock
from lab.story.entries import Entry, Kind, Story
from lab.story.output import Writer, output, streams
from lab.story.packets import NOTHING, crossed
from lab.verdict import Verdict

ROOM = 2_000  # entries of output, about
ARGV = 200  # characters of a program's command at most


def story(result: ScenarioResult, room: int = ROOM) -> Story:
    """All that happened, in about so many entries."""
    when = clock(result)
    wire = crossed(result, when, room // 2) if result.capture is not None else NOTHING
    found = [*_lab(result, when), *_programs(result, when, room), *wire.entries]
    found.sort(key=attrgetter("at"))
    notes = (when.note, _lack(result), *wire.notes)
    return Story((*found, *_ending(result, found)), tuple(filter(None, notes)))


def writers(result: ScenarioResult) -> Iterator[Writer]:
    """Each program, with its node."""
    for node in result.nodes:
        yield Writer(node.node, node.node, node.program)
        for name, program in node.visitors:
            yield Writer(node.node, name, program)


def _lack(result: ScenarioResult) -> str:
    unknown = [
        writer.name
        for writer in writers(result)
        for _, data, times, _ in streams(writer.program)
        if data and times.at(0) is None
    ]
    return f"when {', '.join(dict.fromkeys(unknown))} wrote is not known" if unknown else ""


# -- what the lab did ------------------------------------------------------------------------


def _lab(result: ScenarioResult, when: Clock) -> Iterator[Entry]:
    if result.timing is None:
        return
    for name, at in result.timing.phases:
        yield Entry(when.of_lab(at), Kind.PHASE, text=name)
    for number, step in enumerate(result.steps, 1):
        if step.began is None or step.verdict is None:
            continue
        began = Entry(when.of_lab(step.began), Kind.STEP, text=step.title, step=number)
        yield began
        said = step.judgement.reason if step.judgement else ""
        yield replace(began, at=began.at + step.seconds, text=said, verdict=step.verdict)


def _ending(result: ScenarioResult, before: list[Entry]) -> Iterator[Entry]:
    """Judgements that are bad, and the verdict: at the end, whatever the clocks say."""
    at = result.seconds if result.timing else 0.0
    at = max(at, before[-1].at if before else 0.0)
    of_steps = [step.judgement for step in result.steps]
    for found in result.judgements:
        if found.verdict >= Verdict.ERROR and found not in of_steps:
            node = found.subject if found.subject in {n.node for n in result.nodes} else ""
            yield Entry(at, Kind.JUDGEMENT, node, text=found.reason, verdict=found.verdict)
    yield Entry(at, Kind.VERDICT, text=result.case, verdict=result.verdict)


# -- what programs did -----------------------------------------------------------------------


def _programs(result: ScenarioResult, when: Clock, room: int) -> Iterator[Entry]:
    found = list(writers(result))
    told = sum(1 for writer in found for _, data, *_ in streams(writer.program) if data)
    for writer in found:
        yield from _lives(writer, when)
        yield from made(writer, when, room // (2 * len(found)))
        yield from output(writer, when, room // max(told, 1))


def _lives(writer: Writer, when: Clock) -> Iterator[Entry]:
    program = writer.program
    for life in program.lives:
        said = f"begins: {command(program.argv)}"
        yield writer.entry(when.of_node(life.began), Kind.STATE, said)
        if life.ended is not None:
            yield writer.entry(when.of_node(life.ended), Kind.STATE, _ended(life.exit))
    if program.state is State.LOST and program.lives:
        last = program.lives[-1]
        yield writer.entry(when.of_node(last.ended or last.began), Kind.STATE, program.reason)


def command(argv: Sequence[str]) -> str:
    """What a program was begun with, absolute paths without their folders."""
    words = (word.rpartition("/")[2] if word.startswith("/") else word for word in argv)
    said = shlex.join(words)
    return said if len(said) <= ARGV else f"{said[:ARGV]}..."


def _ended(ended: Exit | None) -> str:
    if ended is None:
        return "ended"
    if ended.signal is not None:
        return f"ended by {format_signal(ended.signal)}"
    return f"exited {ended.status}"
