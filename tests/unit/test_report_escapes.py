"""Nothing a program wrote can be obeyed by a terminal, and nothing of it is lost."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lab.events import State
from lab.report.case import Page, case
from lab.report.escapes import harmless, lossless, restore, shown
from lab.report.paint import Paint
from lab.report.plain import lines
from lab.result import CaseEnded, NodeChanged, OutputSeen, Progress
from tests.corpus.reports.examples import EVIL, EVIL_TEXT, HOSTILE, source

CONTROLS = {"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"}


def obeyed(text: str, allowed: str = "\n") -> set[str]:
    """Characters a terminal might obey, or that change what is read."""
    return {c for c in text if unicodedata.category(c) in CONTROLS and c not in allowed}


@given(st.binary())
@example(EVIL)
@example(b"\\x41\\")
@example("\u202e\u009b\ud7ff".encode())
@example(b"\xed\xa0\x80")  # a surrogate, written as bytes
def test_bytes_come_back_and_are_harmless_on_the_way(data: bytes) -> None:
    assert restore(lossless(data)) == data
    assert restore(shown(data)) == data
    assert not obeyed(lossless(data), "\n\t")
    assert not obeyed(shown(data))


@given(st.text(st.characters(exclude_categories=())))
@example("\ud800")
def test_messages_are_harmless(text: str) -> None:
    assert not obeyed(harmless(text))


@given(st.text())
def test_harmless_is_its_own_fixed_point(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain", "plain"),
        ("žluť €".encode(), "žluť €"),
        (b"\xff", r"\xff"),
        (b"a\\b", r"a\\b"),
        (b"\t\n", "\t\n"),
        (b"\r\x00\x1b", r"\x0d\x00\x1b"),
        (b"\xc2\x9b", r"\xc2\x9b"),
    ],
)
def test_lossless_form(data: bytes, text: str) -> None:
    assert lossless(data) == text


def test_shown_writes_out_tab_and_return() -> None:
    assert shown(b"a\tb\r") == r"a\tb\r"


@pytest.mark.parametrize("text", ["\\", r"\q", r"\x4", "a\\"])
def test_a_lone_backslash_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="begins no escape"):
        restore(text)


@pytest.mark.parametrize("columns", [20, 60, 100, 200])
def test_a_hostile_result_has_no_escapes_left(columns: int) -> None:
    page = Page(columns, Paint(), source)
    assert not obeyed("\n".join(case(HOSTILE, page)))
    told: list[Progress] = [
        CaseEnded(EVIL_TEXT, HOSTILE),
        OutputSeen(EVIL_TEXT, EVIL_TEXT, EVIL),
        NodeChanged(EVIL_TEXT, EVIL_TEXT, State.LOST, EVIL_TEXT),
    ]
    for event in told:
        assert not obeyed("\n".join(lines(event, page, verbose=True)))
