"""Results as they may come out of a run, made by hand: good ones, bad ones and hostile ones."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from lab.events import Exit, ProcessRecord, State
from lab.result import ImpairmentResult, NodeResult, ScenarioResult, StepResult
from lab.source import Span
from lab.verdict import Difference, Judgement, Verdict

PATH = Path("scenarios/udp-ipv6-only.yaml")
TEXT = """\
intent: a datagram sent over an IPv6-only network must reach the listener whole
networks:
  lan: {family: ipv6}
nodes:
  listener: {service: listener, networks: [lan]}
  talker: {service: talker, args: [listener, hello over IPv6], networks: [lan]}
expect:
  listener:
    stdout: |
      listener: waiting to recvfrom...
      listener: packet is 15 bytes long
      listener: packet contains "hello over IPv6"
"""


def source(path: Path, number: int) -> str | None:
    """A line of the one scenario file there is."""
    return TEXT.split("\n")[number - 1] if path == PATH else None


def span(line: int, column: int, end: int) -> Span:
    """A place in it."""
    return Span(PATH, line, column, line, end)


def ended(stdout: bytes = b"", stderr: bytes = b"", status: int = 0) -> ProcessRecord:
    """A program that exited."""
    return ProcessRecord(("x",), State.ENDED, Exit(status), stdout, stderr, True, True)


STEPS = (
    StepResult("start listener", span(5, 3, 11), Verdict.PASS, 0.1234),
    StepResult("start talker", span(6, 3, 9), Verdict.PASS, 0.0456),
)
TRACED = ProcessRecord(
    ("strace", "-qq", "sh", "-c", "listener\n"), State.RUNNING, stderr=b"socket(...) = 3\n" * 30
)
TALKER = NodeResult("talker", ended(b"talker: sent 15 bytes to listener\n"), ("fd00:1::3",))
LISTENER = NodeResult(
    "listener",
    ended(
        b"listener: waiting to recvfrom...\n"
        b"listener: packet is 14 bytes long\n"
        b'listener: packet contains "hello over IPv"\n'
    ),
    ("fd00:1::2",),
)
DIFFERENCE = Difference(
    (
        ("listener: waiting to recvfrom...", "listener: waiting to recvfrom...", True),
        ("listener: packet is 15 bytes long", "listener: packet is 14 bytes long", False),
        (
            'listener: packet contains "hello over IPv6"',
            'listener: packet contains "hello over IPv"',
            False,
        ),
    )
)


def result(
    verdict: Verdict,
    reason: str = "",
    *,
    case: str = "udp-ipv6-only",
    seconds: float = 0.8712,
    steps: tuple[StepResult, ...] = STEPS,
    nodes: tuple[NodeResult, ...] = (LISTENER, TALKER),
    judgements: tuple[Judgement, ...] = (),
    advice: str = "",
    troubles: tuple[str, ...] = (),
) -> ScenarioResult:
    """A case of that verdict."""
    intent = "a datagram sent over an IPv6-only network must reach the listener whole"
    name = case.partition("[")[0]
    return ScenarioResult(
        name, case, PATH, intent, verdict, reason, seconds, steps, nodes, judgements, advice,
        troubles,
    )  # fmt: skip


WRONG_OUTPUT = Judgement(
    Verdict.FAIL,
    "stdout differs in line 2 of 3",
    span(9, 5, 11),
    "listener",
    difference=DIFFERENCE,
    advice="the datagram was cut: is the sender's buffer one byte short?",
)
MANY = tuple(
    Judgement(Verdict.FAIL, f"exited 1, not 0 (client {number})", span(9, 5, 11), f"c-{number}")
    for number in range(7)
)
LONG = Judgement(
    Verdict.FAIL,
    "stdout differs in line 50 of 200",
    span(9, 5, 11),
    "server",
    difference=Difference(
        (
            *((f"line {number}", f"line {number}", True) for number in range(49)),
            *((f"line {number}", f"Line {number}", False) for number in range(49, 120)),
            *((f"line {number}", None, False) for number in range(120, 200)),
        )
    ),
)
EVIL = b"\x1b[2J\x1b]0;owned\x07 \x9b31m \xc2\x9b \xe2\x80\xae back\\slash \xff\r\x00\ttab\n"
EVIL_TEXT = "\x1b[31mred\x1b[0m\x07\x9b\u202e"
HOSTILE = result(
    Verdict.FAIL,
    f"talker: {EVIL_TEXT}",
    case=f"evil[x={EVIL_TEXT}]",
    steps=(StepResult(f"send {EVIL_TEXT}\nto talker", span(5, 3, 11), Verdict.FAIL, 1.0),),
    nodes=(NodeResult("talker", ended(EVIL, EVIL * 2)),),
    judgements=(
        Judgement(
            Verdict.FAIL,
            EVIL_TEXT,
            span(9, 5, 11),
            "talker",
            difference=Difference(((f"a{EVIL_TEXT}", f"b{EVIL_TEXT}", False),)),
            advice=EVIL_TEXT,
        ),
    ),
    advice=EVIL_TEXT,
    troubles=(EVIL_TEXT,),
)

RESULTS = {
    "pass": result(Verdict.PASS),
    "pass-with-trouble": result(
        Verdict.PASS, troubles=("network lab-1f-lan could not be removed: it has endpoints",)
    ),
    "skip": result(Verdict.SKIP, "this engine's kernel has no netem", seconds=0.0),
    "fail-output": result(
        Verdict.FAIL,
        "listener: stdout differs in line 2 of 3",
        seconds=1.25,
        judgements=(WRONG_OUTPUT,),
    ),
    "error-impaired": replace(
        result(
            Verdict.ERROR,
            "corrupt 5% on lan: corrupt fell on none of the 12 packets it fits",
            judgements=(
                Judgement(
                    Verdict.ERROR,
                    "corrupt fell on none of the 12 packets it fits",
                    span(6, 3, 9),
                    "corrupt 5% on lan",
                    advice="choose more of them, or another seed:, or write may-miss: true",
                ),
            ),
        ),
        impairments=(
            ImpairmentResult(
                "loss 20%, delay 50ms from talker to listener",
                span(5, 3, 11),
                {"seen": 6, "loss": 1, "delay": 5},
                by=("nfqueue",),
            ),
            ImpairmentResult("corrupt 5% on lan", span(6, 3, 9), {"seen": 12, "corrupt": 0}),
        ),
        seed="7",
    ),
    "fail-many": result(
        Verdict.FAIL,
        "c-0: exited 1, not 0 (client 0)",
        judgements=MANY,
        nodes=(NodeResult("c-0", ended(b"x\n" * 132, b"connect: refused", status=1)),),
    ),
    "fail-long": result(
        Verdict.FAIL, "server: stdout differs in line 50 of 200", judgements=(LONG,), nodes=()
    ),
    "fail-step": result(
        Verdict.FAIL,
        "listener: no port was bound within 10 s",
        seconds=10.4,
        steps=(
            StepResult("start listener", span(5, 3, 11), Verdict.FAIL, 10.0),
            StepResult("start talker", span(6, 3, 9), None),
        ),
        nodes=(
            NodeResult("listener", ProcessRecord(("listener",), State.RUNNING), ("fd00:1::2",)),
            NodeResult("talker", ProcessRecord()),
        ),
        judgements=(
            Judgement(Verdict.FAIL, "no port was bound within 10 s", span(5, 3, 11), "listener"),
        ),
    ),
    "fail-visitors": result(
        Verdict.FAIL,
        "client#2: it exited 2; it must exit 0",
        steps=(StepResult("run getent on client", span(6, 3, 9), Verdict.FAIL, 0.1),),
        nodes=(
            NodeResult("server", ended(b"up\n"), ("fd00:1::2",), (("tracer", TRACED),)),
            NodeResult(
                "client",
                ProcessRecord(),
                ("fd00:1::3",),
                tuple((f"client#{n}", ended()) for n in range(2, 7)),
            ),
            NodeResult("idle", ProcessRecord(), ("fd00:1::4",)),
        ),
    ),
    "error-engine": result(
        Verdict.ERROR,
        "the engine went away: connection refused",
        steps=(),
        nodes=(
            NodeResult("talker", ProcessRecord(state=State.LOST, reason="somebody removed it")),
        ),
        advice="is Docker still running? lab doctor tells",
    ),
    "error-image": result(
        Verdict.ERROR,
        "there is no image my/image on the engine",
        steps=(StepResult("start talker", span(6, 3, 9), None),),
        nodes=(NodeResult("talker", ProcessRecord(), ("fd00:1::3",)),),
        advice="build it, or load it (docker load), under the name my/image",
    ),
    "hostile": HOSTILE,
}
