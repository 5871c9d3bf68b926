"""What cases came to the last time: kept, read again, and never in the way."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lab.history import FILE, History, Past, add, key, past, read
from lab.verdict import Verdict
from tests.unit.cases import alone

NEWS = History({"a": Past(Verdict.PASS, 1.25), "b": Past(Verdict.ERROR)}, {"28.5": 3})


def test_what_is_put_in_is_read_again(tmp_path: Path) -> None:
    add(tmp_path, NEWS)
    assert read(tmp_path) == NEWS


def test_what_is_not_run_again_stays(tmp_path: Path) -> None:
    add(tmp_path, NEWS)
    add(tmp_path, History({"b": Past(Verdict.PASS, 2.0)}, {"20.10": 5}))
    assert read(tmp_path).cases == {"a": Past(Verdict.PASS, 1.25), "b": Past(Verdict.PASS, 2.0)}
    assert read(tmp_path).levels == {"28.5": 3, "20.10": 5}


def test_nothing_there_is_an_empty_history(tmp_path: Path) -> None:
    assert read(tmp_path) == History()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b"\xff\xfe",
        b'{"version": 2, "cases": {}, "levels": {}}',
        b'{"version": 1}',
        b'{"version": 1, "cases": [], "levels": {}}',
        b'{"version": 1, "cases": {"a": 3}, "levels": {}}',
        b'{"version": 1, "cases": {"a": {"verdict": "MAYBE"}}, "levels": {}}',
        b'{"version": 1, "cases": {"a": {"verdict": "PASS", "seconds": "x"}}, "levels": {}}',
        b'{"version": 1, "cases": {"a": {"verdict": "PASS", "seconds": NaN}}, "levels": {}}',
        b'{"version": 1, "cases": {"a": {"verdict": "PASS", "seconds": -1}}, "levels": {}}',
        b'{"version": 1, "cases": {}, "levels": {"x": "y"}}',
        b'{"version": 1, "cases": {}, "levels": {"x": Infinity}}',
        b"[" * 100_000,
    ],
)
def test_what_is_not_understood_is_an_empty_history_and_is_replaced(
    tmp_path: Path, text: bytes
) -> None:
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_bytes(text)
    assert read(tmp_path) == History()
    add(tmp_path, NEWS)
    assert read(tmp_path) == NEWS


def test_a_file_that_cannot_be_written_is_left_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir(parents=True)  # a folder in its place
    add(tmp_path, NEWS)
    assert sorted(path.name for path in (tmp_path / FILE).parent.iterdir()) == [
        ".gitignore",
        "history.json",
    ]


def test_a_project_that_is_no_folder_is_borne(tmp_path: Path) -> None:
    (tmp_path / ".lab").write_text("a file")
    add(tmp_path, NEWS)
    assert (tmp_path / ".lab").read_text() == "a file"
    add(tmp_path / "nowhere", NEWS)
    assert not (tmp_path / "nowhere").exists()


def test_git_does_not_see_it(tmp_path: Path) -> None:
    add(tmp_path, NEWS)
    assert (tmp_path / ".lab" / ".gitignore").read_text() == "*\n"


def test_whoever_reads_while_others_write_reads_all_of_one(tmp_path: Path) -> None:
    many = History({str(n): Past(Verdict.PASS, 1.0) for n in range(100)})
    add(tmp_path, many)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            add(tmp_path, many)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert {len(read(tmp_path).cases) for _ in range(50)} == {100}
    finally:
        stop.set()
        writer.join()


def test_only_so_many_are_remembered_the_latest(tmp_path: Path) -> None:
    add(tmp_path, History({str(n): Past(Verdict.PASS) for n in range(10_001)}))
    assert next(iter(read(tmp_path).cases)) == "1"
    add(tmp_path, History({"1": Past(Verdict.FAIL), "new": Past(Verdict.PASS)}))
    assert next(iter(read(tmp_path).cases)) == "3"
    assert list(read(tmp_path).cases)[-2:] == ["1", "new"]


def test_a_case_is_known_wherever_the_user_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scenarios").mkdir()
    case = alone("echo")  # x.yaml, by a path relative to where the user stands
    monkeypatch.chdir(tmp_path / "scenarios")
    assert key(tmp_path, case.path, case.name) == "scenarios/x.yaml::x"
    assert key(tmp_path / "other", case.path, case.name) == f"{tmp_path}/scenarios/x.yaml::x"


def test_those_that_did_not_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    case = alone("echo")
    for verdict in Verdict:
        history = History({key(tmp_path, case.path, case.name): Past(verdict, 2.5)})
        bad = verdict in (Verdict.FAIL, Verdict.ERROR)
        assert history.bad(tmp_path, [case]) == ((case,) if bad else ())
        assert history.seconds(tmp_path, [case]) == (2.5,)
    assert History().bad(tmp_path, [case]) == ()
    assert History().seconds(tmp_path, [case]) == (None,)


def test_several_runs_count_as_the_worst_and_as_long_as_the_middle_one() -> None:
    runs = [Past(Verdict.PASS, 1.0), Past(Verdict.FAIL, 9.0), Past(Verdict.PASS, 2.0)]
    assert past(runs) == Past(Verdict.FAIL, 2.0)
    assert past([Past(Verdict.PASS)]) == Past(Verdict.PASS)


def test_a_time_that_says_nothing_leaves_the_one_before(tmp_path: Path) -> None:
    add(tmp_path, NEWS)
    add(tmp_path, History({"a": Past(Verdict.FAIL), "c": Past(Verdict.PASS)}))
    found = read(tmp_path).cases
    assert (found["a"], found["c"]) == (Past(Verdict.FAIL, 1.25), Past(Verdict.PASS))
