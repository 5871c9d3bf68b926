r"""One case as one line of JSON, for programs.

Law: exactly these keys, whatever happened:

    {"scenario", "case", "repeat", "verdict", "reason", "seconds", "steps", "nodes"}

`repeat` counts the runs of a case that is run several times, from 1; null: it is run once.
`verdict` is PASS, FAIL, ERROR or SKIP. `steps` is a list of {"title", "verdict", "seconds",
"line"}; the verdict of a step never reached is null. `nodes` maps each name to {"state", "exit",
"stdout", "stderr", "addresses", "runs"}; `runs` maps what each program of a run step is known by
to {"state", "exit", "stdout", "stderr"}. `state` is held, running, ended or lost; `exit` is a
number, a signal's name, or null for a program that has not ended. Output is in the lossless form
of `escapes`: a backslash is `\\`, a byte that is no printable text is `\xNN` (before JSON's own
quoting), so `escapes.restore` gives the bytes back. The line itself is pure ASCII.
"""

import json

from lab.events import ProcessRecord
from lab.quantities import format_signal
from lab.report.escapes import harmless, lossless
from lab.result import NodeResult, ScenarioResult, StepResult

Json = dict[str, object]


def record(result: ScenarioResult) -> str:
    """The line, without a newline."""
    found: Json = {
        "scenario": result.scenario,
        "case": result.case,
        "repeat": result.repeat or None,
        "verdict": result.verdict.name,
        "reason": harmless(result.reason),
        "seconds": round(result.seconds, 3),
        "steps": [_step(step) for step in result.steps],
        "nodes": {node.node: _node(node) for node in result.nodes},
    }
    # `##[` begins a command in the logs of GitHub Actions, wherever in a line it stands.
    return json.dumps(found).replace("##[", r"#\u0023[")


def _step(step: StepResult) -> Json:
    return {
        "title": harmless(step.title),
        "verdict": step.verdict.name if step.verdict is not None else None,
        "seconds": round(step.seconds, 3),
        "line": step.span.line,
    }


def _node(node: NodeResult) -> Json:
    return {
        **_program(node.program),
        "addresses": list(node.addresses),
        "runs": {key: _program(program) for key, program in node.visitors},
    }


def _program(program: ProcessRecord) -> Json:
    return {
        "state": program.state.value,
        "exit": _exit(program),
        "stdout": lossless(program.stdout),
        "stderr": lossless(program.stderr),
    }


def _exit(program: ProcessRecord) -> int | str | None:
    if program.exit is None:
        return None
    if program.exit.signal is not None:
        return format_signal(program.exit.signal)
    return program.exit.status
