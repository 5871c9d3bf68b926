"""What `lab run` leaves in writing and `lab report` renders, from end to end without Docker."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from lab.cli.commands.run import command as run_command
from lab.cli.suites import Plan
from lab.errors import EngineError, ExitStatus
from lab.records.reading import read
from lab.report.formats import FORMATS
from tests.corpus.reports.examples import RESULTS
from tests.corpus.reports.wire import CAPTURE
from tests.unit.cli_fakes import Call, FakeParts, caller, project
from tests.unit.test_report_formats import SCHEMA


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
        tmp_path / "project", pass_a="udp", pass_b="matrix", fail_c="x", error_d="x", evil_e="x",
        skip_f="x",
    )  # fmt: skip
    monkeypatch.chdir(root)
    return caller(parts, capfd)


def runs() -> list[Path]:
    return sorted(Path(".lab/runs").glob("2*"))


# -- the record --------------------------------------------------------------------------------


def test_every_run_is_recorded_and_a_pass_says_nothing_of_it(lab: Call) -> None:
    answer = lab("run", "pass-a")
    assert ".lab" not in answer.out + answer.err
    (run,) = runs()
    assert (run / "pass-a" / "record.json").is_file()
    assert json.loads((run / "run.json").read_text())["verdicts"] == {"PASS": 1}


def test_a_run_that_went_wrong_says_where_all_of_it_is(lab: Call) -> None:
    answer = lab("run", "all")
    (run,) = runs()
    assert answer.out.endswith(f"all that is known of it is in {run}\n")
    assert answer.status == ExitStatus.FAILED


@pytest.mark.parametrize("way", ["option", "variable"])
def test_recording_can_be_turned_off(lab: Call, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    if way == "variable":
        monkeypatch.setenv("LAB_RUNS", "off")
    more = ("--runs", "off") if way == "option" else ()
    assert lab("run", "fail-c", *more).status == ExitStatus.FAILED
    assert not Path(".lab/runs").exists()


def test_runs_go_where_they_are_wanted_and_as_many_as_are(lab: Call, tmp_path: Path) -> None:
    for _ in range(3):
        lab("run", "pass-a", "--runs", str(tmp_path / "here"), "--runs-kept", "2")
    assert len(list((tmp_path / "here").glob("2*"))) == 2
    assert not Path(".lab/runs").exists()


def test_a_record_that_cannot_be_written_changes_no_verdict(lab: Call) -> None:
    Path(".lab").write_text("a file, and no folder")
    answer = lab("run", "pass-a", "pass-b")
    assert answer.status == ExitStatus.PASSED
    assert answer.err.count("trouble:") == 1
    assert "3 passed" in answer.out


def test_what_was_run_is_run_again_as_it_was(lab: Call) -> None:
    given = ["--timeout", "2.5s", "--use", "a=b c", "--start-engine", "--stress", "--seed", "7"]
    others = ["-v", "--no-live", "--jobs", "2", "--report", "tap=x.tap", "--repeat", "2", "-x"]
    lab("run", "pass-b[x=2]", *given, *others)
    (run,) = runs()
    said = next(run.glob("pass-b,x=2*/again.txt")).read_text()
    words = shlex.split(said)
    assert words[:3] == ["lab", "run", "pass-b[x=2]"]
    rest = ["--timeout", "2.5", "--use", "a=b c", "--start-engine", "--stress", "--seed", "7"]
    assert sorted(words[3:]) == sorted(rest)
    run_command.make_context("run", words[2:])  # the command line can be read


def test_how_a_run_is_shown_and_kept_is_not_repeated(lab: Call) -> None:
    lab("run", "pass-a", "fail-c", "--keep", "--json", "--tag", "x", "--runs-kept", "3")
    (run,) = runs()
    assert (run / "fail-c" / "again.txt").read_text() == "lab run fail-c\n"


def test_a_failure_tells_the_options_to_run_it_again_with(lab: Call) -> None:
    answer = lab("run", "fail-c", "--timeout", "3s", "-v")
    assert "run it again and keep its machines: lab run fail-c --timeout 3 --keep" in answer.out


@pytest.mark.parametrize(("options", "count"), [([], 0), (["--calls"], 2)])
def test_every_machine_is_traced_where_that_is_asked_for(
    lab: Call, options: list[str], count: int
) -> None:
    lab("run", "fail-c", *options)
    (run,) = runs()
    assert (run / "fail-c" / "plan.txt").read_text().count("trace-node") == count
    assert (run / "fail-c" / "again.txt").read_text().strip() == " ".join(
        ["lab run fail-c", *options]
    )


@pytest.mark.parametrize(
    ("given", "formats"),
    [
        ([], ()),
        (["--report", "junit=x"], ("junit",)),
        (["--report", "html=x", "--report", "tap=y"], ("html", "tap")),
    ],
)
def test_a_run_knows_which_reports_will_be_made_of_it(
    lab: Call, parts: FakeParts, given: list[str], formats: tuple[str, ...]
) -> None:
    lab("run", "pass-a", "--capture", "on", *given)
    options = next(call[2] for call in parts.calls if call[0] == "run")
    assert options.formats == formats
    found = replace(RESULTS["pass"], capture=CAPTURE)
    assert (Plan((), options).remains(found).capture is not None) is ("html" in formats)


def test_what_github_is_shown_is_a_report_too(
    lab: Call, parts: FakeParts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    lab("run", "pass-a")
    options = next(call[2] for call in parts.calls if call[0] == "run")
    assert options.formats == ("github", "markdown")


# -- reports beside a run ----------------------------------------------------------------------


def test_reports_are_written_beside_what_is_printed(lab: Call) -> None:
    wanted = {name: Path("out") / "deep" / f"r.{name}" for name in FORMATS}
    options = [f"--report={name}={path}" for name, path in wanted.items()]
    answer = lab("run", "all", *options)
    assert "7 scenarios" in answer.out
    SCHEMA.validate(str(wanted["junit"]))
    assert wanted["tap"].read_text().startswith("TAP version 14\n1..7\n")
    assert wanted["github"].read_text().count("::error ") == 3
    assert wanted["markdown"].read_text().startswith("## Socket Lab: 7 scenarios")
    verdicts = [json.loads(line)["verdict"] for line in wanted["jsonl"].read_text().splitlines()]
    assert verdicts == ["ERROR", "FAIL", "FAIL", "PASS", "PASS", "PASS", "SKIP"]
    printed = answer.out.partition("7 scenarios")[0]
    assert wanted["text"].read_text().startswith(printed)
    assert {path.name for path in Path("out/deep").iterdir()} == {f"r.{name}" for name in FORMATS}


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_on_standard_output_is_alone_there(lab: Call, name: str) -> None:
    answer = lab("run", "all", "--report", f"{name}=-")
    assert answer.status == ExitStatus.FAILED
    assert answer.err == ""
    again = lab("report", "--format", name)
    if name in ("jsonl", "github"):  # the others say how long the whole run took, and where it is
        assert again.out == answer.out
    assert len(again.out.splitlines()) == len(answer.out.splitlines())


@pytest.mark.parametrize(
    "options",
    [
        ("--report", "junit=-", "--report", "tap"),
        ("--json", "--report", "tap=-"),
        ("--report", "pdf=x"),
        ("--report", "junit=."),
        ("--report", "junit=scenarios/pass-a.yaml/x"),
    ],
)
def test_reports_that_cannot_be_are_refused_before_anything_runs(
    lab: Call, parts: FakeParts, options: tuple[str, ...]
) -> None:
    answer = lab("run", "pass-a", *options)
    assert answer.status == ExitStatus.BAD_INPUT
    assert "help: " in answer.err
    assert not [call for call in parts.calls if call[0] == "run"]


def test_json_and_reports_in_files_go_together(lab: Call) -> None:
    answer = lab("run", "all", "--json", "--report", "tap=x.tap")
    assert len([json.loads(line) for line in answer.out.splitlines()]) == 7
    assert Path("x.tap").is_file()


def test_a_report_may_go_into_a_pipe(lab: Call, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        lab("run", "pass-a", "--report", f"tap={tmp_path / 'pipe'}")
        assert os.read(reading, 100).startswith(b"TAP version 14")
    finally:
        os.close(reading)


def test_where_no_engine_answers_the_reports_say_so(lab: Call, parts: FakeParts) -> None:
    parts.no_engine = EngineError("no engine answers", help="start it")
    answer = lab("run", "all", "--report", "junit=x.xml")
    assert answer.status == ExitStatus.ERROR
    assert answer.err.count("no engine answers") == 1
    root = ET.parse("x.xml").getroot()
    assert (root.get("tests"), root.get("errors")) == ("7", "7")
    assert {error.get("message") for error in root.iter("error")} == {"no engine answers"}


def test_an_interrupted_run_has_its_reports(lab: Call, parts: FakeParts) -> None:
    parts.interrupted = True
    assert lab("run", "all", "--report", "tap=x.tap").status == ExitStatus.INTERRUPTED
    assert "Bail out!" in Path("x.tap").read_text()
    (run,) = runs()
    assert read(run, Path.cwd()).interrupted


# -- GitHub ------------------------------------------------------------------------------------


@pytest.fixture(name="github")
def _github(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """As its runner sets things; the file for the summary."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    return summary


