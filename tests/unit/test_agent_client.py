"""The client of the agent against a scripted peer on the other end of a socket pair."""

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab.agent.client import JsonAgent
from lab.agent.container import ContainerAgent
from lab.agent.failures import AgentDeadError, NodeGoneError, NotHereError
from lab.agent.program.effects import Impairment
from lab.errors import EngineError
from lab.events import AddressEntry, Fact, ProcessEntry, SocketEntry
from lab.model import Endpoint, Transport
from lab.ports import Agent, Fallen, Impaired, Started

Script = Callable[[dict[str, Any]], object]


class Peer:
    """Answers each request with what `script` gives: None for nothing at all."""

    def __init__(self, ours: socket.socket) -> None:
        self.asked: list[dict[str, Any]] = []
        self.script: Script = lambda request: {"id": request["id"], "ok": None}
        self.socket = ours
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def say(self, message: object) -> None:
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def _serve(self) -> None:
        with self.socket, self.socket.makefile("rb") as lines:
            for line in lines:
                self.asked.append(json.loads(line))
                answer = self.script(self.asked[-1])
                if answer == "die":
                    return
                if answer is not None:
                    self.say(answer)

    def join(self) -> None:
        self._thread.join(10)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, Peer]]:
    theirs, ours = socket.socketpair()
    peer = Peer(ours)
    yield theirs, peer
    with contextlib.suppress(OSError):
        theirs.shutdown(socket.SHUT_RDWR)
    theirs.close()
    peer.join()


@pytest.fixture
def peer(pair: tuple[socket.socket, Peer]) -> Peer:
    return pair[1]


def connect(theirs: socket.socket, **options: Any) -> JsonAgent:
    return JsonAgent(
        theirs.recv, theirs.sendall, lambda: theirs.shutdown(socket.SHUT_WR), **options
    )


@pytest.fixture
def agent(pair: tuple[socket.socket, Peer]) -> Iterator[JsonAgent]:
    agent = connect(pair[0], engine_pid=77, last_words=lambda: "it\nhurt\n")
    yield agent
    agent.close()


def test_it_is_an_agent(agent: JsonAgent) -> None:
    checked_by_mypy: Agent = agent
    assert checked_by_mypy is agent


def test_requests_as_the_program_reads_them(agent: JsonAgent, peer: Peer) -> None:
    agent.adopt("talker", Started(12, "ab"))
    agent.flush("talker", ["10.1.0.0/24"])
    agent.watch("talker", frozenset({Fact.SOCKETS, Fact.PROCESSES}), lambda: None)
    agent.unwatch("talker")
    agent.forget("talker")
    assert [{k: v for k, v in asked.items() if k != "id"} for asked in peer.asked] == [
        {"do": "adopt", "key": "talker", "pid": 12, "container": "ab"},
        {"do": "flush", "key": "talker", "subnets": ["10.1.0.0/24"]},
        {"do": "watch", "key": "talker", "facts": ["processes", "sockets"]},
        {"do": "unwatch", "key": "talker"},
        {"do": "forget", "key": "talker"},
    ]


def test_routes_are_the_engines(agent: JsonAgent, peer: Peer) -> None:
    peer.script = lambda request: {"id": request["id"], "ok": ["192.0.2.0/24"]}
    assert agent.routes() == ("192.0.2.0/24",)
    assert peer.asked[0]["pid"] == 77


def test_a_bridge_is_where_the_engine_is(agent: JsonAgent, peer: Peer) -> None:
    agent.isolate("br-0123456789ab", ["192.0.2.0/29", "2001:db8::/64"])
    assert {k: v for k, v in peer.asked[0].items() if k != "id"} == {
        "do": "isolate",
        "bridge": "br-0123456789ab",
        "subnets": ["192.0.2.0/29", "2001:db8::/64"],
        "pid": 77,
    }


def test_features_are_asked_for_by_word(agent: JsonAgent, peer: Peer) -> None:
    peer.script = lambda request: {"id": request["id"], "ok": ["nfqueue"]}
    assert agent.features(frozenset({"nfqueue", "netem"})) == {"nfqueue"}
    assert peer.asked[0]["words"] == ["netem", "nfqueue"]


