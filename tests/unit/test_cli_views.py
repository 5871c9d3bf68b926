"""Views write what they are told without holding up whoever tells them."""

from __future__ import annotations

import io
import threading

import pytest

from lab.cli.views import LineView
from lab.result import CaseRemoved, Progress


class SlowReader(io.StringIO):
    """Takes nothing until it is ready to."""

    def __init__(self) -> None:
        super().__init__()
        self.ready = threading.Event()

    def write(self, text: str) -> int:
        """Wait until it is ready."""
        assert self.ready.wait(60)
        return super().write(text)


class GoneReader(io.StringIO):
    """Has closed its end."""

    def write(self, text: str) -> int:
        """As a pipe answers."""
        raise BrokenPipeError


def name(event: Progress) -> list[str]:
    return [event.case]


def test_a_slow_reader_holds_nobody_up_and_misses_nothing() -> None:
    reader = SlowReader()
    with LineView(reader, name) as view:
        for case in "abc":
            view(CaseRemoved(case, ()))
        reader.ready.set()
    assert reader.getvalue() == "a\nb\nc\n"


def test_a_reader_who_has_gone_is_no_error() -> None:
    with LineView(GoneReader(), name) as view:
        view(CaseRemoved("a", ()))


def test_what_goes_wrong_while_writing_is_told_at_the_end() -> None:
    def broken(event: Progress) -> list[str]:
        raise ValueError(event.case)

    with pytest.raises(ValueError, match="a"), LineView(io.StringIO(), broken) as view:
        view(CaseRemoved("a", ()))
