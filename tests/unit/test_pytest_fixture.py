"""`lab_scenario`: a scenario's machines for one test, what can be done with them, their end."""

from __future__ import annotations

import fnmatch
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.pytest_worlds import DIARY, diary, made_project, write

HEAD = "intent: it must work\nnetworks: {lan: {family: ipv6}}\n"
PAIR = f"""{HEAD}nodes:
  server:
    image: any
    args: [serve]
    networks: [lan]
    ends: false
    ready: {{listening: "tcp/[::]:7"}}
  client: {{image: any, args: [cat], networks: [lan]}}
"""
WORDS = PAIR.replace("args: [cat]", 'args: [echo, "${word}"]') + "matrix: {word: [hi, ho]}\n"
SLEEPER = f"{HEAD}nodes: {{a: {{image: any, args: [ready], networks: [lan], ends: false}}}}\n"


@pytest.fixture(name="project")
def _project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    made = made_project(pytester, monkeypatch)
    write(made, pair=PAIR, words=WORDS, sleeper=SLEEPER)
    return made


def run(project: pytest.Pytester, body: str, *arguments: str) -> pytest.RunResult:
    """A test of this body, in which `lab` opens scenarios."""
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    project.makepyfile(test_one=f"import pytest\ndef test_it(lab_scenario):\n{lines}")
    result = project.runpytest("test_one.py", "-p", "no:testinfra", *arguments)
    assert not any(line.endswith("left") for line in diary(project)[:-1]), diary(project)
    assert diary(project)[-1:] in ([], ["close, 0 left"])
    return result


def refused(result: pytest.RunResult, *lines: str) -> None:
    """It failed with these words, at the test's own line, and shows no line of the lab's."""
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([*lines])
    assert "pytest_plugin/" not in result.stdout.str()


# -- what can be done ------------------------------------------------------------------------


def test_programs_run_and_can_be_talked_to(project: pytest.Pytester) -> None:
    body = """
lab = lab_scenario("pair")
server, client = lab.node("server"), lab.node("client")
assert lab.nodes[0].name == "server"
client.send_line("hello")
client.wait(stdout="hello", within=20)
client.send("no newline, ")
client.send(b"bytes \\xff\\n")
client.wait(stdout={"contains": ["no newline", r"bytes \\xff (esc)"]}, within="20s")
assert (client.output, client.exit) == ("hello\\nno newline, bytes \\\\xff\\n", None)
assert client.stdout.endswith(b"\\xff\\n") and client.stderr == b""
client.close_stdin()
client.wait(exit=0)
assert client.exit == 0
server.wait(listening="tcp/[::]:7", exit="running")
assert [lab.value("server.ip")] == list(server.addresses)
server.stop()
assert server.exit == "SIGTERM"
"""
    run(project, body).assert_outcomes(passed=1)
    assert diary(project) == ["open None services", "close, 0 left"]


def test_machines_without_steps_are_held_until_something_is_begun(
    project: pytest.Pytester,
) -> None:
    body = """
lab = lab_scenario("pair", steps=False)
server = lab.node("server")
assert (server.exit, server.output) == (None, "")
lab.step(expect={"server": {"processes": {"count": 0}}})
server.start()
server.restart()
server.signal("SIGTERM")
server.wait(exit="SIGTERM")
server.start()
server.kill()
assert server.exit == "SIGKILL"
"""
    run(project, body).assert_outcomes(passed=1)


def test_other_programs_run_on_a_machine_as_often_as_one_likes(project: pytest.Pytester) -> None:
    body = """
node = lab_scenario("pair").node("client")
for number in range(300):
    done = node.run("echo", str(number))
    assert (done.output, done.exit, done.status, done.stderr) == (f"{number}\\n", 0, 0, b"")
assert node.run("false").status == 1
assert node.run("cat").stdout == b""
assert node.exit is None
"""
    run(project, body).assert_outcomes(passed=1)


def test_any_step_of_the_language_can_be_done(project: pytest.Pytester) -> None:
    body = """
lab = lab_scenario("pair")
lab.step(send={"to": "client", "line": "to ${server.ip}"})
lab.step(wait={"for": "client", "stdout": "to ${server.ip}"}, within=20.5, name="see it")
lab.step(run={"on": "client", "command": ["echo", "hi"], "expect": {"stdout": "hi\\n"}})
lab.step(run={"on": "client", "as": "cat", "command": ["cat"]})
lab.step(send={"to": "cat", "line": "meow"})
lab.step(wait={"for": "cat", "stdout": "meow"})
lab.step(close_stdin="client", expect={"client": {"exit": 0}})
"""
    run(project, body).assert_outcomes(passed=1)


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize(
    ("words", "options", "why"),
    [
        ("packets={'never': {'protocol': 'udp'}}", ["--lab-capture", "on"], "were not captured"),
        ("calls={'must-not': ['connect']}", ["--lab-calls"], "were not traced"),
    ],
)
def test_packets_and_calls_are_there_where_the_session_asks_for_them(
    project: pytest.Pytester, words: str, options: list[str], why: str, *, asked: bool
) -> None:
    body = f"lab_scenario('pair').node('client').wait({words}, within=0.2)"
    if asked:
        run(project, body, *options).assert_outcomes(passed=1)
    else:
        refused(run(project, body), f"*ScenarioError: client: *{why}*")


