"""How far clocks are apart: bounds, and nothing that need not be so."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lab.executor.clocks import Comparison, agreed

delays = st.floats(0, 2)


@given(st.floats(-1e6, 1e6), st.lists(st.tuples(st.floats(0, 100), delays, delays), min_size=1))
def test_the_truth_is_always_within_the_bounds(
    ahead: float, asked: list[tuple[float, float, float]]
) -> None:
    found = Comparison()
    for process, (now, there, back) in enumerate(asked):
        found.asked(process, now)
        found.began(process, now + there + ahead, now + there + back)
    bounds = agreed([found, Comparison()])
    assert bounds is not None
    assert bounds[0] - 1e-6 <= ahead <= bounds[1] + 1e-6
    assert bounds[1] - bounds[0] <= min(there + back for _, there, back in asked) + 1e-6


def test_nothing_is_concluded_from_nothing() -> None:
    assert agreed([]) is None
    found = Comparison()
    found.asked(0, 1.0)
    assert agreed([found]) is None
    other = Comparison()
    other.began(0, 1.0, 2.0)  # nobody knows when it was asked for
    assert agreed([other]) is None
