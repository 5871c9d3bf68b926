"""The Docker engine against a daemon that refuses, hangs up, hangs and talks nonsense."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path

import pytest
import requests

from lab.engine import clients, deaths, open_engine
from lab.engine.docker_engine import DockerEngine
from lab.errors import EngineError
from lab.model import Family, Network
from lab.ports import Leftover, LinkSpec, NetworkSpec, NodeSpec, ShareSpec, SubnetTakenError
from lab.source import Span
from tests.fakes.daemon import VERSION, Answer, Answers, FakeDaemon, refusal

LAN = NetworkSpec(
    "lan", Network("lan", Family.IPV4, Span(Path("x"), 1, 1, 1, 2)), ("192.0.2.0/29",), {}
)
SHARE = ShareSpec("v", 4096, {})
NODE = NodeSpec("a", "a", "image", (), (), (), 1, 1, None, {})
TRANSIENT = refusal(500, "failed to set IPv6 gateway while updating gateway: file exists")
RUNNING = Answer(body={"Id": "f" * 64, "State": {"Pid": 4711, "Running": True}})
NEW = Answer(body={**VERSION, "Version": "28.5.2", "ApiVersion": "1.51"})


@dataclass
class Talk:
    """An engine, the daemon behind it, and what was reported."""

    engine: DockerEngine
    daemon: FakeDaemon
    reports: list[str] = field(default_factory=list)

    def asked(self, what: str) -> int:
        return self.daemon.asked.count(what)


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Callable[[Answers], Talk]]:
    """Opens one engine on a daemon of these answers."""
    opened: list[Talk] = []

    def open_one(answers: Answers) -> Talk:
        reports: list[str] = []
        daemon = FakeDaemon(answers, path=tmp_path / f"{len(opened)}.sock")
        opened.append(Talk(open_engine(daemon.url, report=reports.append), daemon, reports))
        return opened[-1]

    yield open_one
    for each in opened:
        each.engine.close()
        each.daemon.close()


Open = Callable[[Answers], Talk]


# -- networks --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "Pool overlaps with other one on this address space",
        "invalid pool request: Pool overlaps with other one on this address space",
        "cannot create network 1 (br-1): conflicts with network 2 (br-2): networks have "
        "overlapping IPv4",
    ],
)
def test_every_engines_words_for_a_taken_subnet_are_known(talk: Open, words: str) -> None:
    with pytest.raises(SubnetTakenError, match=r"192\.0\.2\.0/29"):
        talk({"POST /networks/create": [refusal(403, words)]}).engine.create_network(LAN)


def test_another_refusal_is_an_error_in_the_engines_words(talk: Open) -> None:
    with pytest.raises(EngineError, match=r"^cannot create network lan: no such\s+driver$"):
        talk({"POST /networks/create": [refusal(404, "no such\ndriver")]}).engine.create_network(
            LAN
        )


def test_ipv4_that_nobody_asked_for_is_found_out(talk: Open) -> None:
    """An engine that ignores the option is not taken at its word."""
    given = {"IPAM": {"Config": [{"Subnet": "2001:db8::/64"}, {"Subnet": "172.18.0.0/16"}]}}
    found = talk({
        "GET /version": [NEW],
        "POST /networks/create": [Answer(201, {"Id": "1"})],
        "GET /networks/six": [Answer(body=given)],
        "DELETE /networks/six": [Answer(204)],
    })  # fmt: skip
    six = NetworkSpec("six", Network("six", Family.IPV6, LAN.network.span), ("2001:db8::/64",), {})
    with pytest.raises(EngineError, match=r"IPv4 \(172\.18\.0\.0/16\)"):
        found.engine.create_network(six)
    assert found.asked("DELETE /networks/six") == 1


IN_USE = refusal(403, "network lan has active endpoints", Date=formatdate(usegmt=True))
LEFT = Answer(body={"Type": "network", "Action": "disconnect"})


def test_a_network_is_removed_when_its_last_node_has_left(talk: Open) -> None:
    found = talk({
        "DELETE /networks/lan": [IN_USE, IN_USE, Answer(204)],
        "GET /events": [events(2)],
    })  # fmt: skip
    found.engine.remove_network("lan")
    assert found.asked("DELETE /networks/lan") == 3
    assert found.asked("GET /events") == 1


@pytest.mark.parametrize(
    ("on_it", "words", "advice"),
    [
        ({"4711": {"Name": "web"}}, "web is connected to it", "docker network disconnect"),
        ({}, "no container is on it, but the engine lost count", "when it is restarted"),
        (None, "no container is on it, but the engine lost count", "when it is restarted"),
    ],
)
def test_a_network_that_stays_in_use_is_given_up(
    talk: Open, on_it: object, words: str, advice: str
) -> None:
    """By somebody, or because the engine counts endpoints that are gone."""
    found = talk({
        "DELETE /networks/lan": [IN_USE],
        "GET /events": [events(0)],
        "GET /networks/lan": [Answer(body={"Containers": on_it})],
    })  # fmt: skip
    with pytest.raises(EngineError, match=f"^cannot remove network lan: .*{words}") as caught:
        found.engine.remove_network("lan")
    assert advice in caught.value.help
    assert found.asked("DELETE /networks/lan") == 2


def test_a_stream_of_events_that_is_cut_off_hides_nothing(talk: Open) -> None:
    """Whether it ends within an event or between two: there is a last try, or an error."""
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    for rest in (b"", b"40\r\n{", b"4"):
        found = talk({
            "DELETE /networks/lan": [IN_USE],
            "GET /events": [Answer(raw=head + rest)],
            "GET /networks/lan": [Answer(body={"Containers": {}})],
        })  # fmt: skip
        with pytest.raises(EngineError, match=r"^cannot remove network lan: "):
            found.engine.remove_network("lan")


def test_an_end_that_no_container_has_any_more_is_taken_away(talk: Open) -> None:
    ends = {"ep-1": {"Name": "lab-1-a"}, "c0ffee": {"Name": "somebody"}}
    found = talk({
        "DELETE /networks/lan": [IN_USE, IN_USE, Answer(204)],
        "GET /events": [events(0)],
        "GET /networks/lan": [Answer(body={"Containers": ends})],
        "POST /networks/lan/disconnect": [Answer(200)],
    })  # fmt: skip
    found.engine.remove_network("lan")
    assert found.asked("POST /networks/lan/disconnect") == 1


def test_a_network_that_goes_meanwhile_is_gone(talk: Open) -> None:
    found = talk({
        "DELETE /networks/lan": [IN_USE, refusal(404, "network lan not found")],
        "GET /events": [events(1)],
    })  # fmt: skip
    found.engine.remove_network("lan")


def events(number: int) -> Answer:
    """A stream of departures, chunked as the engine sends it; here nothing can follow it."""
    line = json.dumps(LEFT.body).encode() + b"\n"
    chunks = (b"%x\r\n%s\r\n" % (len(line), line)) * number
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
        b"Connection: close\r\n\r\n"
    )
    return Answer(raw=head + chunks + b"0\r\n\r\n")


# -- nodes -----------------------------------------------------------------------------------


def test_what_is_known_to_pass_is_tried_again_and_told(talk: Open) -> None:
    found = talk({
        "POST /containers/a/start": [TRANSIENT, TRANSIENT, Answer(204)],
        "GET /containers/a/json": [RUNNING],
    })  # fmt: skip
    started = found.engine.start("a")
    assert (started.pid, started.container) == (4711, "f" * 64)
    assert [report.partition(":")[0] for report in found.reports] == ["a", "a"]


def test_what_does_not_pass_ends_after_three_tries(talk: Open) -> None:
    found = talk({"POST /containers/a/start": [TRANSIENT]})
    with pytest.raises(EngineError, match="cannot start a: failed to set IPv6 gateway"):
        found.engine.start("a")
    assert found.asked("POST /containers/a/start") == 3


def test_what_will_not_pass_is_tried_once(talk: Open) -> None:
    found = talk({"POST /containers/a/start": [refusal(500, "exec format error")]})
    with pytest.raises(EngineError, match="exec format error"):
        found.engine.start("a")
    assert found.asked("POST /containers/a/start") == 1
    assert found.reports == []


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("open /proc/sys/net/ipv6/conf/lo/disable_ipv6: no such file or directory", "IPv6"),
        ("mkdir /var/lib/docker/1: no space left on device", "docker system"),
        ("No such image: sha256:4711", "lab build"),
        ("all predefined address pools have been fully subnetted", "docker network prune"),
        ('exec: "/.lab/holder": stat /.lab/holder: no such file or directory', "lab build"),
    ],
)
def test_what_a_user_can_do_about_it_is_said(talk: Open, words: str, advice: str) -> None:
    with pytest.raises(EngineError) as caught:
        talk({"POST /containers/a/start": [refusal(500, words)]}).engine.start("a")
    assert advice in caught.value.help


def test_further_networks_are_connected_before_the_start(talk: Open) -> None:
    links = (LinkSpec("one", None, None), LinkSpec("two", "192.0.2.3", None))
    spec = NodeSpec("a", "a", "image", links, (), (), 1, 1, None, {})
    found = talk({
        "POST /containers/create": [Answer(201, {"Id": "1"})],
        "POST /networks/two/connect": [Answer(200)],
        "POST /containers/a/start": [Answer(204)],
        "GET /containers/a/json": [RUNNING],
    })  # fmt: skip
    found.engine.create_node(spec)
    found.engine.start("a")
    assert found.daemon.asked[1:] == [
        "POST /containers/create",
        "POST /networks/two/connect",
        "POST /containers/a/start",
        "GET /containers/a/json",
    ]


def test_a_removal_under_way_is_waited_for(talk: Open) -> None:
    found = talk({
        "DELETE /containers/a": [refusal(409, "removal of container a is already in progress")],
        "POST /containers/a/wait": [Answer(body={"StatusCode": 0})],
    })  # fmt: skip
    found.engine.remove_node("a")
    assert found.asked("POST /containers/a/wait") == 1


def test_a_refused_removal_is_an_error(talk: Open) -> None:
    found = talk({"DELETE /containers/a": [refusal(409, "it is frozen")]})
    with pytest.raises(EngineError, match="cannot remove node a: it is frozen"):
        found.engine.remove_node("a")


def test_an_agent_that_does_not_start_is_removed(talk: Open) -> None:
    found = talk({
        "POST /containers/create": [Answer(201, {"Id": "1"})],
        "POST /containers/agent/attach": [Answer(upgrade=b"")],
        "POST /containers/agent/start": [refusal(500, "operation not permitted")],
        "DELETE /containers/agent": [Answer(204)],
    })  # fmt: skip
    with pytest.raises(EngineError, match="cannot start the agent: operation not permitted"):
        found.engine.start_agent("image", "agent", {})
    assert found.asked("DELETE /containers/agent") == 1


# -- a daemon in trouble ---------------------------------------------------------------------

CALLS: dict[str, tuple[str, Callable[[DockerEngine], object]]] = {
    "create_network": ("POST /networks/create", lambda e: e.create_network(LAN)),
    "create_share": ("POST /volumes/create", lambda e: e.create_share(SHARE)),
    "create_node": ("POST /containers/create", lambda e: e.create_node(NODE)),
    "attach": ("POST /containers/a/attach", lambda e: e.attach("a")),
    "start": ("POST /containers/a/start", lambda e: e.start("a")),
    "death": ("GET /containers/a/json", lambda e: e.death("a")),
    "remove_node": ("DELETE /containers/a", lambda e: e.remove_node("a")),
    "remove_network": ("DELETE /networks/lan", lambda e: e.remove_network("lan")),
    "remove_share": ("DELETE /volumes/v", lambda e: e.remove_share("v")),
    "find": ("GET /containers/json", lambda e: e.find({"lab.run": "r"})),
    "remove": (
        "DELETE /volumes/v", lambda e: e.remove(Leftover("volume", "v", "v", {})),
    ),
}  # fmt: skip


@pytest.mark.parametrize("method", CALLS)
def test_a_daemon_that_hangs_up_is_an_error(talk: Open, method: str) -> None:
    request, call = CALLS[method]
    found = talk({request: [Answer(raw=b"")]})
    with pytest.raises(EngineError, match=r"^cannot .*the connection to the engine broke"):
        call(found.engine)


@pytest.mark.parametrize("method", CALLS)
def test_a_daemon_that_hangs_is_an_error(
    talk: Open, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, call = CALLS[method]
    found = talk({request: [Answer(hang=True)]})
    clients.bound(found.engine.clients.mine(), 0.05)
    with pytest.raises(EngineError, match=r"^cannot .*did not answer in time"):
        call(found.engine)


@pytest.mark.parametrize("method", ["create_node", "death", "find", "start"])
def test_nonsense_is_an_error(talk: Open, method: str) -> None:
    request, call = CALLS[method]
    nonsense = Answer(body=[{"surprise": 1}], status=200)
    found = talk({request: [nonsense], "GET /containers/a/json": [Answer(body={"Id": "1"})]})
    if method == "create_node":
        call(found.engine)  # nothing of its answer is needed
        return
    with pytest.raises(EngineError, match=r"^cannot .*the engine's answer makes no sense"):
        call(found.engine)


def test_closing_ends_every_threads_connections(
    talk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = talk({})
    ended: list[object] = []

    def close(session: requests.Session) -> None:
        ended.append(session)

    monkeypatch.setattr(requests.Session, "close", close)
    with ThreadPoolExecutor(3) as pool:
        together = threading.Barrier(3)

        def use(_: int) -> object:
            together.wait()
            return found.engine.clients.mine()

        used = set(pool.map(use, range(3)))
    found.engine.close()
    assert len(used) == 3
    assert used <= set(ended)


# -- deaths ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"OOMKilled": True, "ExitCode": 137}, "more memory than its limit"),
        ({"ExitCode": 137, "Status": "exited"}, "somebody ended it from outside with SIGKILL"),
        ({"ExitCode": 199, "Status": "exited"}, "with signal 71"),
        ({"ExitCode": 255, "Status": "exited"}, "the engine lost it"),
        ({"ExitCode": 0, "Status": "exited"}, "the connection to it broke, or somebody stopped it"),
        ({"ExitCode": 2, "Status": "exited"}, "its holder ended with status 2"),
        ({"ExitCode": 127, "Error": "exec\nformat"}, "the engine reports: exec format"),
        ({"Running": True}, "it still runs"),
        ({"Status": "created"}, "it was never started"),
    ],
)
def test_a_death_is_a_sentence(state: dict[str, object], words: str) -> None:
    assert words in deaths.sentence(state)


# -- the lab's own image ---------------------------------------------------------------------


def test_where_there_are_no_services_it_is_told_where_they_belong(tmp_path: Path) -> None:
    daemon = FakeDaemon({}, path=tmp_path / "sock")
    engine = open_engine(daemon.url, services=tmp_path / "services")
    with pytest.raises(EngineError, match="is no folder of services") as told:
        engine.image(None)
    assert "services/ beside scenarios/" in told.value.help
    engine.close()
    daemon.close()


def test_one_connection_is_enough_for_one_thread_whatever_it_asks(talk: Open) -> None:
    found = talk({f"DELETE /networks/lan{at}": [Answer(204)] for at in range(30)})
    found.engine.remove_network("lan0")
    before = found.daemon.connections
    for at in range(1, 30):
        found.engine.remove_network(f"lan{at}")
    assert found.daemon.connections == before