def test_github_gets_annotations_and_a_summary(lab: Call, github: Path) -> None:
    answer = lab("run", "all")
    errors = [line for line in answer.out.splitlines() if line.startswith("::error ")]
    assert len(errors) == 3
    assert all("file=project/scenarios/" in line or "file=scenarios/" in line for line in errors)
    assert github.read_text().startswith("before\n## Socket Lab: 7 scenarios")


def test_nothing_a_program_wrote_is_a_command_of_github(lab: Call, github: Path) -> None:
    lines = lab("run", "all").out.splitlines()
    token = lines[0].removeprefix("::stop-commands::")
    assert len(token) == 32
    end = lines.index(f"::{token}::")
    assert token not in "".join(lines[1:end])
    assert any("7 scenarios" in line for line in lines[:end])
    assert all(line.startswith(("::error ", "::warning ")) for line in lines[end + 1 :])


def test_lines_of_json_are_left_alone_on_github(lab: Call, github: Path) -> None:
    answer = lab("run", "all", "--json")
    assert len([json.loads(line) for line in answer.out.splitlines()]) == 7
    assert answer.err.count("::error ") == 3


def test_an_earlier_run_is_shown_in_quotes_on_github(lab: Call, github: Path) -> None:
    lab("run", "all")
    lines = lab("report").out.splitlines()
    assert lines[0].startswith("::stop-commands::")
    assert lines[-1] == f"::{lines[0].removeprefix('::stop-commands::')}::"


