"""Results with all the times, addresses and networks of a run, made by hand."""

from __future__ import annotations

from array import array

from msgspec.structs import replace

from lab.events import Exit, Life, ProcessRecord, State, Times
from lab.result import LinkResult, NetworkResult, NodeResult, ScenarioResult, StepResult, Timing
from lab.verdict import Judgement, Verdict
from tests.corpus.reports.examples import DIFFERENCE, EVIL, EVIL_TEXT, WRONG_OUTPUT, result, span

BEGAN = 500.0  # on the lab's clock
LAN = NetworkResult("lan", "ipv6", ("fd00:1::/64",))
PHASES = (("making", BEGAN + 0.001), ("running", BEGAN + 0.4), ("collecting", BEGAN + 0.6))
TIMING = Timing(BEGAN, PHASES, (-0.01, 0.02))
STEPS = (
    StepResult("start listener", span(5, 3, 11), Verdict.PASS, 0.1, None, BEGAN + 0.4),
    StepResult("start talker", span(6, 3, 9), Verdict.PASS, 0.05, None, BEGAN + 0.5),
)


def wrote(*chunks: tuple[float, bytes]) -> tuple[bytes, Times]:
    """A stream that was read so, at seconds from the beginning."""
    ends, times, data = array("Q"), array("d"), b""
    for at, chunk in chunks:
        data += chunk
        ends.append(len(data))
        times.append(BEGAN + at)
    return data, Times(ends, times)


def program(
    argv: tuple[str, ...],
    began: float,
    ended: float | None,
    *stdout: tuple[float, bytes],
    stderr: tuple[tuple[float, bytes], ...] = (),
    status: int = 0,
) -> ProcessRecord:
    """One that ran from then to then."""
    out, out_times = wrote(*stdout)
    err, err_times = wrote(*stderr)
    over = ended is not None
    how = Exit(status) if over else None
    return ProcessRecord(
        argv,
        State.ENDED if over else State.RUNNING,
        how,
        out,
        err,
        over,
        over,
        stdout_times=out_times,
        stderr_times=err_times,
        lives=(Life(BEGAN + began, None if ended is None else BEGAN + ended, how),),
    )


def node(name: str, at: str, found: ProcessRecord) -> NodeResult:
    """A node on the network there is."""
    return NodeResult(name, found, (at,), (), (LinkResult("lan", (at,)),))


LISTENER = node(
    "listener",
    "fd00:1::2",
    program(
        ("listener",),
        0.42,
        0.58,
        (0.47, b"listener: waiting to recvfrom...\n"),
        (0.56, b"listener: packet is 14 bytes long\nlistener: packet contains "),
        (0.57, b'"hello over IPv"\n'),
    ),
)
TALKER = node(
    "talker",
    "fd00:1::3",
    program(
        ("talker", "listener", "hello over IPv6"),
        0.51,
        0.57,
        (0.555, b"talker: sent 15 bytes to listener\n"),
    ),
)


def timed(verdict: Verdict, *nodes: NodeResult, reason: str = "", **more: object) -> ScenarioResult:
    """A case with these nodes."""
    found = result(verdict, reason, steps=STEPS, nodes=nodes)
    return replace(found, networks=(LAN,), timing=TIMING, **more)


EVIL_NODE = node(
    f"talk{EVIL_TEXT}er<script>",
    '"><img src=x>',
    program(("x", "</script>"), 0.5, 0.6, (0.55, EVIL * 3), stderr=((0.56, EVIL),), status=3),
)
FLOOD = node(
    "flood",
    "fd00:1::4",
    program(("yes",), 0.42, None, *((0.43 + n / 1e4, b"y%d\n" % n * 7) for n in range(900))),
)

TIMED = {
    "pass": timed(Verdict.PASS, LISTENER, TALKER),
    "fail": timed(
        Verdict.FAIL,
        LISTENER,
        TALKER,
        reason=f"listener: {WRONG_OUTPUT.reason}",
        judgements=(
            Judgement(Verdict.PASS, span=span(6, 3, 9), subject="talker"),
            replace(WRONG_OUTPUT, difference=DIFFERENCE),
        ),
    ),
    "elsewhere": replace(
        timed(Verdict.PASS, LISTENER, TALKER),
        timing=Timing(BEGAN - 1000, tuple((n, a - 1000) for n, a in PHASES), (999.99, 1000.01)),
        steps=tuple(replace(s, began=(s.began or 0) - 1000) for s in STEPS),
    ),
    "hostile": timed(Verdict.FAIL, EVIL_NODE, reason=EVIL_TEXT),
    "flood": timed(Verdict.ERROR, FLOOD, reason="flood went on"),
}
