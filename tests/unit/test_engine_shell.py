"""A person's terminal on a node: what may go wrong beside the program itself."""

from __future__ import annotations

import os
from unittest.mock import Mock

import pytest
from docker.errors import APIError

from lab.engine import shell


def test_a_program_that_ended_before_its_window_was_sized_is_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The engine refuses to size the window of a program that is gone; its output is not."""
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((80, 24)))
    client = Mock(exec_resize=Mock(side_effect=APIError("cannot resize a stopped container")))
    shell._resize(client, "program")
    client.exec_resize.assert_called_once_with("program", height=24, width=80)
