"""Scenario files as Scenarios: what is made of what is written, and of what is not."""

import shutil
from pathlib import Path

import pytest

from lab.catalog import Catalog
from lab.errors import UsageError
from lab.events import Exit
from lab.kinds.action import Step
from lab.kinds.expectations.exit import ExitExpectation
from lab.loader import load, load_text, schema
from lab.model import Family, Scenario
from lab.source import InvalidScenario

ROOT = Path(__file__).parents[2]
SERVICES = Catalog(ROOT / "tests" / "corpus" / "errors" / "services")
HEAD = """intent: a greeting must arrive
networks:
  lan: {family: ipv6}
nodes:
  server: {service: stream-server, networks: [lan]}
  client: {service: stream-client, args: [server], networks: [lan]}
"""


def cases(text: str, **use: str) -> tuple[Scenario, ...]:
    return load_text(Path("greeting.yaml"), text.encode(), SERVICES, use)


def one(text: str, **use: str) -> Scenario:
    (scenario,) = cases(text, **use)
    return scenario


def steps(scenario: Scenario) -> list[str]:
    return [step.title for step in scenario.steps]


def exit_of(scenario: Scenario, node: str) -> ExitExpectation:
    (found,) = (
        wanted.expectation
        for wanted in scenario.expectations
        if wanted.node == node and isinstance(wanted.expectation, ExitExpectation)
    )
    return found


def kinds_of(scenario: Scenario, node: str) -> list[str]:
    return [each.expectation.kind for each in scenario.expectations if each.node == node]


@pytest.mark.parametrize("file", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda f: f.stem)
def test_every_shipped_scenario_loads(file: Path) -> None:
    assert load(file, Catalog(ROOT / "services"))


def test_without_steps_nodes_start_in_the_order_written() -> None:
    scenario = one(HEAD)
    assert steps(scenario) == ["start server", "start client"]
    assert [step.span.line for step in scenario.steps] == [5, 6]


def test_a_service_says_what_runs_where_it_listens_and_whether_it_ends() -> None:
    server, client = one(HEAD).topology.nodes
    assert server.program.command == ("/stream-server",)
    assert (server.ends, client.ends) == (False, True)
    assert [str(endpoint) for endpoint in server.listens] == ["tcp/0.0.0.0:3490"]
    assert [ready.kind for ready in server.ready] == ["listening"]
    assert client.ready == ()


def test_a_network_without_a_word_is_dual_and_internal() -> None:
    scenario = one("intent: it must\nnetworks:\n  lan:\nnodes:\n  a: {service: listener}\n")
    (network,) = scenario.topology.networks
    assert (network.family, network.internal, network.subnets) == (Family.DUAL, True, ())


def test_an_image_takes_the_place_of_a_services_program() -> None:
    written = HEAD.replace("service: stream-server,", "service: stream-server, image: my/server:1,")
    use = {"stream-server": "my/server:1"}
    (used,) = load_text(Path("x.yaml"), HEAD.encode(), SERVICES, use)
    for scenario in (one(written), used):
        server = scenario.topology.node("server")
        assert server.program.image == "my/server:1"
        assert server.program.command is None
        assert [str(endpoint) for endpoint in server.listens] == ["tcp/0.0.0.0:3490"]


