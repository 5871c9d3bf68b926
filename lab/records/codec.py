"""A case's result as JSON, and back; what programs wrote lies beside it in files of its own.

Law: decode(encode(result)) is the result, but for when bytes were read. Paths below the project's
root are written from there, so a record can be read on another machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from lab.events import Exit, ProcessRecord, State
from lab.result import NodeResult, ScenarioResult, StepResult
from lab.source import Span
from lab.verdict import Difference, Judgement, Verdict

Json = dict[str, Any]
STREAMS = ("stdout", "stderr")


def encode(result: ScenarioResult, root: Path) -> Json:
    """All of it but the streams, as json.dumps() takes it; see `streams` for those."""
    return {
        "scenario": result.scenario,
        "case": result.case,
        "repeat": result.repeat,
        "path": _out(result.path, root),
        "intent": result.intent,
        "verdict": result.verdict.name,
        "reason": result.reason,
        "help": result.help,
        "seconds": result.seconds,
        "steps": [_step(step, root) for step in result.steps],
        "nodes": [_node(node) for node in result.nodes],
        "judgements": [_judgement(found, root) for found in result.judgements],
        "troubles": list(result.troubles),
        "bindings": dict(result.bindings),
    }


def streams(result: ScenarioResult) -> Mapping[str, tuple[ProcessRecord, str]]:
    """The name of each stream's file; the program whose it is, and `stdout` or `stderr`."""
    return {
        file: (program, stream)
        for node in result.nodes
        for name, program in ((node.node, node.program), *node.visitors)
        for stream, file in _files(name).items()
    }


def _files(name: str) -> dict[str, str]:
    """`talker.stdout`; of the second program on that node, `talker.2.stdout`."""
    plain = quote(name.replace("#", "."), safe="", errors="surrogatepass")
    return {stream: f"{plain}.{stream}" for stream in STREAMS}


def _out(path: Path, root: Path) -> str:
    full = path.absolute()
    return full.relative_to(root).as_posix() if full.is_relative_to(root) else str(full)


def _step(step: StepResult, root: Path) -> Json:
    return {
        "title": step.title,
        "at": _span(step.span, root),
        "verdict": None if step.verdict is None else step.verdict.name,
        "seconds": step.seconds,
        "judgement": None if step.judgement is None else _judgement(step.judgement, root),
    }


def _span(span: Span | None, root: Path) -> Json | None:
    if span is None:
        return None
    end = [span.end_line, span.end_column]
    return {"path": _out(span.path, root), "start": [span.line, span.column], "end": end}


def _judgement(found: Judgement, root: Path) -> Json:
    rows = None if found.difference is None else [list(row) for row in found.difference.rows]
    return {
        "verdict": found.verdict.name,
        "reason": found.reason,
        "at": _span(found.span, root),
        "subject": found.subject,
        "final": found.final,
        "difference": rows,
        "advice": found.advice,
    }


def _node(node: NodeResult) -> Json:
    return {
        "node": node.node,
        "addresses": list(node.addresses),
        "program": {**_program(node.program), **_files(node.node)},
        "visitors": [
            {"name": name, **_program(program), **_files(name)} for name, program in node.visitors
        ],
    }


def _program(program: ProcessRecord) -> Json:
    ended = program.exit
    return {
        "argv": list(program.argv),
        "state": program.state.value,
        "exit": None if ended is None else {"status": ended.status, "signal": ended.signal},
        "reason": program.reason,
        "stdout_closed": program.stdout_closed,
        "stderr_closed": program.stderr_closed,
        "stdout_truncated": program.stdout_truncated,
        "stderr_truncated": program.stderr_truncated,
    }


# -- and back --------------------------------------------------------------------------------


class Reading(Struct, frozen=True):
    """How: `stream` gives the bytes of a stream's file; `place` makes a path one of here."""

    stream: Callable[[str], bytes]
    place: Callable[[str], Path]


def decode(found: Json, reading: Reading) -> ScenarioResult:
    """The result. Raises KeyError, TypeError, ValueError for what encode() did not make."""
    return ScenarioResult(
        scenario=found["scenario"],
        case=found["case"],
        repeat=found["repeat"],
        path=reading.place(found["path"]),
        intent=found["intent"],
        verdict=Verdict[found["verdict"]],
        reason=found["reason"],
        help=found["help"],
        seconds=float(found["seconds"]),
        steps=tuple(_to_step(step, reading) for step in found["steps"]),
        nodes=tuple(_to_node(node, reading) for node in found["nodes"]),
        judgements=tuple(_to_judgement(one, reading) for one in found["judgements"]),
        troubles=tuple(found["troubles"]),
        bindings=dict(found["bindings"]),
    )


def _to_step(found: Json, reading: Reading) -> StepResult:
    said = found["judgement"]
    verdict = found["verdict"]
    return StepResult(
        found["title"],
        _to_span(found["at"], reading),
        None if verdict is None else Verdict[verdict],
        float(found["seconds"]),
        None if said is None else _to_judgement(said, reading),
    )


def _to_span(found: Json, reading: Reading) -> Span:
    return Span(reading.place(found["path"]), *found["start"], *found["end"])


def _to_judgement(found: Json, reading: Reading) -> Judgement:
    rows = found["difference"]
    return Judgement(
        Verdict[found["verdict"]],
        found["reason"],
        None if found["at"] is None else _to_span(found["at"], reading),
        found["subject"],
        found["final"],
        None if rows is None else Difference(tuple((row[0], row[1], row[2]) for row in rows)),
        found["advice"],
    )


def _to_node(found: Json, reading: Reading) -> NodeResult:
    visitors = tuple((one["name"], _to_program(one, reading)) for one in found["visitors"])
    program = _to_program(found["program"], reading)
    return NodeResult(found["node"], program, tuple(found["addresses"]), visitors)


def _to_program(found: Json, reading: Reading) -> ProcessRecord:
    ended = found["exit"]
    return ProcessRecord(
        argv=tuple(found["argv"]),
        state=State(found["state"]),
        exit=None if ended is None else Exit(ended["status"], ended["signal"]),
        stdout=reading.stream(found["stdout"]),
        stderr=reading.stream(found["stderr"]),
        stdout_closed=found["stdout_closed"],
        stderr_closed=found["stderr_closed"],
        stdout_truncated=found["stdout_truncated"],
        stderr_truncated=found["stderr_truncated"],
        reason=found["reason"],
    )