def test_a_link_is_named_by_an_address_and_ends_where_the_engine_is(
    agent: JsonAgent, peer: Peer
) -> None:
    agent.plug("talker", "192.0.2.2", on=False)
    agent.renumber("talker", "192.0.2.2", ["192.0.2.9/24"])
    assert [{k: v for k, v in asked.items() if k != "id"} for asked in peer.asked] == [
        {"do": "plug", "key": "talker", "address": "192.0.2.2", "on": False, "pid": 77},
        {"do": "renumber", "key": "talker", "address": "192.0.2.2", "new": ["192.0.2.9/24"]},
    ]


def test_an_impairment_as_the_program_reads_it(agent: JsonAgent, peer: Peer) -> None:
    effects = (("loss", {"every": 3}), ("delay", 0.05))
    written = Impaired("s/1/talker", ("192.0.2.2",), effects, ("192.0.2.3",), "udp", 7)
    agent.impair("talker", {"1": written, "2": Impaired("s", ("192.0.2.2",), effects)})
    told = peer.asked[0]["impairments"]
    assert told["1"] == {
        "seed": "s/1/talker",
        "addresses": ["192.0.2.2"],
        "to": ["192.0.2.3"],
        "transport": "udp",
        "port": 7,
        "effects": {"loss": {"every": 3}, "delay": 0.05},
    }
    assert (told["2"]["to"], told["2"]["transport"], told["2"]["port"]) == (None, None, None)
    Impairment({**told["1"], "interfaces": [1]})  # it does read it


def test_what_was_not_impaired_as_asked_is_an_error(agent: JsonAgent, peer: Peer) -> None:
    said = {"counts": {"1": {"seen": 3, "loss": 1}}, "by": {"1": ["nfqueue"]}, "trouble": ""}
    peer.script = lambda request: {"id": request["id"], "ok": said}
    assert agent.impaired("talker") == {"1": Fallen({"seen": 3, "loss": 1}, ("nfqueue",))}
    said["trouble"] = "7 packets were lost before they could be looked at: too many came"
    with pytest.raises(EngineError, match="7 packets were lost"):
        agent.impaired("talker")


def test_facts_become_records(agent: JsonAgent, peer: Peer) -> None:
    peer.script = lambda request: {
        "id": request["id"],
        "ok": {
            "sockets": [
                ["udp", "::", 4950, None, None, "UNCONN", 3, 0],
                ["tcp", "fd00::2", 3490, "fd00::3", 50000, "ESTAB", 0, 5],
            ],
            "processes": [[7, 1, "Z", "server"]],
            "addresses": [["eth0", 6, "fd00::2", 64, "global"]],
        },
    }
    assert agent.look("talker", frozenset(Fact)) == {
        Fact.SOCKETS: (
            SocketEntry(Endpoint(Transport.UDP, "::", 4950), None, "UNCONN", 3, 0),
            SocketEntry(
                Endpoint(Transport.TCP, "fd00::2", 3490),
                Endpoint(Transport.TCP, "fd00::3", 50000),
                "ESTAB",
                0,
                5,
            ),
        ),
        Fact.PROCESSES: (ProcessEntry(7, 1, "Z", "server"),),
        Fact.ADDRESSES: (AddressEntry("eth0", 6, "fd00::2", 64, "global"),),
    }


