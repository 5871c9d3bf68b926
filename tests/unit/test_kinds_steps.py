"""What each step does to the stage, in order."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from lab.catalog import Catalog
from lab.events import NodeObservation, ProcessRecord, State
from lab.kinds.ended import Ended
from lab.loader import load_text
from lab.model import Impairment, Way
from lab.ports import Expectation, Step
from lab.source import Span
from lab.verdict import Verdict
from tests.corpus.observed import held, lost, wrote

SERVICES = Catalog(Path(__file__).parents[1] / "corpus" / "errors" / "services")
HEAD = """intent: it must be done
networks:
  lan: {family: ipv6}
nodes:
  server: {service: stream-server, networks: [lan]}
  client: {service: stream-client, args: [server], count: 2, networks: [lan]}
steps:
  - start: [server, client]
"""


class RecordingStage:
    """Takes down what is asked of it."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.commands: dict[tuple[str, str], Sequence[str]] = {}

    @property
    def links(self) -> "RecordingStage":
        return self

    def plug(self, node: str, network: str, *, on: bool) -> None:
        self.calls.append(("plug", node, network, on))

    def renumber(self, node: str, network: str) -> None:
        self.calls.append(("renumber", node, network))

    def impair(self, impairment: Impairment) -> None:
        self.calls.append(("impair", impairment.ways, impairment.effects))

    def heal(self, ways: Sequence[Way]) -> None:
        self.calls.append(("heal", ways))

    def release(self, nodes: Sequence[str]) -> None:
        self.calls.append(("release", *nodes))

    def send(self, node: str, data: bytes) -> None:
        self.calls.append(("send", node, data))

    def close_input(self, node: str) -> None:
        self.calls.append(("close_input", node))

    def signal(self, node: str, number: int) -> None:
        self.calls.append(("signal", node, number))

    def signal_group(self, node: str, number: int) -> None:
        self.calls.append(("signal_group", node, number))

    def kill(self, node: str) -> None:
        self.calls.append(("kill", node))

    def run(self, node: str, argv: Sequence[str], name: str = "") -> str:
        self.calls.append(("run", node, *argv))
        return name or f"{node}#2"

    def command(self, node: str, service: str) -> Sequence[str] | None:
        return self.commands.get((node, service))

    def bindings(self) -> Mapping[str, str]:
        return {"server.ip": "2001:db8::1"}

    def wait(self, expectations: Iterable[tuple[str, Expectation]], within: float) -> None:
        self.calls.append(("wait", *((key, each.kind) for key, each in expectations), within))

    def wait_ready(self, nodes: Sequence[str], within: float) -> None:
        self.calls.append(("wait_ready", *nodes, within))


def last_step(step: str) -> Step:
    text = HEAD + f"  - {step}\n"
    (scenario,) = load_text(Path("x.yaml"), text.encode(), SERVICES)
    return scenario.steps[-1]


