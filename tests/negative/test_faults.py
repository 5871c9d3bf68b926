"""Programs that misbehave in ways that have nothing to do with sockets, and files that ask for
what is not there: each gets one clear verdict of bounded size, and nothing is left on the engine.

Each node runs a command in the image of the wrong programs.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.catalog import Catalog
from lab.events import Exit, ProcessRecord, State
from lab.loader import load_text
from lab.report.case import Page, case
from lab.report.paint import Paint
from lab.result import ScenarioResult
from lab.verdict import Judgement, Verdict
from tests.negative.runs import Runs

CATALOG = Catalog(Path(__file__).parents[2] / "services")
TEN_MEGABYTES = 10_000_000
LONGEST = 20_000  # characters a report may have, whatever a program did

Play = Callable[..., ScenarioResult]


@pytest.fixture
def play(runs: Runs) -> Iterator[Play]:
    """Run a scenario of one node, `it`; of the case nothing may be left on the engine."""
    name = f"fault-{secrets.token_hex(4)}"

    def run(
        *command: str, timeout: str = "30s", image: str = runs.image, more: str = ""
    ) -> ScenarioResult:
        text = (
            "intent: it must be well\n"
            f"timeout: {timeout}\n"
            f"nodes: {{it: {{image: {image!r}, args: {json.dumps(command)}}}}}\n{more}"
        )
        [found] = load_text(Path(f"{name}.yaml"), text.encode(), CATALOG)
        return runs.run(found)

    yield run
    assert runs.engine.find({"lab.scenario": name}) == ()


def python(source: str) -> tuple[str, ...]:
    """A command that runs Python."""
    return ("python3", "-S", "-c", source)


def report(result: ScenarioResult) -> str:
    """All that a person is shown; checked to be bounded."""
    page = Page(100, Paint(), lambda *_: None)
    text = "\n".join(case(result, page))
    assert len(text) < LONGEST
    assert len(result.reason) < 1000
    return text


def program(result: ScenarioResult) -> ProcessRecord:
    """The node's program."""
    [node] = result.nodes
    return node.program


def failed(result: ScenarioResult) -> tuple[Judgement, ...]:
    """What was not as it must be; something was, and the lab could tell."""
    assert result.verdict is Verdict.FAIL, result.reason
    return tuple(each for each in result.judgements if each.verdict is Verdict.FAIL)


def test_never_ends(play: Play) -> None:
    result = play("sleep", "1000", timeout="1s")
    assert [each.reason for each in failed(result)] == ["it is still running; it must exit 0"]
    assert program(result).state is State.RUNNING


def test_never_ends_and_never_rests(play: Play) -> None:
    result = play(*python("while True: pass"), timeout="1s")
    assert [each.reason for each in failed(result)] == ["it is still running; it must exit 0"]


def test_prints_for_ever(play: Play) -> None:
    result = play("yes", timeout="2s", more='expect: {it: {stdout: "y\\n"}}')
    (judgement,) = failed(result)
    assert judgement.reason.startswith("stdout has a line that was not asked for, line 2: y")
    report(result)


@pytest.mark.parametrize("lines", [1, 100_000], ids=["one line", "many lines"])
def test_prints_10_megabytes(play: Play, lines: int) -> None:
    size = TEN_MEGABYTES // lines
    command = python(f"for _ in range({lines}): print('x' * {size - 1})\nprint('end')")
    result = play(*command, more='expect: {it: {stdout: "hello\\n"}}')
    assert "line 1 of stdout is " in failed(result)[0].reason
    assert "hello" in report(result)
    assert play(*command, more="expect: {it: {stdout: {contains: end}}}").verdict is Verdict.PASS


def test_prints_more_than_is_kept(play: Play) -> None:
    command = python(f"print('x' * {2 * TEN_MEGABYTES}); print('the end')")
    result = play(*command, more="expect: {it: {stdout: {contains: the end}}}")
    assert "stdout is longer than the 16MiB a program may write" in failed(result)[0].reason
    report(result)
    assert program(result).exit == Exit(status=0)


def test_prints_nothing(play: Play) -> None:
    result = play("true", more='expect: {it: {stdout: "hello\\n"}}')
    assert [each.reason for each in failed(result)] == ["stdout lacks the line hello; it exited 0"]
    result = play("sleep", "1000", timeout="1s", more='expect: {it: {stdout: "hello\\n"}}')
    assert "alive, wrote nothing; standard output is probably buffered" in report(result)


