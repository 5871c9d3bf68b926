"""A case's result as JSON, and back; what programs wrote lies beside it in files of its own.

Law: decode(encode(result)) is the result; when bytes were read lies beside them, see `timed`.
Paths below the project's root are written from there, so a record can be read on another machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from lab.events import NO_TIMES, Call, ProcessRecord, State, Times
from lab.records import surroundings
from lab.result import ImpairmentResult, NodeResult, ScenarioResult, StepResult
from lab.source import Span
from lab.verdict import Difference, Judgement, Verdict

Json = dict[str, Any]
STREAMS = ("stdout", "stderr")
CALLS = "calls"


def encode(result: ScenarioResult, root: Path) -> Json:
    """All of it but streams and calls, as json.dumps() takes it; see `streams` and `calls`."""
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
        **surroundings.of_case(result),
        "seed": result.seed,
        "impairments": [_impairment(each, root) for each in result.impairments],
    }


def streams(result: ScenarioResult) -> Mapping[str, tuple[ProcessRecord, str]]:
    """The name of each stream's file; the program whose it is, and `stdout` or `stderr`."""
    return {
        file: (program, stream)
        for node in result.nodes
        for name, program in ((node.node, node.program), *node.visitors)
        for stream, file in _files(name).items()
    }


def calls(result: ScenarioResult) -> Mapping[str, bytes]:
    """The name of the file of each traced program's calls, and what is in it: a line a call."""
    return {
        _file(name, CALLS): b"".join(map(_line, program.calls))
        for node in result.nodes
        for name, program in ((node.node, node.program), *node.visitors)
        if program.calls is not None
    }


def _line(call: Call) -> bytes:
    fields = (getattr(call, name) for name in Call.__struct_fields__)
    return json.dumps(list(fields), separators=(",", ":")).encode() + b"\n"


def _files(name: str) -> dict[str, str]:
    """`talker.stdout`; of the second program on that node, `talker.2.stdout`."""
    return {stream: _file(name, stream) for stream in STREAMS}


def _file(name: str, what: str) -> str:
    plain = quote(name.replace("#", "."), safe="", errors="surrogatepass")
    return f"{plain}.{what}"


def _out(path: Path, root: Path) -> str:
    full = path.absolute()
    return full.relative_to(root).as_posix() if full.is_relative_to(root) else str(full)


def _step(step: StepResult, root: Path) -> Json:
    return {
        "title": step.title,
        "at": _span(step.span, root),
        "verdict": None if step.verdict is None else step.verdict.name,
        "seconds": step.seconds,
        "began": step.began,
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


def _impairment(each: ImpairmentResult, root: Path) -> Json:
    return {
        "title": each.title,
        "at": _span(each.span, root),
        "counts": dict(each.counts),
        "may_miss": each.may_miss,
        "by": list(each.by),
    }


def _node(node: NodeResult) -> Json:
    return {
        "node": node.node,
        "addresses": list(node.addresses),
        **surroundings.of_node(node),
        "program": _program(node.node, node.program),
        "visitors": [{"name": name, **_program(name, program)} for name, program in node.visitors],
    }


def _program(name: str, program: ProcessRecord) -> Json:
    return {
        "argv": list(program.argv),
        "state": program.state.value,
        "exit": surroundings.exit_json(program.exit),
        "reason": program.reason,
        "reached": list(program.reached),
        "stdout_closed": program.stdout_closed,
        "stderr_closed": program.stderr_closed,
        "stdout_truncated": program.stdout_truncated,
        "stderr_truncated": program.stderr_truncated,
        **_files(name),
        CALLS: None if program.calls is None else _file(name, CALLS),
        "calls_lost": program.calls_lost,
        **surroundings.of_program(program),
        "calls_over": program.calls_over,
    }


# -- and back --------------------------------------------------------------------------------


class Reading(Struct, frozen=True):
    """How: `stream` gives the bytes of such a file; `place` makes a path one of here.

    `times` gives when the bytes of a stream were read, as far as that is known.
    """

    stream: Callable[[str], bytes]
    place: Callable[[str], Path]
    times: Callable[[str], Times] = lambda _file: NO_TIMES


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
        networks=surroundings.to_networks(found),
        timing=surroundings.to_timing(found),
        seed=found.get("seed", ""),
        impairments=tuple(_to_impairment(one, reading) for one in found.get("impairments", ())),
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
        found.get("began"),
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


def _to_impairment(found: Json, reading: Reading) -> ImpairmentResult:
    return ImpairmentResult(
        found["title"],
        _to_span(found["at"], reading),
        dict(found["counts"]),
        found["may_miss"],
        tuple(found.get("by", ())),
    )


def _to_node(found: Json, reading: Reading) -> NodeResult:
    visitors = tuple((one["name"], _to_program(one, reading)) for one in found["visitors"])
    program = _to_program(found["program"], reading)
    addresses, links = tuple(found["addresses"]), surroundings.to_links(found)
    forwards = found.get("forwards", False)
    return NodeResult(found["node"], program, addresses, visitors, links, forwards)


def _to_program(found: Json, reading: Reading) -> ProcessRecord:
    traced = found.get(CALLS)
    return ProcessRecord(
        argv=tuple(found["argv"]),
        state=State(found["state"]),
        exit=surroundings.to_exit(found["exit"]),
        stdout=reading.stream(found["stdout"]),
        stderr=reading.stream(found["stderr"]),
        stdout_closed=found["stdout_closed"],
        stderr_closed=found["stderr_closed"],
        stdout_truncated=found["stdout_truncated"],
        stderr_truncated=found["stderr_truncated"],
        reason=found["reason"],
        calls=None if traced is None else tuple(_to_calls(reading.stream(traced))),
        calls_lost=found.get("calls_lost", ""),
        stdout_times=reading.times(found["stdout"]),
        stderr_times=reading.times(found["stderr"]),
        lives=surroundings.to_lives(found),
        calls_over=found.get("calls_over", False),
        reached=tuple(found.get("reached", ())),  # records of before have none
    )


def _to_calls(data: bytes) -> Iterator[Call]:
    for line in data.splitlines():
        time, pid, name, arguments, *rest = json.loads(line)
        yield Call(time, pid, name, tuple(arguments), *rest)
