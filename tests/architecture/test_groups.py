"""What tests/conftest.py counts on: tests of one group run in one process, in whichever of two."""

from __future__ import annotations

import pytest

TESTS = """
import os, pathlib, pytest
@pytest.mark.xdist_group("company")
@pytest.mark.parametrize("number", range(20))
def test_it(number):
    pathlib.Path(os.environ["PYTEST_XDIST_WORKER"] + ".ran").touch()
"""


def test_tests_of_a_group_stay_together(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TESTS)
    done = pytester.runpytest_subprocess("-n", "2", "--dist", "loadgroup")
    done.assert_outcomes(passed=20)
    assert len(list(pytester.path.glob("*.ran"))) == 1
