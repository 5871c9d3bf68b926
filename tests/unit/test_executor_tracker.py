"""The tracker: the holder's events as a record of one program."""

import errno
import os
import signal

import pytest

from lab.events import OUTPUT_LIMIT, Exit, Life, State
from lab.executor.tracker import Tracker
from lab.frames import Began, Ended, NotBegun, Stderr, StderrClosed, Stdout, StdoutClosed


def test_a_program_not_begun_is_held() -> None:
    assert Tracker(["x"]).record().state is State.HELD


def test_output_is_kept_apart_and_in_order() -> None:
    one = Tracker(["x"])
    for event in (
        Began(0.0, 0, 7),
        Stdout(0.1, 0, b"a\n"),
        Stderr(0.2, 0, b"oops\n"),
        Stdout(0.3, 0, b"b\0\xff"),
    ):
        one.take(event)
    record = one.record()
    assert (record.state, record.stdout, record.stderr) == (State.RUNNING, b"a\nb\0\xff", b"oops\n")
    assert one.last_line == b"b\0\xff"


def test_an_end_and_closed_streams_are_over() -> None:
    one = Tracker(["x"])
    one.take(Began(0.0, 0, 7))
    one.take(Ended(0.1, 0, None, signal.SIGTERM))
    assert one.record().exit == Exit(None, signal.SIGTERM)
    assert not one.over()
    one.take(StdoutClosed(0.2, 0))
    one.take(StderrClosed(0.2, 0))
    assert one.over()


def test_a_program_that_cannot_be_run_is_lost_with_the_reason() -> None:
    one = Tracker(["/no/such"])
    one.take(NotBegun(0.0, 0, errno.ENOENT))
    record = one.record()
    assert record.state is State.LOST
    assert record.reason == "cannot run /no/such: No such file or directory"


def test_each_life_has_its_beginning_and_its_end() -> None:
    one = Tracker(["x"])
    for event in (Began(1.0, 0, 7), Ended(2.0, 0, 3, None)):
        one.take(event)
    one.again(["x"])
    one.take(Began(4.0, 0, 8))
    assert one.record().lives == (Life(1.0, 2.0, Exit(3)), Life(4.0))


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.ENOMEM])
def test_a_program_there_is_no_room_for_has_ended_without_an_exit(number: int) -> None:
    one = Tracker(["x"])
    one.take(NotBegun(0.0, 0, number))
    record = one.record()
    assert (record.state, record.exit) == (State.ENDED, None)
    assert record.reason == f"cannot run x: {os.strerror(number)}"
    assert one.over()


def test_losing_a_node_does_not_undo_an_end_that_was_seen() -> None:
    one = Tracker(["x"])
    one.take(Ended(0.0, 0, 0, None))
    one.lose("the engine is gone")
    assert one.record().state is State.ENDED


def test_output_without_end_is_cut_and_said_to_be() -> None:
    one = Tracker(["x"])
    chunk = b"x" * (1024 * 1024)
    for _ in range(OUTPUT_LIMIT // len(chunk)):
        one.take(Stdout(0.0, 0, chunk))
    assert not one.record().stdout_truncated
    one.take(Stdout(0.0, 0, b"y"))
    record = one.record()
    assert (record.stdout_truncated, record.stderr_truncated) == (True, False)
    assert len(record.stdout) == OUTPUT_LIMIT


def test_output_has_its_times() -> None:
    one = Tracker(["x"])
    one.take(Stdout(1.0, 0, b"ab"))
    before = one.record()
    one.take(Stdout(2.0, 0, b"c"))
    after = one.record()
    assert [after.stdout_times.at(index) for index in range(4)] == [1.0, 1.0, 2.0, None]
    assert before.stdout_times.at(2) is None
    assert after.stderr_times.at(0) is None


def test_a_program_begun_again_goes_on_in_one_record() -> None:
    one = Tracker(["x"])
    for event in (
        Began(0.0, 0, 7),
        Stdout(0.1, 0, b"first\n"),
        Ended(0.2, 0, 0, None),
        StdoutClosed(0.2, 0),
        StderrClosed(0.2, 0),
    ):
        one.take(event)
    one.again(["x", "again"])
    assert (one.record().state, one.record().exit) == (State.HELD, None)
    one.take(Began(0.3, 0, 8))
    one.take(Stdout(0.4, 0, b"second\n"))
    record = one.record()
    assert (record.argv, record.state) == (("x", "again"), State.RUNNING)
    assert record.stdout == b"first\nsecond\n"
    assert not record.stdout_closed
    assert not one.over()


def test_what_a_program_wrote_in_its_latest_life_can_be_told_apart() -> None:
    one = Tracker(["x"])
    one.take(Stdout(0.1, 0, b"up\n"))
    one.take(Stderr(0.2, 0, b"oops\n"))
    assert one.latest().stdout == b"up\n"
    one.again(["x"])
    assert (one.latest().stdout, one.latest().stderr) == (b"", b"")
    one.take(Stdout(0.3, 0, b"up again\n"))
    latest = one.latest()
    assert (latest.stdout, latest.stderr) == (b"up again\n", b"")
    assert latest.stdout_times.at(0) == 0.3
    assert one.record().stdout == b"up\nup again\n"
    assert one.record().stdout_times.at(0) == 0.1
