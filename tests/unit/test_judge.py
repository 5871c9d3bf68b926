"""Judging a whole run: every expectation answered, the worst counts, nothing at all is ERROR."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab.events import Fact, NodeObservation, Observation
from lab.judge import judge, summarize
from lab.model import NodeExpectation
from lab.source import Span
from lab.verdict import Judgement, Verdict, failed, passed, unknown

HERE = Span(Path("x.yaml"), 3, 5, 3, 9)


@dataclass(frozen=True)
class Fixed:
    """An expectation that always says the same."""

    says: Judgement
    kind: str = "fixed"
    span: Span = HERE
    needs: frozenset[Fact] = field(default_factory=frozenset)

    def judge(self, seen: NodeObservation, bindings: Mapping[str, str]) -> Judgement:
        return self.says


def wanted(node: str, says: Judgement) -> NodeExpectation:
    return NodeExpectation(node, Fixed(says))


SEEN = Observation({"a": NodeObservation("a"), "b": NodeObservation("b")})


def test_each_judgement_says_whom_it_is_about_and_where_it_was_asked_for() -> None:
    (judgement,) = judge([wanted("a", failed("no"))], SEEN)
    assert (judgement.subject, judgement.span) == ("a", HERE)


def test_a_node_of_which_nothing_was_observed_is_an_error() -> None:
    (judgement,) = judge([wanted("gone", passed())], SEEN)
    assert judgement.verdict is Verdict.ERROR


def test_the_first_of_the_worst_is_the_reason() -> None:
    says = judge(
        [
            wanted("a", passed()),
            wanted("a", unknown("who knows")),
            wanted("b", failed("first")),
            wanted("a", failed("second")),
        ],
        SEEN,
    )
    assert summarize(says) == (Verdict.FAIL, "b: first")


def test_an_error_is_worse_than_a_pass() -> None:
    says = judge([wanted("a", passed()), wanted("b", unknown("who knows"))], SEEN)
    assert summarize(says) == (Verdict.ERROR, "b: who knows")


def test_all_passed_is_a_pass_without_a_reason() -> None:
    assert summarize(judge([wanted("a", passed())], SEEN)) == (Verdict.PASS, "")


def test_nothing_at_all_is_an_error() -> None:
    assert summarize(()) == (Verdict.ERROR, "nothing was judged")