@pytest.mark.parametrize(
    ("step", "title", "calls"),
    [
        (
            "send: {to: server, line: 'to ${server.ip}'}",
            'send "to ${server.ip}" to server',
            [("send", "server", b"to 2001:db8::1\n")],
        ),
        (
            "send: {to: client, text: é}",
            'send "é" to client-1 and client-2',
            [("send", "client-1", "é".encode()), ("send", "client-2", "é".encode())],
        ),
        (
            r"send: {to: server, bytes: '\xff\0${server.ip}\n'}",
            r'send "\\xff\\0${server.ip}\\n" to server'.replace("\\\\", "\\"),
            [("send", "server", b"\xff\x002001:db8::1\n")],
        ),
        ("close-stdin: client-1", "close stdin of client-1", [("close_input", "client-1")]),
        (
            "signal: {to: server, name: SIGCHLD}",
            "signal server with SIGCHLD",
            [("signal", "server", 17)],
        ),
        (
            "stop: server",
            "stop server",
            [("signal", "server", 15), ("wait", ("server", "exit"), 10.0)],
        ),
        (
            "{kill: client, within: 2s}",
            "kill client-1 and client-2",
            [
                ("kill", "client-1"),
                ("kill", "client-2"),
                ("wait", ("client-1", "exit"), ("client-2", "exit"), 2.0),
            ],
        ),
        (
            "{disconnect: client}",
            "disconnect client-1 and client-2",
            [("plug", "client-1", "", False), ("plug", "client-2", "", False)],
        ),
        (
            "disconnect: {node: server, network: lan}",
            "disconnect server from lan",
            [("plug", "server", "lan", False)],
        ),
        (
            "renumber: {node: server, network: lan}",
            "renumber server on lan",
            [("renumber", "server", "lan")],
        ),
        (
            "impair: {from: client, to: server, loss: 20%, delay: 50ms, only: udp/4950}",
            "impair: loss 20%, delay 50ms, of udp/4950 from client-1 and client-2 to server",
            [
                (
                    "impair",
                    (Way("client-1", "server"), Way("client-2", "server")),
                    (("loss", {"share": 0.2}), ("delay", 0.05)),
                )
            ],
        ),
        (
            "impair: {network: lan, duplicate: {every: 2}, rate: 64kbit}",
            "impair: duplicate of every 2., rate 64kbit on lan",
            [
                (
                    "impair",
                    (Way("*", "", "lan"),),
                    (("duplicate", {"every": 2}), ("rate", 64000)),
                )
            ],
        ),
        (
            "partition: [server, client-1]",
            "partition between server and client-1",
            [
                (
                    "impair",
                    (Way("server", "client-1"), Way("client-1", "server")),
                    (("loss", {"every": 1}),),
                )
            ],
        ),
        ("pause: client-1", "pause client-1", [("signal_group", "client-1", 19)]),
        ("resume: client-1", "resume client-1", [("signal_group", "client-1", 18)]),
        (
            "{restart: server, within: 3s}",
            "restart server",
            [
                ("signal", "server", 15),
                ("wait", ("server", "exit"), 3.0),
                ("release", "server"),
                ("wait_ready", "server", 3.0),
            ],
        ),
        (
            "restart: {node: server, signal: SIGKILL}",
            "restart server",
            [
                ("signal", "server", 9),
                ("wait", ("server", "exit"), 10.0),
                ("release", "server"),
                ("wait_ready", "server", 10.0),
            ],
        ),
        (
            "wait: {for: server, stdout: x, listening: tcp/*:3490}",
            "wait for stdout, listening of server",
            [("wait", ("server", "stdout"), ("server", "listening"), 10.0)],
        ),
        (
            "expect: {server: {exit: running}}",
            "expect exit of server",
            [("wait", ("server", "exit"), 10.0)],
        ),
        (
            "run: {on: server, command: [ping, '${server.ip}']}",
            "run ping on server",
            [("run", "server", "ping", "2001:db8::1"), ("wait", ("server#2", "exit"), 10.0)],
        ),
        (
            "run: {on: server, service: talker, args: [a, b], expect: {exit: 1, stderr: x}}",
            "run talker on server",
            [
                ("run", "server", "/talker", "a", "b"),
                ("wait", ("server#2", "exit"), ("server#2", "stderr"), 10.0),
            ],
        ),
        (
            "run: {on: server, command: [cat], as: copy}",
            "run cat on server as copy",
            [("run", "server", "cat")],
        ),
        (
            "run: {on: server, command: [cat], as: copy, expect: {exit: running}}",
            "run cat on server as copy",
            [("run", "server", "cat"), ("wait", ("copy", "exit"), 10.0)],
        ),
        (
            "{close-stdin: client-1, within: 3s, expect: {server: {exit: running}}}",
            "close stdin of client-1",
            [("close_input", "client-1"), ("wait", ("server", "exit"), 3.0)],
        ),
    ],
)
def test_a_step_does_what_it_says(step: str, title: str, calls: list[tuple[object, ...]]) -> None:
    found = last_step(step)
    stage = RecordingStage()
    found.apply(stage)
    assert stage.calls == calls
    assert found.title == title


def test_a_start_releases_all_at_once_then_waits_for_each() -> None:
    (scenario,) = load_text(Path("x.yaml"), HEAD.encode(), SERVICES)
    stage = RecordingStage()
    scenario.steps[0].apply(stage)
    assert stage.calls == [
        ("release", "server", "client-1", "client-2"),
        ("wait_ready", "server", "client-1", "client-2", 10.0),
    ]


def test_a_service_runs_as_the_node_itself_runs_it() -> None:
    stage = RecordingStage()
    stage.commands["server", "talker"] = ["/other/talker", "-v"]
    last_step("run: {on: server, service: talker, args: [a, b]}").apply(stage)
    assert stage.calls[0] == ("run", "server", "/other/talker", "-v", "a", "b")


SPAN = Span(Path("x.yaml"), 1, 1, 1, 2)


@pytest.mark.parametrize(
    ("seen", "verdict", "final"),
    [
        (wrote().ended(3), Verdict.PASS, True),
        (wrote().ended(signal=9), Verdict.PASS, True),
        (wrote().running(), Verdict.FAIL, False),
        (held(), Verdict.FAIL, True),
        (lost(), Verdict.ERROR, True),
        (NodeObservation("n", ProcessRecord(state=State.RUNNING)), Verdict.FAIL, False),
    ],
)
def test_a_stop_waits_for_the_end(seen: NodeObservation, verdict: Verdict, final: bool) -> None:
    judgement = Ended(SPAN, "SIGTERM").judge(seen, {})
    assert (judgement.verdict, judgement.final) == (verdict, final)


def test_who_ignores_the_signal_is_told_of() -> None:
    judgement = Ended(SPAN, "SIGTERM").judge(wrote().running(), {})
    assert "ignored SIGTERM" in judgement.reason
    assert "kill" in judgement.advice
