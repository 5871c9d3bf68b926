"""A reader who has left, told from what is wrong with a disk."""

from __future__ import annotations

import errno
import os
import pty

import pytest

from lab.report import reader
from lab.report.reader import has_left


def io_error() -> OSError:
    return OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_closed_pipe() -> None:
    assert has_left(BrokenPipeError())


def test_a_terminal_that_hung_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    monkeypatch.setattr(reader, "_STANDARD", (theirs,))
    assert not has_left(io_error())
    os.close(ours)
    with pytest.raises(OSError, match="Input/output") as raised:
        os.write(theirs, b"hello")
    assert has_left(raised.value)
    os.close(theirs)


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), ValueError()])
def test_other_errors(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    ours, theirs = pty.openpty()
    os.close(ours)
    monkeypatch.setattr(reader, "_STANDARD", (theirs,))
    assert not has_left(error)
    os.close(theirs)