@pytest.mark.parametrize(
    ("use", "says"),
    [({"strem-server": "a"}, 'no service "strem-server"'), ({"listener": "A B"}, "not an image")],
)
def test_a_wrong_use_is_told(use: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        load_text(Path("x.yaml"), HEAD.encode(), SERVICES, use)


def test_an_image_of_its_own_ends_unless_it_says_otherwise() -> None:
    text = "intent: it must\nnodes:\n  a: {image: my/thing}\n  b: {image: my/thing, ends: false}\n"
    a, b = one(text).topology.nodes
    assert (a.ends, b.ends) == (True, False)
    assert a.program.args is None


def test_a_group_is_counted_out() -> None:
    text = HEAD.replace("args: [server],", "args: [server], count: 3,")
    scenario = one(text + "expect:\n  client: {exit: 0}\n  client-2: {stdout: hello}\n")
    assert [node.name for node in scenario.topology.nodes] == [
        "server", "client-1", "client-2", "client-3",
    ]  # fmt: skip
    assert scenario.topology.node("client-2").group == "client"
    assert kinds_of(scenario, "client-2") == ["exit", "stdout", "stderr"]
    assert steps(scenario)[1:] == ["start client-1", "start client-2", "start client-3"]


def test_steps_on_a_group_are_on_every_member() -> None:
    text = HEAD.replace("args: [server],", "args: [server], count: 2,")
    scenario = one(text + "steps:\n  - start: server\n  - start: client\n")
    assert steps(scenario) == ["start server", "start client-1 and client-2"]


def test_what_is_not_said_is_expected_all_the_same() -> None:
    scenario = one(HEAD)
    assert exit_of(scenario, "client").allowed == (Exit(status=0),)
    assert exit_of(scenario, "server").running
    assert kinds_of(scenario, "server") == ["exit", "stderr"]
    assert exit_of(scenario, "server").span == scenario.topology.node("server").span


def test_a_program_that_must_fail_may_write_to_stderr() -> None:
    assert kinds_of(one(HEAD + "expect:\n  client: {exit: 2}\n"), "client") == ["exit"]


def test_who_speaks_of_stderr_in_a_step_has_spoken_of_it() -> None:
    tail = "steps:\n  - start: [server, client]\n  - wait: {for: client, stderr: x}\n"
    assert kinds_of(one(HEAD + tail), "client") == ["exit"]


@pytest.mark.parametrize(
    ("step", "allowed"),
    [("stop: server", {Exit(status=0), Exit(signal=15)}), ("kill: server", {Exit(signal=9)})],
)
def test_a_program_that_is_ended_must_have_ended(step: str, allowed: set[Exit]) -> None:
    scenario = one(HEAD + f"steps:\n  - start: [server, client]\n  - {step}\n")
    assert set(exit_of(scenario, "server").allowed) == allowed
    assert not exit_of(scenario, "server").running


def test_a_node_that_is_only_visited_owes_nothing() -> None:
    text = HEAD + "  box: {networks: [lan]}\n"
    text += "steps:\n  - start: [server, client]\n  - run: {on: box, command: [ls]}\n"
    assert kinds_of(one(text), "box") == []


def test_a_step_has_a_name_a_time_and_expectations_beside_it() -> None:
    tail = "steps:\n  - start: [server, client]\n    name: all at once\n    within: 3s\n"
    (step,) = one(HEAD + tail + "    expect: {client: {exit: 0}}\n").steps
    assert (step.title, step.within, step.kind) == ("all at once", 3, "start")
    assert isinstance(step, Step)
    assert [(node, each.kind) for node, each in step.expected] == [("client", "exit")]


def test_a_matrix_makes_a_case_of_each_combination() -> None:
    text = HEAD.replace("family: ipv6", 'family: "${family}"')
    text += (
        "matrix:\n  family: [ipv4, ipv6]\n  word: [a, b]\nexpect:\n  client: {stdout: '${word}'}\n"
    )
    found = cases(text)
    assert [scenario.name for scenario in found] == [
        "greeting[family=ipv4,word=a]", "greeting[family=ipv4,word=b]",
        "greeting[family=ipv6,word=a]", "greeting[family=ipv6,word=b]",
    ]  # fmt: skip
    families = [scenario.topology.networks[0].family.value for scenario in found]
    assert families == ["ipv4", "ipv4", "ipv6", "ipv6"]


def test_a_matrix_leaves_doubled_dollars_alone() -> None:
    text = HEAD + "matrix: {a: [x]}\ntags: ['${a}']\nexpect:\n  client: {stdout: '$${a}'}\n"
    (scenario,) = cases(text)
    assert scenario.tags == ("x",)


def test_a_value_of_a_matrix_is_read_as_if_it_stood_there() -> None:
    text = "intent: it must\nmatrix: {n: [1, 2]}\nnodes:\n  a:\n    service: listener\n    count: "
    found = cases(text + "${n}\n")
    assert [len(scenario.topology.nodes) for scenario in found] == [1, 2]
    with pytest.raises(InvalidScenario):  # in quotes it is text, as any number is
        cases(text + "'${n}'\n")


def test_only_the_services_that_a_file_names_are_read(tmp_path: Path) -> None:
    services = shutil.copytree(SERVICES.folder, tmp_path / "services")
    (services / "listener" / "service.yaml").write_text("no: service\n")
    load_text(Path("x.yaml"), HEAD.encode(), Catalog(services))
    with pytest.raises(InvalidScenario):
        load_text(
            Path("x.yaml"), HEAD.replace("stream-client", "listener").encode(), Catalog(services)
        )


def test_what_is_missing_in_every_case_of_a_matrix_is_told_once() -> None:
    text = HEAD + "matrix: {n: [1, 2]}\ntags: ['${n}']\n"
    with pytest.raises(InvalidScenario, match="the name of a node belongs here") as caught:
        cases(text + "steps:\n  - run:\n      on:\n      service: stream-server\n")
    assert len(caught.value.diagnostics) == 1


def test_addresses_and_limits_are_read() -> None:
    text = HEAD.replace(
        "service: stream-server, networks: [lan]",
        'service: stream-server, networks: {lan: {address: "2001:DB8::0007"}}, '
        "limits: {memory: 64MiB, pids: 9, cpus: 0.5}",
    )
    server = one(text).topology.node("server")
    assert server.attachments[0].addresses == ("2001:db8::7",)
    assert (server.limits.memory, server.limits.pids, server.limits.cpus) == (64 * 2**20, 9, 0.5)


def test_env_is_a_template() -> None:
    text = HEAD.replace("args: [server],", 'args: [server], env: {PEER: "${server.ip}"},')
    ((name, value),) = one(text).topology.node("client").program.env
    assert (name, value.references) == ("PEER", ("server.ip",))


def test_the_same_file_is_the_same_scenario() -> None:
    assert one(HEAD) == one(HEAD)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        load(tmp_path / "none.yaml", SERVICES)
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path, SERVICES)


def test_the_schema_knows_every_key() -> None:
    found = schema()
    properties = found["properties"]
    assert isinstance(properties, dict)
    assert {"intent", "nodes", "steps", "expect", "matrix"} <= properties.keys()
    assert found["additionalProperties"] is False


RUNS = """
intent: it must
nodes: {{a: {{}}}}
steps:
  - run: {{on: a, command: [x], as: one{}}}
  - wait: {{for: one, exit: 3}}
{}"""


@pytest.mark.parametrize(
    ("said", "rest", "kinds"),
    [
        ("", "", ["exit", "stderr"]),
        (", expect: {exit: running}", "", ["exit", "stderr"]),
        (", expect: {exit: 0}", "", ["stderr"]),
        (", expect: {exit: 2}", "", []),
        (', expect: {stderr: "..."}', "", ["exit"]),
        ("", "expect: {one: {exit: 3}}", ["exit"]),
        ("", 'expect: {one: {stderr: "..."}}', ["stderr", "exit"]),
    ],
)
def test_what_a_named_program_owes_unless_the_file_says_more(
    said: str, rest: str, kinds: list[str]
) -> None:
    assert kinds_of(one(RUNS.format(said, rest)), "one") == kinds
