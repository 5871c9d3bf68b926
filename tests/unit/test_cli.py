"""The command line from end to end, with parts that need no Docker."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lab.cli.group import COMMANDS
from lab.cli.parts import BuildOptions, EngineChoice
from lab.errors import EngineError, ExitStatus
from lab.owner import marks
from lab.ports import Leftover
from tests.unit.cli_fakes import Call, FakeParts, FoundEngine, caller, container, project


@pytest.fixture(name="parts")
def _parts() -> FakeParts:
    return FakeParts()


@pytest.fixture(name="lab")
def _lab(
    parts: FakeParts,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Call:
    root = project(
        tmp_path / "project",
        pass_a="guide udp",
        pass_b="guide matrix",
        fail_c="tcp",
        error_d="odd",
        skip_e="never",
    )
    monkeypatch.chdir(root)
    return caller(parts, capfd)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("run", "pass-a"), ExitStatus.PASSED),
        (("run", "pass-a", "skip-e"), ExitStatus.PASSED),
        (("run", "fail-c"), ExitStatus.FAILED),
        (("run", "pass-a", "fail-c", "error-d"), ExitStatus.FAILED),
        (("run", "all"), ExitStatus.FAILED),
        (("run", "error-d", "pass-a"), ExitStatus.ERROR),
        (("run", "skip-e"), ExitStatus.NOTHING),
        (("run", "--tag", "udp"), ExitStatus.PASSED),
        (("run", "--tag", "nosuch"), ExitStatus.NOTHING),
        (("run", "pass-a", "--tag", "tcp"), ExitStatus.NOTHING),
        (("run",), ExitStatus.BAD_INPUT),
        (("run", "pass-x"), ExitStatus.BAD_INPUT),
        (("run", "nosuch.yaml"), ExitStatus.BAD_INPUT),
        (("run", "pass-a", "--jobs", "0"), ExitStatus.BAD_INPUT),
        (("run", "pass-a", "--timeout", "soon"), ExitStatus.BAD_INPUT),
        (("run", "pass-a", "--timeout", "0"), ExitStatus.BAD_INPUT),
        (("run", "pass-a", "--use", "listener"), ExitStatus.BAD_INPUT),
        (("run", "pass-a", "--nosuch"), ExitStatus.BAD_INPUT),
        (("nosuch",), ExitStatus.BAD_INPUT),
        ((), ExitStatus.BAD_INPUT),
        (("--root", "/", "list"), ExitStatus.BAD_INPUT),
        (("list",), ExitStatus.PASSED),
        (("list", "--tag", "nosuch"), ExitStatus.NOTHING),
        (("show", "pass-a"), ExitStatus.PASSED),
        (("show", "nosuch"), ExitStatus.BAD_INPUT),
        (("validate",), ExitStatus.PASSED),
        (("validate", "pass-a"), ExitStatus.PASSED),
        (("validate", "nosuch"), ExitStatus.BAD_INPUT),
        (("explain", "stdout"), ExitStatus.PASSED),
        (("explain", "stdoot"), ExitStatus.BAD_INPUT),
        (("up", "pass-a"), ExitStatus.PASSED),
        (("up", "pass-b"), ExitStatus.BAD_INPUT),
        (("shell", "a"), ExitStatus.BAD_INPUT),
        (("logs",), ExitStatus.BAD_INPUT),
        (("down",), ExitStatus.PASSED),
        (("down", "pass-a"), ExitStatus.BAD_INPUT),
        (("clean",), ExitStatus.PASSED),
        (("build",), ExitStatus.PASSED),
        (("doctor",), ExitStatus.PASSED),
        (("completion", "zsh"), ExitStatus.PASSED),
        (("completion", "nosh"), ExitStatus.BAD_INPUT),
        (("help",), ExitStatus.PASSED),
        (("help", "run"), ExitStatus.PASSED),
        (("help", "rnu"), ExitStatus.BAD_INPUT),
        (("--version",), ExitStatus.PASSED),
    ],
)
def test_status(lab: Call, arguments: tuple[str, ...], status: ExitStatus) -> None:
    answer = lab(*arguments)
    assert answer.status == status, answer
    assert "Traceback" not in answer.out + answer.err
    if status is ExitStatus.BAD_INPUT:
        assert "help: " in answer.err or "Usage: " in answer.err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_teaches_with_its_help(lab: Call, name: str) -> None:
    answer = lab(name, "--help")
    assert answer.status == 0
    assert answer.out.startswith(f"Usage: lab {name}")
    if name != "help":
        assert f"  lab {name}" in answer.out.split("Examples:")[1] or name == "completion"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rnu", "x"), "did you mean 'run'"),
        (("run", "pass-aa"), "did you mean `pass-a`"),
        (("run", "upd"), "did you mean `udp`"),
        (("run", "--tag", "giude"), "did you mean `guide`"),
        (("run", "pass-b[x=3]"), "did you mean `pass-b[x="),
        (("run", "scenarios/pas-a.yaml"), "did you mean `scenarios/pass-a.yaml`"),
        (("validate", "nosuch.yaml"), "no such file"),
        (("run", "all", "--jsno"), "--json"),
        (("validate", "pass-aa"), "did you mean `pass-a`"),
        (("help", "rnu"), "did you mean `run`"),
        (("explain", "stdoot"), "did you mean `stdout`"),
        (("run", "scenarios/pass-b.yaml[x=3]"), "did you mean `scenarios/pass-b.yaml[x="),
        (("up", "scenarios/pass-b.yaml"), "name one of 'scenarios/pass-b.yaml[x=1]',"),
        (("up", "pass-b"), "name one of 'pass-b[x=1]', 'pass-b[x=2]'"),
    ],
)
def test_what_was_probably_meant(lab: Call, arguments: tuple[str, ...], said: str) -> None:
    assert said.lower() in lab(*arguments).err.lower()


def ran(parts: FakeParts) -> list[str]:
    names: list[str] = next(call[1] for call in parts.calls if call[0] == "run")
    return names


@pytest.mark.parametrize(
    ("arguments", "cases"),
    [
        (("pass-a",), ["pass-a"]),
        (("pass-b",), ["pass-b[x=1]", "pass-b[x=2]"]),
        (("pass-b[x=2]",), ["pass-b[x=2]"]),
        (("fail-c", "pass-a", "fail-c"), ["fail-c", "pass-a"]),
        (("guide",), ["pass-a", "pass-b[x=1]", "pass-b[x=2]"]),
        (("udp", "guide", "--tag", "matrix"), ["pass-b[x=1]", "pass-b[x=2]"]),
        (("--tag", "udp", "--tag", "tcp"), ["fail-c", "pass-a"]),
        (("scenarios/pass-a.yaml",), ["pass-a"]),
        (("scenarios/pass-b.yaml[x=2]",), ["pass-b[x=2]"]),
    ],
)
def test_selection(
    lab: Call, parts: FakeParts, arguments: tuple[str, ...], cases: list[str]
) -> None:
    lab("run", *arguments)
    assert ran(parts) == cases


def test_a_name_reads_no_other_file(lab: Call, parts: FakeParts) -> None:
    (Path("scenarios") / "bad.yaml").write_text("")
    assert lab("run", "pass-a").status == ExitStatus.PASSED
    assert [call for call in parts.calls if call[0] == "load"] == [("load", "pass-a.yaml")]


def test_a_bad_file_hides_no_other(lab: Call) -> None:
    (Path("scenarios") / "bad.yaml").write_text("")
    listed = lab("list")
    assert (listed.status, "pass-a" in listed.out) == (ExitStatus.BAD_INPUT, True)
    assert "lab validate scenarios/bad.yaml" in listed.err
    assert lab("run", "all").status == ExitStatus.BAD_INPUT
    checked = lab("validate")
    assert checked.status == ExitStatus.BAD_INPUT
    assert "bad.yaml:1:1" in checked.err


def test_all_is_every_scenario_for_validate_too(lab: Call) -> None:
    assert lab("validate", "all").out == lab("validate").out


def test_commands_work_in_a_folder_below(lab: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("scenarios")
    assert lab("run", "pass-a").status == ExitStatus.PASSED


def test_options_reach_the_run(lab: Call, parts: FakeParts) -> None:
    lab("run", "pass-a", "-j", "3", "--keep", "--engine", "unix:///x", "--start-engine")
    services = Path.cwd() / "services"
    chosen = EngineChoice("unix:///x", start=True, services=services, machines=True)
    assert ("connect", chosen) in parts.calls
    options = next(call[2] for call in parts.calls if call[0] == "run")
    assert (options.jobs, options.keep) == (3, True)


def test_json_is_a_line_for_each_case_and_nothing_else(lab: Call) -> None:
    answer = lab("run", "all", "--json")
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert [line["verdict"] for line in lines] == ["ERROR", "FAIL", "PASS", "PASS", "PASS", "SKIP"][
        :2
    ] + ["PASS"] * 3 + ["SKIP"]
    assert answer.err == ""


def test_plain_output_is_a_line_for_a_pass_and_a_summary(lab: Call) -> None:
    answer = lab("run", "pass-a", "skip-e")
    assert answer.out.startswith("PASS  pass-a  0.87 s\nSKIP  skip-e ")
    assert "2 scenarios: 1 passed, 1 skipped in " in answer.out
    assert "\x1b" not in answer.out


def test_a_failure_tells_how_to_run_it_again(lab: Call) -> None:
    assert "lab run fail-c --keep" in lab("run", "fail-c").out


def test_a_file_of_nowhere_is_run_again_by_its_path(lab: Call, tmp_path: Path) -> None:
    (tmp_path / "fail it.yaml").write_text("")
    path = f"{tmp_path}/fail it.yaml"
    assert f"lab run '{path}' --keep" in lab("run", path).out


def test_keep_tells_what_to_do_with_the_machines(lab: Call) -> None:
    assert "lab down" in lab("run", "pass-a", "--keep").out


def test_interrupted_wins_over_verdicts(lab: Call, parts: FakeParts) -> None:
    parts.interrupted = True
    answer = lab("run", "fail-c")
    assert answer.status == ExitStatus.INTERRUPTED
    assert "interrupted" in answer.err


def test_ctrl_c_anywhere_is_a_message(lab: Call, parts: FakeParts) -> None:
    parts.crash = KeyboardInterrupt()
    assert lab("list").status == ExitStatus.INTERRUPTED


def test_no_engine_is_a_message_and_what_to_do(lab: Call, parts: FakeParts) -> None:
    parts.no_engine = EngineError("no Docker Engine answers", help="install it:\n  apt-get")
    answer = lab("run", "pass-a")
    assert answer.status == ExitStatus.ERROR
    assert answer.err == "lab: no Docker Engine answers\nhelp: install it:\n        apt-get\n"
    checked = lab("doctor")
    assert checked.status == ExitStatus.ERROR
    assert "bad   engine     no Docker Engine answers" in checked.out


# -- the unexpected


def test_a_crash_writes_a_report_and_one_message(lab: Call, parts: FakeParts) -> None:
    parts.crash = ZeroDivisionError("seven over nought")
    answer = lab("list", "--tag", "x y")
    assert answer.status == ExitStatus.ERROR
    assert "Traceback" not in answer.err
    assert "seven over nought" not in answer.err
    (report,) = Path(".lab/reports").iterdir()
    assert str(report) in answer.err
    text = report.read_text()
    assert "seven over nought" in text
    assert "Traceback" in text
    assert "lab list --tag 'x y'" in text


def test_a_crash_report_goes_elsewhere_where_it_must(
    lab: Call, parts: FakeParts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Path(".lab").write_text("a file where the folder should be")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    parts.crash = RuntimeError()
    answer = lab("list")
    (report,) = tmp_path.glob("crash-*.txt")
    assert (answer.status, str(report) in answer.err) == (ExitStatus.ERROR, True)


def test_a_crash_report_holds_no_environment(
    lab: Call, parts: FakeParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_TOKEN", "hunter2-secret")
    parts.crash = RuntimeError()
    lab("list")
    (report,) = Path(".lab/reports").iterdir()
    assert "hunter2-secret" not in report.read_text()


# -- machines that stand

LATER = "99999999999"
BUSY = {**marks(os.getpid()), "lab.expires": LATER}
DEAD = {**BUSY, "lab.owner": "me@here:999999999"}  # no such process
UP = {**DEAD, "lab.lasting": "me"}
THEIRS = {**DEAD, "lab.lasting": "you"}
NETWORK = Leftover("network", "n1", "lab-1-lan", {"lab.run": "1", "lab.scenario": "pass-a", **UP})


def engine_with(*things: Leftover, stuck: frozenset[str] = frozenset()) -> FoundEngine:
    return FoundEngine(list(things), stuck)


def test_shell_runs_on_the_machine_that_stands(lab: Call, parts: FakeParts) -> None:
    parts.engine = engine_with(container("1", "a", **UP), container("2", "a", **BUSY))
    assert lab("shell", "a", "--", "getent", "-s", "x").status == 7
    assert ("interact", "lab-1-a", ("getent", "-s", "x")) in parts.calls


def test_shell_asks_which_where_several_stand(lab: Call, parts: FakeParts) -> None:
    parts.engine = engine_with(container("1", "a", **UP), container("2", "a", **UP))
    answer = lab("shell", "a")
    assert answer.status == ExitStatus.BAD_INPUT
    assert "--of" in answer.err
    assert lab("shell", "a", "--of", "2").status == 7
    assert parts.calls[-1][1] == "lab-2-a"


def test_shell_names_the_machines_there_are(lab: Call, parts: FakeParts) -> None:
    parts.engine = engine_with(container("1", "talker", **UP))
    answer = lab("shell", "takler")
    assert "did you mean `talker`" in answer.err


def test_up_twice_is_refused(lab: Call, parts: FakeParts) -> None:
    parts.engine = engine_with(container("1", "a", **UP))
    answer = lab("up", "pass-a")
    assert answer.status == ExitStatus.BAD_INPUT
    assert "lab down pass-a" in answer.err


def test_down_takes_down_what_stands_and_only_that(lab: Call, parts: FakeParts) -> None:
    busy = container("2", "a", **BUSY)
    parts.engine = engine_with(NETWORK, container("1", "a", **UP), busy)
    answer = lab("down")
    assert parts.engine.things == [busy]
    assert answer.out == "pass-a is down (2 things removed)\n"


def test_what_stands_for_others_is_theirs(lab: Call, parts: FakeParts) -> None:
    theirs = container("2", "a", **THEIRS)
    parts.engine = engine_with(theirs, container("1", "a", **UP))
    assert lab("shell", "a").status == 7
    assert parts.calls[-1][1] == "lab-1-a"
    lab("clean", "--all")
    assert parts.engine.things == [theirs]
    assert "nothing is up" in lab("down").out
    assert lab("up", "pass-a").status == ExitStatus.PASSED
    assert "it stands for you" in lab("clean").out
    assert "is down" in lab("down", "2").out  # by its run, which names it alone
    assert parts.engine.things == []


def test_what_cannot_be_removed_does_not_keep_the_rest(lab: Call, parts: FakeParts) -> None:
    parts.engine = engine_with(NETWORK, container("1", "a", **UP), stuck=frozenset({"lab-1-a"}))
    answer = lab("down", "pass-a")
    assert answer.status == ExitStatus.ERROR
    assert "container lab-1-a: device or resource busy" in answer.err
    assert [thing.name for thing in parts.engine.things] == ["lab-1-a"]


def test_clean_removes_what_is_dead_and_nothing_else(lab: Call, parts: FakeParts) -> None:
    up, busy = container("1", "a", **UP), container("2", "a", **BUSY)
    elsewhere = {"lab.owner": "me@other:1", "lab.process": "other/1", "lab.expires": LATER}
    parts.engine = engine_with(
        up,
        busy,
        container("3", "a", **DEAD),
        container("4", "a", **elsewhere),
        container("5", "a", **{**elsewhere, "lab.owner": "me@other:2", "lab.expires": "1"}),
        container("6", "a"),  # nobody's
    )

    def there() -> list[str]:
        return [thing.labels["lab.run"] for thing in parts.engine.things]

    answer = lab("clean", "--dry-run")
    assert "pass-a (run 3, of me@here:999999999): container lab-3-a" in answer.out
    assert ("2 things would be removed" in answer.out, len(there())) == (True, 6)
    answer = lab("clean")
    assert there() == ["1", "2", "4", "6"]
    assert "2 things of 2 runs removed" in answer.out
    assert "pass-a stays: me@other:1 is at work on it (run 4)" in answer.out
    lab("clean", "--all")
    assert there() == ["2", "4", "6"]


def test_clean_tells_what_stays_also_where_something_cannot_be_removed(
    lab: Call, parts: FakeParts
) -> None:
    dead, up = container("3", "a", **DEAD), container("1", "a", **UP)
    parts.engine = engine_with(dead, up, stuck=frozenset({"lab-3-a"}))
    answer = lab("clean")
    assert answer.status == ExitStatus.ERROR
    assert "container lab-3-a: device or resource busy" in answer.err
    assert "it stands for me" in answer.out


def test_clean_removes_images_only_when_asked(lab: Call, parts: FakeParts) -> None:
    parts.engine = engine_with(Leftover("image", "i", "lab:1", {"lab.run": "x", **DEAD}))
    parts.engine.things[0] = Leftover("image", "i", "lab:1", {"lab.run": "x", **UP})
    lab("clean")
    assert parts.engine.things
    assert "1 image removed" in lab("clean", "--images").out
    assert not parts.engine.things


def test_logs_of_one_machine_are_its_bytes(lab: Call, parts: FakeParts) -> None:
    parts.engine = engine_with(container("1", "a", **UP))
    assert lab("logs", "a").out == "first of lab-1-a\n\x1b[31mhalf"


@pytest.mark.parametrize("follow", [(), ("-f",)])
def test_logs_of_all_are_escaped_lines(
    lab: Call, parts: FakeParts, follow: tuple[str, ...]
) -> None:
    parts.engine = engine_with(container("1", "a", **UP), container("1", "b", **UP))
    said = lab("logs", *follow).out.splitlines()
    assert sorted(said) == [
        r"a | \x1b[31mhalf",
        "a | first of lab-1-a",
        r"b | \x1b[31mhalf",
        "b | first of lab-1-b",
    ]


# -- the rest


def test_build_options(lab: Call, parts: FakeParts) -> None:
    assert lab("build", "--base", "debian:trixie", "--force").out == "lab:1\n"
    assert ("build", BuildOptions("debian:trixie", force=True)) in parts.calls


def test_doctor_tells_of_leftovers_and_leaves_no_network(lab: Call, parts: FakeParts) -> None:
    parts.engine = engine_with(container("3", "a", **DEAD))
    answer = lab("doctor")
    assert "warn  leftovers  1 thing of 1 dead run" in answer.out
    assert "-> lab clean" in answer.out
    assert parts.engine.networks == []


@pytest.mark.parametrize(
    ("unbounded", "said"),
    [
        ((), "ok    limits     memory, processes and processors of machines are kept to"),
        (("pids", "memory"), "warn  limits     the engine keeps none of: memory, pids"),
    ],
)
def test_doctor_tells_which_limits_are_not_kept(
    lab: Call, parts: FakeParts, unbounded: tuple[str, ...], said: str
) -> None:
    parts.engine.unbounded = frozenset(unbounded)
    answer = lab("doctor")
    assert said in answer.out.splitlines()
    assert ("strangers" in answer.out) is bool(unbounded)


def test_show_with_its_plan(lab: Call) -> None:
    out = lab("show", "pass-a", "--plan").out
    assert "lan (ipv6)" in out
    assert "plan for Engine 28.5.2 at unix:///fake.sock" in out
    assert "  [1] create-node a (pass-a.yaml:1:1)" in out


def test_showing_without_a_plan_asks_no_engine(lab: Call, parts: FakeParts) -> None:
    assert "plan" not in lab("show", "pass-a").out
    assert not [call for call in parts.calls if call[0] == "connect"]


def test_a_plan_without_an_engine_is_for_one_of_today(lab: Call, parts: FakeParts) -> None:
    parts.no_engine = EngineError("no Docker Engine: there is no socket")
    answer = lab("show", "pass-a", "--plan")
    title = "plan for Engine 28, as none is at hand: no Docker Engine: there is no socket"
    assert title in answer.out
    assert ("plan", "28") in parts.calls
    assert answer.status == ExitStatus.PASSED


def test_a_plan_for_an_engine_that_was_named_is_for_no_other(lab: Call, parts: FakeParts) -> None:
    assert "plan for Engine 28.5.2" in lab("show", "pass-a", "--engine", "tcp://x").out
    assert [call[1].url for call in parts.calls if call[0] == "connect"] == ["tcp://x"]
    parts.no_engine = EngineError("nobody answers at tcp://x")
    assert lab("show", "pass-a", "--engine", "tcp://x").status == ExitStatus.ERROR


def test_list_as_json(lab: Call) -> None:
    lines = [json.loads(line) for line in lab("list", "--json").out.splitlines()]
    assert lines[2]["case"] == "pass-a"
    assert lines[2]["tags"] == ["guide", "udp"]


def test_a_piped_list_cuts_no_intent(lab: Call) -> None:
    assert "pass-b[x=2]  guide,matrix  pass-b[x=2] must be" in lab("list").out
