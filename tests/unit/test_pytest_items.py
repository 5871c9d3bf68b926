"""`pytest scenarios/`: what becomes an item, what it comes to, and what pytest says of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any
from xml.etree import ElementTree

import pytest

from lab.records.reading import head, read
from lab.records.shelf import Shelf
from lab.result import Keep
from tests.unit.pytest_worlds import DIARY, NO_ENGINE, diary, made_project, write

HEAD = "networks: {lan: {family: ipv6}}\n"
NODE = "nodes: {a: {image: any, args: [echo, hi], networks: [lan]}}\n"
PASS = f'intent: it must say hi\n{HEAD}{NODE}expect: {{a: {{stdout: "hi\\n"}}}}\n'
FAIL = PASS.replace('"hi', '"ho')  # seen at line 4
ERROR = PASS.replace("echo, hi", "nosuch")
SKIP = f'requires: ["engine>=99"]\n{PASS}'
MATRIX = PASS.replace("echo, hi", 'echo, "${word}"').replace('"hi', '"${word}') + (
    "matrix: {word: [hi, ho]}\n"
)
SPEAKER = """summary: says what it is told
usage: speaker PROGRAM WORD
command: [speaker]
arguments: [PROGRAM, WORD]
options: {}
example: [echo, hi]
ports: []
ends: true
"""
BROKEN = "nodes:\n  a: {servce: x}\n  b: {image: any, cuont: 2}\n"


@pytest.fixture(name="project")
def _project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    return made_project(pytester, monkeypatch)


def items(result: pytest.RunResult) -> list[str]:
    """The ids that `--collect-only -q` lists."""
    return [line for line in result.outlines if "::" in line]


# -- what is collected -----------------------------------------------------------------------


def test_every_case_is_an_item(project: pytest.Pytester) -> None:
    write(project, one=PASS, words=MATRIX)
    result = project.runpytest("scenarios", "--collect-only", "-q")
    assert items(result) == [
        "scenarios/one.yaml::one",
        "scenarios/words.yaml::words[word=hi]",
        "scenarios/words.yaml::words[word=ho]",
    ]
    assert diary(project) == []  # nothing is opened for it


@pytest.mark.parametrize(
    ("arguments", "setting", "found"),
    [
        ("scenarios", "", {"one", "deep", "tidy"}),
        ("scenarios/more", "", {"deep"}),
        ("scenarios/one.yaml", "", {"one"}),
        ("scenarios/one.yaml::one", "", {"one"}),
        ("scenarios/words.yaml::words[word=ho]", "", {"words[word=ho]"}),
        ("scenarios/words.yaml::words", "", {"words[word=hi]", "words[word=ho]"}),
        ("", "", set()),
        (".", "", set()),
        ("other", "", set()),
        ("other/three.yaml", "", {"three"}),
        ("other/cloud.yaml", "", set()),
        ("", "testpaths = scenarios", {"one", "deep", "tidy"}),
        ("", "lab_scenarios = other/three.yaml", {"three"}),
        (".", "lab_scenarios = other/three.yaml scenarios/more", {"three", "deep"}),
        ("scenarios", "lab_scenarios = other/three.yaml", set()),
        ("scenarios", "lab_scenarios =", set()),
    ],
)
def test_what_is_collected_is_what_was_asked_for(
    project: pytest.Pytester, arguments: str, setting: str, found: set[str]
) -> None:
    write(project, one=PASS, tidy=PASS, words=MATRIX)
    if "words" not in arguments:
        (project.path / "scenarios" / "words.yaml").unlink()
    write(project, "scenarios/more", deep=PASS)
    write(project, "other", three=PASS, cloud="stages:\n  - nodes: 3\n")
    write(project, "scenarios", **{".hidden": "no scenario"})
    project.makeini(f"[pytest]\n{setting}\n")
    result = project.runpytest(*arguments.split(), "--collect-only", "-q")
    assert {name.partition("::")[2] for name in items(result)} == found
    assert "error" not in result.outlines[-1]  # nor was anything else tried


def test_folders_of_that_name_are_nothing_special_outside_of_a_project(
    project: pytest.Pytester,
) -> None:
    (project.path / "services").rmdir()
    write(project, one=PASS)
    assert items(project.runpytest("scenarios", "--collect-only", "-q")) == []


def test_mistakes_are_told_at_their_places_without_a_traceback(project: pytest.Pytester) -> None:
    write(project, broken=BROKEN, one=PASS)
    result = project.runpytest("scenarios")
    assert result.ret is pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(
        [
            "* ERROR collecting scenarios/broken.yaml *",
            "scenarios/broken.yaml:1:1: a scenario needs *intent*",
            '*scenarios/broken.yaml:2:7: a node has no key "servce"',
            "    a: {servce: x}",
            "        ^^^^^^",
            '  help: did you mean "service"?',
            '*scenarios/broken.yaml:3:19: a node has no key "cuont"',
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert ".py" not in result.stdout.str()


def test_a_replacement_that_cannot_be_one_is_told(project: pytest.Pytester) -> None:
    write(project, one=PASS)
    result = project.runpytest("scenarios", "--lab-use", "listener")
    result.stdout.fnmatch_lines(["--lab-use listener", "help: write --lab-use listener=*"])


# -- selecting -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selection", "found"),
    [
        (("-m", "udp"), {"one"}),
        (("-m", "fact-3"), {"one"}),
        (("-m", "not udp"), {"two", "three"}),
        (("-m", "lab_scenario"), {"one", "two", "three"}),
        (("-k", "fact-4"), {"two"}),
        (("-k", "two or three"), {"two", "three"}),
        (("-m", "skip"), set()),
        (("-k", "skip"), {"three"}),
    ],
)
def test_tags_select(project: pytest.Pytester, selection: tuple[str, str], found: set[str]) -> None:
    tagged = {"one": "[udp, fact-3]", "two": "[tcp, fact-4]", "three": "[skip, timeout]"}
    write(project, **{name: f"tags: {tags}\n{PASS}" for name, tags in tagged.items()})
    result = project.runpytest("scenarios", "--collect-only", "-q", "--strict-markers", *selection)
    assert {name.partition("::")[2] for name in items(result)} == found
    assert not any("warning" in line.lower() for line in result.outlines)


def test_a_tag_does_nothing_but_select(project: pytest.Pytester) -> None:
    write(project, one=f"tags: [skip, xfail, skipif, usefixtures, timeout, docker]\n{PASS}")
    project.runpytest("scenarios").assert_outcomes(passed=1)


# -- what it comes to ------------------------------------------------------------------------


def test_each_verdict_is_an_outcome_of_its_own(project: pytest.Pytester) -> None:
    write(project, error=ERROR, fail=FAIL, good=PASS, skip=SKIP)
    result = project.runpytest("scenarios", "-rA", "-v")
    result.assert_outcomes(passed=1, failed=1, errors=1, skipped=1)
    assert result.ret is pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "scenarios/error.yaml::error ERROR *",
            "scenarios/fail.yaml::fail FAILED *",
            "scenarios/good.yaml::good PASSED *",
            "scenarios/skip.yaml::skip SKIPPED (*engine>=99*",
        ]
    )
    assert diary(project) == ["open None services", "close, 0 left"]


def test_a_failure_is_what_lab_run_prints(project: pytest.Pytester) -> None:
    write(project, fail=FAIL)
    result = project.runpytest("scenarios")
    result.stdout.fnmatch_lines(
        [
            "*_ fail _*",
            "a: line 1 of stdout is hi, not ho; it exited 0",
            "",
            "FAIL  fail  * s",
            "  it must say hi",
            "",
            "  scenarios/fail.yaml:4:22",
            '    expect: {a: {stdout: "ho\\n"}}',
            "*^^^^^^",
            "  a: line 1 of stdout is hi, not ho; it exited 0",
            "*",
            "    - ho * + hi",
            "*",
            "  run it again and keep its machines: lab run fail --keep",
            "FAILED scenarios/fail.yaml::fail - Failed: a: line 1 of stdout is hi, not ho*",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert ".py" not in result.stdout.str()


def test_an_error_tells_that_the_lab_cannot_tell(project: pytest.Pytester) -> None:
    write(project, error=ERROR)
    result = project.runpytest("scenarios")
    result.stdout.fnmatch_lines(
        ["*= ERRORS =*", "a: cannot run nosuch: No such file*", "", "ERROR error  * s"]
    )
    assert "FAIL" not in result.stdout.str()


@pytest.mark.parametrize(("text", "line"), [(FAIL, 4), (ERROR, 3)])
def test_the_place_of_an_outcome_is_the_line_that_asked(
    project: pytest.Pytester, text: str, line: int
) -> None:
    write(project, one=text)
    (report,) = project.inline_run("scenarios").getfailures()
    shown: Any = report.longrepr
    crash = shown.reprcrash  # what summaries, annotations and --tb=line go by
    assert (crash.path, crash.lineno) == (str(project.path / "scenarios/one.yaml"), line)
    assert crash.message.startswith("Failed: a: ")


def test_an_item_is_where_its_intent_is(project: pytest.Pytester) -> None:
    write(project, one=f"# of two lines\ntags: [x]\n{PASS}", skip=f"\n{SKIP}")
    (first, second) = project.inline_genitems("scenarios")[0]
    assert first.location == ("scenarios/one.yaml", 2, "one")
    assert second.location == ("scenarios/skip.yaml", 2, "skip")
    result = project.runpytest("scenarios/skip.yaml", "-rs", "--no-fold-skipped")
    result.stdout.fnmatch_lines(["SKIPPED*scenarios/skip.yaml*engine>=99*"])


def test_reports_keep_what_it_came_to(project: pytest.Pytester) -> None:
    write(project, error=ERROR, fail=FAIL, words=MATRIX)
    project.runpytest("scenarios", "--junitxml=junit.xml")
    suite = ElementTree.parse(project.path / "junit.xml").find("testsuite")
    assert suite is not None
    assert [suite.get(name) for name in ("tests", "errors", "failures")] == ["4", "1", "1"]
    cases = {case.get("name", ""): case for case in suite.iter("testcase")}
    assert cases["error"].find("error") is not None
    assert cases["fail"].find("failure") is not None
    found = {
        each.get("name"): each.get("value") for each in cases["words[word=ho]"].iter("property")
    }
    assert float(found.pop("lab_seconds") or "") > 0
    assert found == {
        "lab_verdict": "PASS",
        "lab_scenario": "words",
        "lab_case": "words[word=ho]",
        "lab_intent": "it must say hi",
        "lab_reason": "",
    }


@pytest.mark.parametrize("workers", ["0", "2"])
def test_what_was_run_is_recorded_as_one_run(project: pytest.Pytester, workers: str) -> None:
    """Also where workers of xdist ran a part each."""
    write(project, error=ERROR, fail=FAIL, good=PASS, skip=SKIP, words=MATRIX)
    result = project.runpytest_subprocess("scenarios", "-n", workers)
    assert "trouble" not in result.stdout.str()
    shelf = Shelf(project.path / ".lab" / "runs")
    [name] = shelf.names()
    run = read(shelf.folder / name, project.path)
    found = [(case.result.case, case.result.verdict.name) for case in run.cases]
    assert found == [
        ("error", "ERROR"), ("fail", "FAIL"), ("good", "PASS"), ("skip", "SKIP"),
        ("words[word=hi]", "PASS"), ("words[word=ho]", "PASS"),
    ]  # fmt: skip
    assert run.cases[1].again == "pytest scenarios/fail.yaml::fail"
    assert not run.interrupted
    assert head(shelf.folder / name).verdicts == {"ERROR": 1, "FAIL": 1, "PASS": 3, "SKIP": 1}


def test_recording_can_be_turned_off_or_done_elsewhere(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, good=PASS)
    project.runpytest("scenarios", "--lab-runs", "off")
    assert not (project.path / ".lab").exists()
    monkeypatch.setenv("LAB_RUNS", "elsewhere")
    project.runpytest("scenarios")
    assert len(Shelf(project.path / "elsewhere").names()) == 1


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize(
    ("word", "kept"),
    [
        ("", {"asks"}),
        ("asked", {"asks"}),
        ("on", {"asks", "fail", "good"}),
        ("failed", {"fail"}),
        ("off", set()),
    ],
)
def test_packets_are_kept_of_the_cases_they_are_wanted_of(
    project: pytest.Pytester, word: str, kept: set[str], workers: str
) -> None:
    asks = PASS.replace('"hi\\n"', '"hi\\n", packets: {never: {protocol: udp}}')
    assert asks != PASS
    write(project, asks=asks, fail=FAIL, good=PASS)
    options = ["--lab-capture", word] if word else []
    result = project.runpytest_subprocess("scenarios", "-n", workers, *options)
    result.assert_outcomes(passed=2, failed=1)
    captures = (project.path / ".lab" / "runs").glob("*/*/capture.pcapng")
    assert sorted(path.parent.name for path in captures) == sorted(kept)
    [plan] = (project.path / ".lab" / "runs").glob("*/good/plan.txt")
    assert ("capture-node a links " in plan.read_text()) is (word in ("on", "failed"))


def test_a_word_that_says_of_which_cases_is_one_of_four(project: pytest.Pytester) -> None:
    write(project, good=PASS)
    result = project.runpytest("scenarios", "--lab-capture", "all")
    assert result.ret is pytest.ExitCode.USAGE_ERROR
    words = ", ".join(keep.value for keep in Keep)
    result.stderr.fnmatch_lines([f"*--lab-capture: 'all': write one of {words}"])
    told = " ".join(project.runpytest("--help").stdout.str().split())
    assert all(f" {keep.value}" in told.partition("--lab-capture=WHEN")[2][:200] for keep in Keep)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_calls_are_recorded_where_that_is_asked_for(project: pytest.Pytester, workers: str) -> None:
    write(project, good=PASS, words=MATRIX)
    for options, again, count in (
        ((), "pytest scenarios/good.yaml::good", 0),
        (("--lab-calls",), "pytest scenarios/good.yaml::good --lab-calls", 3),
    ):
        runs = project.path / f"runs{count}"
        arguments = ("-n", workers, "--lab-runs", str(runs), *options)
        project.runpytest_subprocess("scenarios", *arguments).assert_outcomes(passed=3)
        assert len([*runs.glob("*/*/streams/a.calls")]) == count
        [written] = runs.glob("*/good/again.txt")
        assert written.read_text() == f"{again}\n"


def test_how_it_was_run_is_part_of_how_it_is_run_again(project: pytest.Pytester) -> None:
    """And no option that changes nothing of what happens."""
    (project.path / "services" / "speaker").mkdir()
    (project.path / "services" / "speaker" / "service.yaml").write_text(SPEAKER)
    write(project, fail=FAIL.replace("image: any", "service: speaker"))
    how = ("engine", "tcp://engine.example:1", "use", "speaker=my-image:1", "calls")
    options = [f"--lab-{word}" if word in ("engine", "use", "calls") else word for word in how]
    result = project.runpytest("scenarios", "--lab-capture", "on", *options)
    said = "{0}engine tcp://engine.example:1 {0}use speaker=my-image:1 {0}calls"
    [written] = (project.path / ".lab" / "runs").glob("*/fail/again.txt")
    assert written.read_text() == f"pytest scenarios/fail.yaml::fail {said.format('--lab-')}\n"
    again = f"lab run fail {said.format('--')} --keep"
    result.stdout.fnmatch_lines([f"  run it again and keep its machines: {again}"])


def test_what_was_seen_of_a_case_is_let_go_of(project: pytest.Pytester) -> None:
    """Not kept until the end of a session, by whatever way a case ended."""
    write(project, error=ERROR, fail=FAIL, skip=SKIP, words=MATRIX)
    text = (project.path / "conftest.py").read_text()
    project.makeconftest(
        f"{text}\n"
        "import gc\nimport pytest\n"
        "from lab.result import ScenarioResult\n"
        "from tests.unit.pytest_worlds import note\n"
        "@pytest.hookimpl(wrapper=True)\n"
        "def pytest_sessionfinish(session):\n"
        "    yield\n"  # the recorder has written all
        "    gc.collect()\n"
        "    found = [x for x in gc.get_objects() if isinstance(x, ScenarioResult)]\n"
        "    held = [x.case for x in found if x.capture is not None]\n"
        "    note(f'{len(session.items)} cases, {held} held')\n"
    )
    project.runpytest_subprocess("scenarios", "--lab-capture", "on")
    [held] = [line for line in diary(project) if line.endswith(" held")]
    assert held == "5 cases, [] held"


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_record_that_cannot_be_written_changes_no_outcome(
    project: pytest.Pytester, workers: str
) -> None:
    write(project, good=PASS, fail=FAIL)
    (project.path / ".lab").write_text("no folder")
    result = project.runpytest_subprocess("scenarios", "-n", workers)
    result.assert_outcomes(passed=1, failed=1)
    assert result.stdout.str().count("the run is not recorded") == 1


def test_a_case_may_be_expected_to_fail(project: pytest.Pytester) -> None:
    write(project, fail=FAIL, error=ERROR)
    project.makeconftest(
        "import pytest\n"
        "from tests.unit.pytest_worlds import pytest_configure\n"
        "def pytest_collection_modifyitems(items):\n"
        "    for item in items:\n"
        "        item.add_marker(pytest.mark.xfail(reason='known'))\n"
    )
    project.runpytest("scenarios").assert_outcomes(xfailed=2)


def test_nothing_is_run_to_show_what_would_be(project: pytest.Pytester) -> None:
    write(project, one=PASS)
    assert project.runpytest("scenarios", "--setup-plan").ret is pytest.ExitCode.OK
    assert diary(project) == []


# -- one world -------------------------------------------------------------------------------


def test_what_was_chosen_is_opened_and_told_of(project: pytest.Pytester) -> None:
    write(project, one=PASS, two=PASS)
    result = project.runpytest("scenarios", "--lab-engine", "tcp://engine.example:1")
    assert diary(project) == ["open tcp://engine.example:1 services", "close, 0 left"]
    result.stdout.fnmatch_lines(["*lab: the image is being built"])


def test_an_engine_that_does_not_answer_is_asked_once(project: pytest.Pytester) -> None:
    write(project, one=PASS, two=PASS, three=PASS)
    result = project.runpytest("scenarios", "--lab-engine", NO_ENGINE)
    result.assert_outcomes(errors=3)
    result.stdout.fnmatch_lines(["no engine answers", "help: start one"])
    assert diary(project) == [f"open {NO_ENGINE} services"]
    assert ".py" not in result.stdout.str()


def test_cases_run_side_by_side_with_xdist(project: pytest.Pytester) -> None:
    write(project, **{f"case_{number}": PASS for number in range(4)}, error=ERROR, fail=FAIL)
    result = project.runpytest_subprocess("scenarios", "-n", "2", "--dist", "loadfile", "-rfE")
    result.assert_outcomes(passed=4, failed=1, errors=1)
    result.stdout.fnmatch_lines(["FAILED *::fail - Failed: a: line 1 of stdout is hi, not ho*"])
    told = diary(project)
    assert sorted(set(told)) == ["close, 0 left", "open None services"]
    assert 1 <= told.count("open None services") == told.count("close, 0 left") <= 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_what_runs_and_leaves_nothing(
    project: pytest.Pytester, number: signal.Signals
) -> None:
    write(project, one=PASS, runs=f"timeout: 10m\n{PASS.replace('echo, hi', 'ready')}", two=PASS)
    path = project.path / DIARY
    os.mkfifo(path)
    # Opened for both, so that it has no end between one writer and the next.
    with os.fdopen(os.open(path, os.O_RDWR), "r+b", buffering=0) as told:
        with project.popen(
            [sys.executable, "-m", "pytest", "scenarios", "-v"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            try:
                assert [told.readline() for _ in range(2)] == [b"open None services\n", b"ready\n"]
                process.send_signal(number)
                said, _ = process.communicate()
            finally:
                process.kill()
        assert process.returncode == pytest.ExitCode.INTERRUPTED, said
        assert told.readline() == b"close, 0 left\n"
    assert b"one.yaml::one PASSED" in said
    assert b"two.yaml::two" not in said


# -- whom it does not concern ----------------------------------------------------------------


def test_where_nobody_asks_for_a_scenario_nothing_of_it_is_imported(
    project: pytest.Pytester,
) -> None:
    write(project, one=PASS, broken=BROKEN)
    (project.path / "conftest.py").unlink()
    project.makepyfile(
        "import sys\n"
        "def test_it():\n"
        "    found = {name for name in sys.modules if name.split('.')[0] == 'lab'}\n"
        "    assert found <= {'lab', 'lab.pytest_plugin', 'lab.pytest_plugin.plugin',"
        " 'lab.pytest_plugin.asked', 'lab.project', 'lab.errors'}, found\n"
        "    assert not {'yaml', 'docker', 'requests', 'click', 'rich'}"
        " & set(sys.modules)\n"
    )
    result = project.runpytest_subprocess("-p", "no:testinfra", "--strict-config")
    result.assert_outcomes(passed=1)