def test_the_steps_of_the_file_are_done_first(project: pytest.Pytester) -> None:
    steps = "steps:\n  - start: [server, client]\n  - send: {to: client, line: hello}\n"
    write(project, stepped=PAIR + steps)
    body = 'lab_scenario("stepped").node("client").wait(stdout="hello")'
    run(project, body).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "name",
    [
        '"pair"',
        '"words[word=ho]"',
        '"scenarios/pair.yaml"',
        '"beside.yml"',
        'Path("beside.yml").absolute()',
        '"elsewhere"',
    ],
)
def test_a_scenario_is_found_by_its_name_its_cases_or_its_file(
    project: pytest.Pytester, name: str
) -> None:
    write(project, "other", elsewhere=PAIR)
    (project.path / "beside.yml").write_text(PAIR)
    project.makeini("[pytest]\nlab_scenarios = other\n")
    body = f"from pathlib import Path\nlab_scenario({name}).node('server')"
    run(project, body).assert_outcomes(passed=1)


def test_two_scenarios_at_a_time(project: pytest.Pytester) -> None:
    body = """
one, two = lab_scenario("pair"), lab_scenario("pair")
assert not set(one.node("client").addresses) & set(two.node("client").addresses)
"""
    run(project, body).assert_outcomes(passed=1)


def test_what_the_engine_lacks_skips_the_test(project: pytest.Pytester) -> None:
    write(project, future=f'requires: ["engine>=99"]\n{PAIR}')
    result = run(project, 'lab_scenario("future")', "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*engine>=99*"])
    assert "create_node" not in diary(project)


# -- what is told ----------------------------------------------------------------------------


def test_what_is_not_seen_fails_the_tests_own_line_in_the_labs_words(
    project: pytest.Pytester,
) -> None:
    body = """
client = lab_scenario("pair").node("client")
client.send_line("hello")
client.wait(stdout="hello")
client.wait(stdout="goodbye", within=0.05)
"""
    refused(
        run(project, body),
        ">*client.wait(*goodbye*",
        "E*ScenarioFailure: client: stdout has not shown goodbye; it is still running (waited*)",
        "E *- goodbye",
        "E *client  running*",
        "E *| hello",
        "test_one.py:6: ScenarioFailure",
        "FAILED test_one.py::test_it - ScenarioFailure: client: stdout has not sh*",
    )


def test_a_failure_is_an_assertion_error(project: pytest.Pytester) -> None:
    body = """
lab = lab_scenario("pair")
with pytest.raises(AssertionError, match="server: it is still running"):
    lab.node("server").wait(exit=0, within=0)
"""
    refused_body = run(project, body.replace("within=0", 'within="1ms"'))
    refused_body.assert_outcomes(passed=1)


def test_a_step_of_the_file_that_fails_is_shown_at_its_line(project: pytest.Pytester) -> None:
    steps = (
        "steps:\n  - start: [server, client]\n  - wait: {for: client, exit: 0}\n    within: 1ms\n"
    )
    write(project, hasty=PAIR + steps)
    refused(
        run(project, 'lab_scenario("hasty")'),
        '>*lab_scenario("hasty")',
        "E*ScenarioFailure: client: it is still running; it must exit 0 (waited 0.001 s)",
        "E*at step: wait for exit of client",
        "E*scenarios/hasty.yaml:13:*",
        "E*- wait: {for: client, exit: 0}",
    )