def test_a_summary_that_cannot_be_written_changes_no_status(
    lab: Call, github: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(github.parent))
    answer = lab("run", "pass-a")
    assert answer.status == ExitStatus.PASSED
    assert "trouble: the summary" in answer.err


# -- earlier runs ------------------------------------------------------------------------------


def test_the_last_run_is_reported_unless_another_is_named(lab: Call) -> None:
    lab("run", "fail-c")
    lab("run", "pass-a")
    first, last = runs()
    assert lab("report").out.startswith("PASS  pass-a")
    assert lab("report", first.name).out.startswith("FAIL  fail-c")
    assert lab("report", str(last / "pass-a")).out.startswith("PASS  pass-a")
    both = lab("report", str(first), str(last), "--format", "tap")
    assert "1..2" in both.out
    assert both.status == ExitStatus.PASSED


def test_a_report_of_an_earlier_run_goes_into_a_file(lab: Call) -> None:
    lab("run", "all")
    assert lab("report", "--format", "junit", "-o", "out/x.xml").out == ""
    SCHEMA.validate("out/x.xml")


def test_paths_of_an_earlier_run_are_seen_from_where_one_stands(
    lab: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab("run", "fail-c")
    monkeypatch.chdir("scenarios")
    root = ET.fromstring(lab("report", "--format", "junit").out)
    assert [suite.get("file") for suite in root] == ["fail-c.yaml"]


def test_the_runs_there_are(lab: Call) -> None:
    lab("run", "all")
    lab("run", "pass-a")
    (runs()[0] / "run.json").write_text("")
    head, first, last = lab("report", "--list").out.splitlines()
    assert head.split() == ["RUN", "WHEN", "TOOK", "CASES"]
    assert first.endswith("no record")
    assert last.endswith("1 case: 1 PASS")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("report",), ExitStatus.NOTHING, "no run is recorded"),
        (("report", "--list"), ExitStatus.NOTHING, "no run is recorded"),
        (("report", "2026"), ExitStatus.BAD_INPUT, "no run is called `2026`"),
        (("report", "scenarios"), ExitStatus.BAD_INPUT, "no record of a run"),
        (("report", "--runs", "off"), ExitStatus.BAD_INPUT, "turned off"),
        (("report", "--format", "pdf"), ExitStatus.BAD_INPUT, "junit"),
    ],
)
def test_what_cannot_be_reported(
    lab: Call, arguments: tuple[str, ...], status: ExitStatus, said: str
) -> None:
    answer = lab(*arguments)
    assert answer.status == status
    assert said in answer.err


def test_a_beginning_that_several_runs_have_is_refused(lab: Call) -> None:
    lab("run", "pass-a")
    lab("run", "pass-a")
    assert "several runs" in lab("report", "2").err