def test_dies_at_once(play: Play) -> None:
    result = play("sh", "-c", "echo no such luck >&2; exit 3")
    exit_, stderr = failed(result)
    assert exit_.reason == "it exited 3; it must exit 0"
    assert exit_.advice == 'its stderr ends in "no such luck"'
    assert "no such luck" in stderr.reason
    assert "no such luck" in report(result)


def test_dies_while_it_is_waited_for(play: Play) -> None:
    steps = "steps: [{start: it}, {wait: {for: it, stdout: ready}, within: 20s}]"
    result = play("sh", "-c", "echo no such luck >&2; sleep 0.2; kill -9 $$", more=steps)
    [only] = failed(result)
    assert only.reason.startswith("stdout has not shown ready; ")
    assert "no such luck" in report(result)


IGNORES = python(
    "import signal, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('deaf', flush=True)\n"
    "time.sleep(1000)"
)


def test_ignores_sigterm(play: Play) -> None:
    steps = "steps: [{start: it}, {wait: {for: it, stdout: deaf}}, {stop: it, within: 500ms}]"
    result = play(*IGNORES, more=steps)
    [only] = failed(result)
    assert only.subject == "it"
    assert only.reason == "it ignored SIGTERM: it is still running (waited 0.5 s)"
    assert only.advice == "kill ends a program that ignores signals"
    assert result.troubles == ()


def test_ignores_sigterm_and_is_killed(play: Play) -> None:
    steps = "steps: [{start: it}, {wait: {for: it, stdout: deaf}}, {kill: it}]"
    result = play(*IGNORES, more=steps)
    assert (result.verdict, result.reason) == (Verdict.PASS, "")


def test_closes_its_stdout(play: Play) -> None:
    command = python("import os, time; os.write(1, b'last words'); os.close(1); time.sleep(0.3)")
    assert play(*command, more="expect: {it: {stdout: last words}}").verdict is Verdict.PASS
    steps = "steps: [{start: it}, {wait: {for: it, stdout: more}, within: 20s}]"
    [only] = failed(play(*python("import os, time; os.close(1); time.sleep(1000)"), more=steps))
    assert only.reason == "stdout has not shown more; it is still running"  # and it did not wait


def test_an_argument_with_newlines(play: Play) -> None:
    words = ["two\nlines", "", " ", "$HOME `id` \\n 'x' \"y\"", "--", "\x7f\t\u00e9\u4f60"]
    result = play(*python("import sys; print(sys.argv[1:])"), *words)
    assert result.verdict is Verdict.PASS
    assert program(result).stdout.decode() == f"{words}\n"


def test_leaves_children_behind(play: Play) -> None:
    result = play("sh", "-c", "sleep 1000 & echo gone")
    assert result.verdict is Verdict.PASS, result.reason
    assert program(result).stdout == b"gone\n"


def test_takes_all_memory(play: Play) -> None:
    result = play(*python("b = bytearray(1 << 30)\nb[::4096] = bytes(len(b[::4096]))"))
    reason = "SIGKILL ended it, and the memory limit of 256MiB was reached; it must exit 0"
    assert failed(result)[0].reason == reason


def test_a_fork_bomb(play: Play) -> None:
    source = (
        "import os\n"
        "try:\n"
        "    while True:\n"
        "        if os.fork() == 0: os.execvp('sleep', ['sleep', '1000'])\n"
        "except OSError as error: print(error.strerror)"
    )
    result = play(
        *python(source), more='expect: {it: {stdout: "Resource temporarily unavailable\\n"}}'
    )
    assert program(result).stdout == b"Resource temporarily unavailable\n"


def test_a_program_that_is_not_in_the_image(play: Play) -> None:
    steps = "steps: [{run: {on: it, command: [no-such-program, --at, all]}}]"
    result = play("true", more=steps)
    assert result.verdict is Verdict.ERROR
    assert "cannot run no-such-program: No such file or directory" in result.reason


def test_an_image_that_does_not_exist(play: Play) -> None:
    result = play(image="registry.invalid/no/such/image:1")
    assert result.verdict is Verdict.ERROR
    assert "no image registry.invalid/no/such/image:1" in result.reason
    assert "docker load" in result.help
    assert "registry.invalid/no/such/image:1" in report(result)