def test_a_node_that_is_lost_is_an_error_and_no_failure(project: pytest.Pytester) -> None:
    body = """
from tests.unit.pytest_worlds import ENGINES
lab = lab_scenario("pair")
engine = ENGINES[-1]
engine.kill(next(name for name in engine.nodes if name.endswith("server")), "out of memory")
lab.node("server").wait(exit=0)
"""
    refused(
        run(project, body),
        "E*ScenarioError: server: the node is gone: out of memory",
        "*ScenarioError",
    )


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('lab.node("sever")', "*pair has no node sever*did you mean*server*"),
        (
            'lab.node("client").wait(stdot="x")',
            '*test_one.py:5:*there is no expectation "stdot"*did you mean "stdout"?*',
        ),
        (
            'lab.node("client").wait(stdout="${sever.ip}")',
            '*there is no node "sever"*did you mean "server"?*',
        ),
        ('lab.step(sned={"to": "client"})', '*there is no step "sned"*did you mean "send"?*'),
        ('lab.step(connect="client")', '*"client" is connected to * at this step*'),
        ('lab.step(heal="all")', "*nothing is impaired there at this step*"),
        ('lab.node("client").wait(exit=object())', "*nothing a scenario could hold*"),
        ('lab.node("client").wait(stdout=b"x")', "*text belongs here*"),
        ('lab.node("client").wait(exit=0, within=0)', "*write a time above 0*"),
        ('lab.value("talker.ip")', "*stands for nothing*"),
        ('lab.node("client").run("nosuch")', "*cannot run nosuch: No such file or directory*"),
        ('lab.node("client").run("cat", "x" * 70000)', "*bytes are more than a frame carries*"),
        ('lab.node("client").run("sleep", within=0.01)', "*sleep has not ended (waited 0.01 s)*"),
        ('lab_scenario("pear")', "*there is no scenario pear*did you mean*pair*"),
        ('lab_scenario("pear.yaml")', "*there is no file pear.yaml in the test's folder nor *"),
        ('lab_scenario("words")', "*words is 2 cases*name one: words?word=hi?, words?word=ho?*"),
        ('lab_scenario("words[word=he]")', "*is 2 cases*"),
        ('lab_scenario("bad")', '*scenarios/bad.yaml:1:1: *needs "intent"*'),
    ],
)
def test_what_makes_no_sense_is_told_with_what_would(
    project: pytest.Pytester, call: str, said: str
) -> None:
    write(project, bad="nodes: {a: {image: any}}\n")
    result = run(project, f'lab = lab_scenario("pair", steps=False)\n\n{call}')
    refused(result)
    told = "".join(line for line in result.outlines if line.startswith("E"))
    result.stdout.fnmatch_lines([f">*{call.partition('[')[0]}*"])
    assert fnmatch.fnmatch(told, said), told


# -- its end ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ending",
    [
        "assert False",
        "raise SystemExit(3)",
        "pytest.skip('enough')",
        "lab.node('a').wait(exit=0, within=0.01)",
        "raise ValueError",
        "return",
    ],
)
def test_however_a_test_ends_its_machines_are_gone_before_the_next(
    project: pytest.Pytester, ending: str
) -> None:
    run(project, f'lab = lab_scenario("sleeper")\n{ending}')
    assert diary(project) == ["open None services", "ready", "close, 0 left"]


def test_an_alarm_while_it_is_waited_stops_the_wait_and_leaves_nothing(
    project: pytest.Pytester,
) -> None:
    body = """
import os, signal
def alarm(number, frame):
    raise RuntimeError("too long")
signal.signal(signal.SIGUSR1, alarm)
lab = lab_scenario("sleeper")
agent = lab._live.stage._agent
looked = agent.look
def look(*arguments):
    agent.look = looked
    os.kill(os.getpid(), signal.SIGUSR1)
    return looked(*arguments)
agent.look = look
with pytest.raises(RuntimeError, match="too long"):
    lab.node("a").wait(listening="tcp/*:80", within="10m")
with pytest.raises(Exception, match="the scenario was stopped while it was waited for"):
    lab.node("a").wait(exit=0)
"""
    run(project, body).assert_outcomes(passed=1)


# Unlike signal.pause(), woken also by a signal that comes when it is just about to sleep.
ASLEEP = (
    "ours, theirs = socket.socketpair(); theirs.setblocking(False); "
    "signal.set_wakeup_fd(theirs.fileno()); ours.recv(1)"
)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("where", ["lab.node('a').wait(exit=0, within='10m')", ASLEEP])
def test_a_signal_ends_the_test_and_leaves_nothing(
    project: pytest.Pytester, number: signal.Signals, where: str
) -> None:
    project.makepyfile(
        "import signal, socket\n"
        "def test_it(lab_scenario):\n"
        "    lab = lab_scenario('sleeper')\n"
        f"    {where}\n"
        "def test_next(): pass\n"
    )
    path = project.path / DIARY
    os.mkfifo(path)
    with os.fdopen(os.open(path, os.O_RDWR), "r+b", buffering=0) as told:
        with project.popen(
            [sys.executable, "-m", "pytest", "-v"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            try:
                assert [told.readline() for _ in range(2)] == [b"open None services\n", b"ready\n"]
                # CPython 3.11 may interrupt at a jump of no line, which pytest itself cannot bear
                stat = Path(f"/proc/{process.pid}/stat")
                while stat.read_text().rpartition(")")[2].split()[0] != "S":
                    pass
                process.send_signal(number)
                said, _ = process.communicate()
            finally:
                process.kill()
        assert process.returncode == pytest.ExitCode.INTERRUPTED, said
        assert told.readline() == b"close, 0 left\n"
    assert b"test_next" not in said
