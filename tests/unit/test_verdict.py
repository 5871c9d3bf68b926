from itertools import permutations
from pathlib import Path

from lab.source import Span
from lab.verdict import Verdict, failed, passed, unknown, worst


def test_nothing_at_all_is_an_error() -> None:
    assert worst([]) is Verdict.ERROR


def test_the_worst_counts_in_any_order() -> None:
    order = [Verdict.SKIP, Verdict.PASS, Verdict.ERROR, Verdict.FAIL]
    assert sorted(order) == order
    for arranged in permutations(order):
        assert worst(arranged) is Verdict.FAIL
    assert worst([Verdict.PASS, Verdict.ERROR, Verdict.PASS]) is Verdict.ERROR
    assert worst([Verdict.SKIP, Verdict.PASS]) is Verdict.PASS
    assert worst([Verdict.SKIP, Verdict.SKIP]) is Verdict.SKIP


def test_what_the_words_make() -> None:
    assert passed().verdict is Verdict.PASS
    assert not passed().final
    assert failed("x").verdict is Verdict.FAIL
    assert not failed("x").final
    assert unknown("x").verdict is Verdict.ERROR
    assert unknown("x").final


def test_a_span_prints_as_editors_read_it() -> None:
    assert str(Span(Path("a.yaml"), 3, 7, 3, 9)) == "a.yaml:3:7"
    assert str(Span(Path.cwd() / "x" / "a.yaml", 3, 7, 3, 9)) == "x/a.yaml:3:7"
    assert str(Span(Path("/elsewhere/a.yaml"), 3, 7, 3, 9)) == "/elsewhere/a.yaml:3:7"
