"""Records of runs: complete, read back as they were written, in nobody's way."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lab.catalog import Catalog
from lab.errors import UsageError
from lab.events import Call, Capture, Packet, ProcessRecord, Times
from lab.loader import load, load_text
from lab.records import codec, folder
from lab.records.effective import effective
from lab.records.pcapng import pcapng
from lab.records.reading import Head, head, read, together
from lab.records.recorder import Circumstances, Recorder
from lab.records.shelf import Shelf, new_name
from lab.records.timed import LINES, timed, times_of
from lab.records.unpacking import unpacked
from lab.report.formats import FORMATS, render
from lab.report.run import ReportedCase, ReportedRun
from lab.result import (
    CaseBegan,
    CaseEnded,
    CaseRemoved,
    NodeResult,
    OutputSeen,
    ScenarioResult,
)
from lab.story.telling import story
from tests.corpus.reports.examples import PATH, RESULTS, TALKER, ended
from tests.corpus.reports.timed import TIMED
from tests.corpus.reports.wire import CAPTURE
from tests.unit.cli_fakes import FoundEngine, scenario
from tests.unit.test_report_formats import PAGE, results

ROOT = Path(__file__).parents[2]
hostile = settings(
    max_examples=40, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate)
)


# -- a result, written and read ----------------------------------------------------------------


@hostile
@given(results)
def test_a_result_comes_back_whole(found: ScenarioResult) -> None:
    found = replace(found, nodes=tuple(_named(found.nodes)))
    written = json.loads(folder.as_json(codec.encode(found, Path.cwd())))
    files = {
        name: cast("bytes", getattr(program, stream))
        for name, (program, stream) in codec.streams(found).items()
    }
    assert len(files) == 2 * sum(1 + len(node.visitors) for node in found.nodes)
    reading = codec.Reading({**files, **codec.calls(found)}.__getitem__, Path)
    assert codec.decode(written, reading) == found


def _named(nodes: tuple[NodeResult, ...]) -> Iterator[NodeResult]:
    """As nodes of a run are: no two of one name."""
    for number, node in enumerate(nodes):
        visitors = tuple((f"{number}{name}", program) for name, program in node.visitors)
        yield replace(node, node=f"{number}{node.node}", visitors=visitors)


def test_calls_come_back_each_on_a_line_of_its_own() -> None:
    call = Call(12.5, 7, "recvfrom", ("3", '"\\n\udcff\u2028"...'), None, "EAGAIN", 0.25, 99)
    node, *rest = RESULTS["pass"].nodes
    traced = replace(node.program, calls=(call, Call(13.0, 8, "close")), calls_lost="it died")
    found = replace(RESULTS["pass"], nodes=(replace(node, program=traced), *rest))
    written = json.loads(folder.as_json(codec.encode(found, Path.cwd())))
    files = codec.calls(found)
    assert [(name, data.count(b"\n")) for name, data in files.items()] == [("listener.calls", 2)]
    reading = codec.Reading(lambda name: files.get(name, b""), Path)
    program = codec.decode(written, reading).nodes[0].program
    assert (program.calls, program.calls_lost) == (traced.calls, "it died")


def test_paths_are_written_from_the_root(tmp_path: Path) -> None:
    inside = replace(RESULTS["pass"], path=tmp_path / "scenarios" / "a.yaml")
    assert codec.encode(inside, tmp_path)["path"] == "scenarios/a.yaml"
    outside = replace(RESULTS["pass"], path=Path("/elsewhere/a.yaml"))
    assert codec.encode(outside, tmp_path)["path"] == "/elsewhere/a.yaml"


# -- the directory of a case -------------------------------------------------------------------


def test_a_directory_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="name too long"):
        folder.write(tmp_path, "a", {"x": b"1", "y" * 300: b"2"})
    assert list(tmp_path.iterdir()) == []
    assert folder.write(tmp_path, "a", {"x": b"1", "s/t": b"2"}) == tmp_path / "a"
    assert (tmp_path / "a" / "s" / "t").read_bytes() == b"2"


def test_a_case_that_runs_twice_is_written_twice(tmp_path: Path) -> None:
    names = [folder.write(tmp_path, "a", {"x": b""}).name for _ in range(3)]
    assert names == ["a", "a-2", "a-3"]


@pytest.mark.parametrize(
    ("case", "name"),
    [
        ("udp-ipv6-only", "udp-ipv6-only"),
        ("hello[family=ipv6,n=2]", "hello,family=ipv6,n=2"),
        ("../../etc/x y", "_.._etc_x_y"),
        ("", "_"),
        (".", "_"),
        ("a\x1b[31m\n\udcff", "a_,31m__"),
    ],
)
def test_names_are_safe_in_a_shell_and_below_their_folder(case: str, name: str) -> None:
    assert folder.name_of(case) == name


def test_long_names_are_cut_and_stay_apart() -> None:
    one, two = folder.name_of("x" * 300 + "1"), folder.name_of("x" * 300 + "2")
    assert one != two
    assert len(one) < 150


# -- the folder of runs ------------------------------------------------------------------------


def test_the_oldest_make_room(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "deep" / "runs", keep=3)
    made = [new_name(1_000_000.0 + number) for number in range(6)]
    for name in made:
        with shelf.writing(name) as run:
            (run / "x").mkdir()
    assert shelf.names() == made[-3:]
    assert (shelf.folder / ".gitignore").read_text() == "*\n"


def test_nothing_is_removed_that_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "20261121-084011-123-3f9c.txt").write_text("")
    for number in range(3):
        with Shelf(tmp_path, keep=1).writing(new_name(float(number))):
            pass
    left = {path.name for path in tmp_path.iterdir()}
    assert {"mine", "20261121-084011-123-3f9c.txt"} < left
    assert len(left) == 3


def test_a_run_that_is_being_written_stays(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, keep=1)
    with ExitStack() as stack:
        older = stack.enter_context(shelf.writing(new_name(1.0)))
        for number in range(2, 4):
            with shelf.writing(new_name(float(number))):
                pass
        assert older.is_dir()
    with shelf.writing(new_name(9.0)):
        assert not older.exists()


def test_names_sort_by_time() -> None:
    times = [0.0, 0.001, 0.5, 1.0, 59.999, 86400.0, 1795251684.116]
    heads = [new_name(time)[:-5] for time in times]
    assert heads == sorted(heads)
    assert len(set(heads)) == len(times)


# -- output with its times ---------------------------------------------------------------------


def stream(*chunks: tuple[float, bytes]) -> tuple[bytes, Times]:
    ends, times, data = array("Q"), array("d"), b""
    for at, chunk in chunks:
        data += chunk
        ends.append(len(data))
        times.append(at)
    return data, Times(ends, times)


def program(*chunks: tuple[float, bytes]) -> ProcessRecord:
    data, times = stream(*chunks)
    return replace(ended(data), stdout_times=times)


def test_a_line_has_the_time_it_was_complete() -> None:
    found = program((10.25, b"one\ntw"), (10.5, b"o\n\xff\x1b[2J\\"))
    assert timed(found, "stdout", 10.0) == (
        "  0.250000  one\n"
        "  0.500000  two\n"
        "  0.500000  \\xff\\x1b[2J\\\\\n"
        "... no newline at its end\n"
    )
    assert timed(found, "stderr", 10.0) == ""


def test_output_whose_times_are_not_known_is_still_told() -> None:
    assert timed(ended(b"x\n"), "stdout", 0.0) == "         -  x\n"


def test_endless_output_is_timed_up_to_a_bound() -> None:
    found = timed(program((1.0, b"\n" * (LINES + 7))), "stdout", 0.0)
    assert found.endswith("... 7 more lines\n")
    assert found.count("\n") == LINES + 1


def test_times_come_back_from_their_text() -> None:
    found = program((100.25, b"one\ntw"), (100.5, b"o\n\x1b\n"), (1500.75, b"rest"))
    times = times_of(found.stdout, timed(found, "stdout", 100.0), 100.0)
    assert [times.at(index) for index in (0, 3, 4, 7, 9, 13)] == [
        100.25, 100.25, 100.5, 100.5, 100.5, 1500.75,
    ]  # fmt: skip
    assert times.at(14) is None


def test_times_that_are_not_known_stay_so() -> None:
    found = ended(b"x\n")
    assert times_of(found.stdout, timed(found, "stdout", 0.0), 0.0).at(0) is None
    with pytest.raises(ValueError, match="float"):
        times_of(b"x\n", "soon  x\n", 0.0)


# -- the scenario that was run -----------------------------------------------------------------


CATALOG = Catalog(ROOT / "services")
FILES = sorted((ROOT / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_effective_scenario_is_the_case_that_was_run(path: Path) -> None:
    data = path.read_bytes()
    for case in load(path, CATALOG):
        text = effective(path, data, case.name)
        (again,) = load_text(path, text.encode(), CATALOG)
        assert "${" not in again.intent
        assert again.topology.nodes[0].name == case.topology.nodes[0].name
        assert _without_places(again) == _without_places(replace(case, name=path.stem))


_PLACE = re.compile(
    r"Span\(path=[^)]*\), line=\d+, column=\d+, end_line=\d+, end_column=\d+\)|indent=(\d+|None)"
)


def _without_places(case: Any) -> str:
    return _PLACE.sub("", repr(case))


def test_a_file_that_is_no_scenario_any_more_is_kept_as_it_is() -> None:
    assert effective(PATH, b"- [\xff", "x") == "- [\ufffd"
    assert effective(PATH, b"intent: x\n", "another") == "intent: x\n"


# -- a run as it goes --------------------------------------------------------------------------


@dataclass
class Given:
    """A recorder and what it said."""

    shelf: Shelf
    said: list[str] = field(default_factory=list)

    def recorder(self, *names: str) -> Recorder:
        cases = [scenario(name, PATH, ()) for name in names]
        engine = cast("Any", FoundEngine())
        given = Circumstances(Path.cwd(), engine, lambda found: f"lab run '{found.case}'")
        return Recorder(self.shelf, cases, given, self.said.append)


@pytest.fixture(name="given_")
def _given(tmp_path: Path) -> Given:
    return Given(Shelf(tmp_path / "runs"))


def tell(recorder: Recorder, found: ScenarioResult, troubles: tuple[str, ...] = ()) -> None:
    recorder(CaseBegan(found.case, found.intent, (), ()))
    recorder(OutputSeen(found.case, "talker", b"x"))
    recorder(CaseEnded(found.case, found))
    recorder(CaseRemoved(found.case, troubles))


def kept(recorder: Recorder, found: ScenarioResult) -> Path:
    where = recorder.kept(found)
    assert where is not None
    return where.folder


def named(name: str, case: str) -> ScenarioResult:
    return replace(RESULTS[name], case=case)


def test_a_record_renders_as_the_run_did(given_: Given) -> None:
    cases = [named(name, name) for name in RESULTS]
    recorder = given_.recorder(*RESULTS)
    with recorder:
        for found in reversed(cases):
            tell(recorder, found)
        recorder.over([each.verdict for each in cases], 8.5, interrupted=False)
    assert given_.said == []
    assert recorder.folder is not None
    run = read(recorder.folder, Path.cwd())
    assert run.results == tuple(cases)
    assert (run.seconds, run.interrupted) == (8.5, False)
    assert {"lab", "python", "engine", "engine kernel", "image"} - set(run.about) == {
        "engine kernel"  # this engine has told of none
    }
    for name in FORMATS:
        direct = ReportedRun(
            tuple(
                ReportedCase(found, case.began, case.folder, f"lab run '{found.case}'")
                for found, case in zip(cases, run.cases, strict=True)
            ),
            8.5,
            run.began,
            run.about,
        )
        assert render(name, run, PAGE) == render(name, direct, PAGE)


moments = st.integers(0, 10**15).map(lambda nanoseconds: nanoseconds / 1e9)
captured = st.builds(
    Packet,
    moments,
    st.sampled_from(["talker", "listener"]),
    st.sampled_from(["lan", "wan"]),
    st.booleans(),
    st.binary(max_size=9),
    st.integers(0, 2**16),
)


@hostile
@given(st.lists(captured, max_size=9), st.text(max_size=9), moments)
def test_a_capture_comes_back_whole(packets: list[Packet], gap: str, epoch: float) -> None:
    found = Capture(tuple(packets), gap, epoch)
    again = unpacked(pcapng(found), epoch, gap)
    assert [replace(p, time=0.0) for p in again.packets] == [replace(p, time=0.0) for p in packets]
    times = [packet.time for packet in again.packets]
    assert times == pytest.approx([packet.time for packet in packets], abs=2e-9)
    assert (again.gap, again.epoch) == (gap, epoch)


def test_what_is_no_capture_is_refused() -> None:
    whole = pcapng(CAPTURE)
    for broken in (whole[:-3], whole[:7], whole[:4] + bytes(4) + whole[8:]):
        with pytest.raises(ValueError, match="block"):
            unpacked(broken, 0.0, "")


@pytest.mark.parametrize("name", [*TIMED, "wired"])
def test_the_story_is_the_same_from_the_record(given_: Given, name: str) -> None:
    wired = replace(TIMED["pass"], capture=CAPTURE)
    found = replace(wired if name == "wired" else TIMED[name], case=name)
    with given_.recorder(name) as recorder:
        tell(recorder, found)
    assert recorder.folder is not None
    (again,) = read(recorder.folder, Path.cwd()).results
    direct, recorded = story(found), story(again)
    assert len(direct.entries) > 5
    assert [replace(each, at=0) for each in recorded.entries] == [
        replace(each, at=0) for each in direct.entries
    ]
    assert [each.at for each in recorded.entries] == pytest.approx(
        [each.at for each in direct.entries], abs=2e-6
    )
    assert recorded.notes == direct.notes
    written = (kept(recorder, found) / "timeline.txt").read_text()
    whole = story(found, 50_000)
    assert len(written.splitlines()) == len(whole.entries) + len(whole.notes)


def test_everything_promised_is_in_the_directory_of_a_case(given_: Given) -> None:
    recorder = given_.recorder("udp[x=1]")
    with recorder:
        tell(recorder, named("fail-output", "udp[x=1]"))
    path = kept(recorder, named("fail-output", "udp[x=1]"))
    assert path.name == "udp,x=1"
    found = {file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()}
    assert found == {
        "record.json",
        "verdict.txt",
        "scenario.yaml",
        "plan.txt",
        "timeline.txt",
        "again.txt",
        "streams/listener.stdout",
        "streams/listener.stdout.timed",
        "streams/listener.stderr",
        "streams/talker.stdout",
        "streams/talker.stdout.timed",
        "streams/talker.stderr",
    }
    assert (path / "streams" / "talker.stdout").read_bytes() == TALKER.program.stdout
    assert (path / "again.txt").read_text() == "lab run 'udp[x=1]'\n"
    assert "create-node a" in (path / "plan.txt").read_text()
    assert "15 bytes long" in (path / "verdict.txt").read_text()


def test_troubles_that_come_after_the_verdict_are_in_the_record(given_: Given) -> None:
    recorder = given_.recorder("pass")
    with recorder:
        tell(recorder, named("pass", "pass"), ("network x stays",))
    assert recorder.folder is not None
    (found,) = read(recorder.folder, Path.cwd()).results
    assert found.troubles == ("network x stays",)


def test_where_nothing_ran_nothing_is_left(given_: Given) -> None:
    with given_.recorder("pass") as recorder:
        recorder(CaseBegan("pass", "x", (), ()))
    assert recorder.folder is None
    assert not given_.shelf.folder.exists()


def test_a_killed_run_is_read_as_far_as_it_came(given_: Given) -> None:
    recorder = given_.recorder("pass", "fail-step")
    with recorder:
        tell(recorder, named("pass", "pass"))
    assert recorder.folder is not None
    (recorder.folder / ".fail-step.123").mkdir()  # what a write that was cut short leaves
    run = read(recorder.folder, Path.cwd())
    assert run.interrupted
    assert [found.case for found in run.results] == ["pass"]
    assert head(recorder.folder) == Head(run.began or 0.0, None, True, {})


def test_what_cannot_be_written_is_told_once_and_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    given = Given(Shelf(tmp_path / "runs"))
    with given.recorder("a", "b") as recorder:
        tell(recorder, named("pass", "a"))
        tell(recorder, named("fail-step", "b"))
        recorder.over([], 1.0, interrupted=False)
    (said,) = given.said
    assert "not recorded" in said
    assert str(tmp_path / "runs") in said
    assert recorder.folder is None


def test_a_disk_that_is_full_for_a_while_loses_only_what_came_meanwhile(
    given_: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = folder.write

    def full(run: Path, name: str, files: Any) -> Path:
        if name == "big":
            raise OSError(28, "No space left on device")
        return write(run, name, files)

    monkeypatch.setattr(folder, "write", full)
    with given_.recorder("a", "big", "c") as recorder:
        for name in ("a", "big", "c"):
            tell(recorder, named("pass", name))
    assert [said for said in given_.said if "No space left on device" in said] == given_.said
    assert len(given_.said) == 1
    (run,) = given_.shelf.names()
    assert sorted(p.name for p in (given_.shelf.folder / run).iterdir()) == ["a", "c", "run.json"]


def test_a_defect_of_the_recorder_is_told_and_no_more(given_: Given) -> None:
    with given_.recorder("a") as recorder:
        tell(recorder, replace(RESULTS["pass"], case=cast("str", None)))
    assert len(given_.said) == 1


# -- reading what is no record -----------------------------------------------------------------


def test_what_is_no_record_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no record of a run"):
        read(tmp_path, tmp_path)
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(UsageError, match=r"run\.json is no record"):
        read(tmp_path, tmp_path)
    (tmp_path / "run.json").write_text('{"format": 99}')
    with pytest.raises(UsageError, match="another kind"):
        read(tmp_path, tmp_path)


@pytest.mark.parametrize("key", ["verdict", "steps", "nodes", "path", "place"])
def test_a_record_that_lacks_something_is_named(given_: Given, key: str) -> None:
    with given_.recorder("a") as recorder:
        tell(recorder, named("pass", "a"))
    path = kept(recorder, named("pass", "a"))
    file = path / "record.json"
    found = json.loads(file.read_text())
    del found[key]
    file.write_text(json.dumps(found))
    with pytest.raises(UsageError, match=r"record\.json is no record of this lab"):
        read(path, Path.cwd())


def test_streams_are_read_from_the_record_and_nowhere_else(given_: Given) -> None:
    with given_.recorder("a") as recorder:
        tell(recorder, named("pass", "a"))
    path = kept(recorder, named("pass", "a"))
    file = path / "record.json"
    file.write_text(file.read_text().replace("talker.stdout", "../../../../etc/hostname"))
    with pytest.raises(UsageError, match="cannot be read"):
        read(path, Path.cwd())


def test_runs_are_read_together() -> None:
    one = ReportedRun((ReportedCase(RESULTS["pass"]),), 1.0, 5.0, {"lab": "1", "engine": "20"})
    two = ReportedRun((ReportedCase(RESULTS["skip"]),), 2.0, 3.0, {"lab": "1", "engine": "28"})
    found = together([one, two])
    assert found.results == (RESULTS["pass"], RESULTS["skip"])
    assert (found.seconds, found.began, dict(found.about)) == (3.0, 3.0, {"lab": "1"})
