"""A person's terminal on a node: what may go wrong beside the program itself."""

from __future__ import annotations

import os
from unittest.mock import Mock

import pytest
from docker.errors import APIError

from lab.engine import shell
from lab.errors import EngineError


def test_a_program_that_ended_before_its_window_was_sized_is_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The engine refuses to size the window of a program that is gone; its output is not."""
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((80, 24)))
    client = Mock(exec_resize=Mock(side_effect=APIError("cannot resize a stopped container")))
    shell._resize(client, "program")
    client.exec_resize.assert_called_once_with("program", height=24, width=80)


def engine(*statuses: int | None) -> Mock:
    """Whose clock is at 1 s, that says these statuses and tells of an end after each."""
    pong = Mock(headers={"Date": "Thu, 01 Jan 1970 00:00:01 GMT"})
    said = iter([{"ExitCode": status} for status in statuses])
    return Mock(
        base_url="",
        get=Mock(return_value=pong),
        exec_inspect=Mock(side_effect=lambda _: next(said)),
        events=Mock(return_value=iter([{}] * (len(statuses) - 2))),
    )


def test_a_program_whose_end_the_engine_does_not_know_yet_is_waited_for() -> None:
    client = engine(None, None, 7, 0)
    assert shell._status(client, "node", "program") == 7
    told = client.events.call_args.kwargs
    assert (told["since"], told["filters"]["event"]) == (1, "exec_die")


def test_a_program_whose_end_the_engine_never_knows_did_not_succeed() -> None:
    with pytest.raises(EngineError, match="does not say how the program on node ended"):
        shell._status(engine(None, None, None), "node", "program")