def test_answers_are_matched_by_number(agent: JsonAgent, peer: Peer) -> None:
    held: list[dict[str, Any]] = []

    def backwards(request: dict[str, Any]) -> None:
        held.append(request)
        if len(held) == 2:
            for one in reversed(held):
                peer.say({"id": one["id"], "ok": one["keys"] == ["b"]})

    peer.script = backwards
    answers: dict[str, bool] = {}
    threads = [
        threading.Thread(target=lambda key=key: answers.update({key: agent.idle([key])}))
        for key in ("a", "b")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert answers == {"a": False, "b": True}


@pytest.mark.parametrize(
    ("kind", "error"),
    [("gone", NodeGoneError), ("not-here", NotHereError), ("failed", EngineError)],
)
def test_refusals_are_errors_of_their_kind(
    agent: JsonAgent, peer: Peer, kind: str, error: type[EngineError]
) -> None:
    peer.script = lambda request: {"id": request["id"], "error": "no such luck", "kind": kind}
    with pytest.raises(error, match="no such luck") as caught:
        agent.flush("talker", ["::/0"])
    assert type(caught.value) is error


def test_news_reach_the_watcher_until_it_stops(agent: JsonAgent, peer: Peer) -> None:
    told = threading.Semaphore(0)
    agent.watch("talker", frozenset({Fact.SOCKETS}), told.release)
    peer.say({"tell": "listener"})
    peer.say({"tell": "talker"})
    assert told.acquire(timeout=10)
    agent.unwatch("talker")
    peer.say({"tell": "talker"})
    agent.idle([])  # answered after the news
    assert not told.acquire(blocking=False)


def test_a_watch_that_is_refused_leaves_no_watcher(agent: JsonAgent, peer: Peer) -> None:
    peer.script = lambda request: {"id": request["id"], "error": "ended", "kind": "gone"}
    told = threading.Event()
    with pytest.raises(NodeGoneError):
        agent.watch("talker", frozenset(), told.set)
    peer.script = lambda request: {"id": request["id"], "ok": True}
    peer.say({"tell": "talker"})
    agent.idle([])
    assert not told.is_set()


def test_no_answer_is_an_error_with_a_deadline(pair: tuple[socket.socket, Peer]) -> None:
    theirs, peer = pair
    peer.script = lambda _: None
    agent = connect(theirs, patience=0.05)
    with pytest.raises(AgentDeadError, match=r"did not answer 'idle' within 0\.05 s"):
        agent.idle([])


def test_a_late_answer_is_dropped(pair: tuple[socket.socket, Peer]) -> None:
    theirs, peer = pair
    peer.script = lambda _: None
    agent = connect(theirs, patience=0.05)
    with pytest.raises(AgentDeadError):
        agent.idle(["a"])
    peer.say({"id": peer.asked[0]["id"], "ok": True})
    peer.script = lambda request: {"id": request["id"], "ok": False}
    assert agent.idle(["b"]) is False


def test_death_wakes_who_waits_and_is_told_with_last_words(agent: JsonAgent, peer: Peer) -> None:
    peer.script = lambda _: "die"
    with pytest.raises(AgentDeadError, match=r"ended unexpectedly; its last words:\nit\nhurt"):
        agent.idle([])
    with pytest.raises(AgentDeadError, match="ended unexpectedly"):
        agent.routes()


def test_letting_go_is_no_error_after_death(agent: JsonAgent, peer: Peer) -> None:
    peer.script = lambda _: "die"
    agent.unwatch("talker")
    agent.forget("talker")
    agent.forget("talker")


def test_nonsense_is_the_end(agent: JsonAgent, peer: Peer) -> None:
    peer.script = lambda _: peer.socket.sendall(b"hello\n")
    with pytest.raises(AgentDeadError, match="said something that is no answer"):
        agent.idle([])


def test_what_cannot_be_written_down_is_the_callers_mistake(agent: JsonAgent) -> None:
    with pytest.raises(TypeError):
        agent.idle([object()])  # type: ignore[list-item]
    agent.idle([])


# -- over the engine's framing ---------------------------------------------------------------


def frame(stream: int, payload: bytes) -> bytes:
    return struct.pack(">BxxxL", stream, len(payload)) + payload


def test_a_container_speaks_in_frames_of_any_split() -> None:
    theirs, ours = socket.socketpair()
    removed = threading.Event()
    agent = ContainerAgent(theirs, removed.set)
    answers: list[bool] = []
    asking = threading.Thread(target=lambda: answers.append(agent.idle([])))
    asking.start()
    number = json.loads(ours.makefile("rb").readline())["id"]
    answer = json.dumps({"id": number, "ok": True}).encode() + b"\n"
    ours.sendall(frame(2, b"warning\n"))
    for byte in frame(1, answer[:5]) + frame(1, answer[5:]):
        ours.sendall(bytes([byte]))
    asking.join(10)
    assert answers == [True]
    ours.sendall(frame(2, b"Traceback: everything\n"))
    ours.close()
    with pytest.raises(AgentDeadError, match="warning\nTraceback: everything"):
        agent.idle([])
    agent.close()
    assert removed.is_set()


def test_a_broken_frame_is_the_end() -> None:
    theirs, ours = socket.socketpair()
    agent = ContainerAgent(theirs, lambda: None)
    ours.sendall(b"HTTP/1.1 500 Oh\r\n\r\n")
    with ours, pytest.raises(AgentDeadError, match="stream is broken"):
        agent.idle([])
    agent.close()
