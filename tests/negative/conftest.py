"""What tests of wrong programs share: runs on each engine, and what is going to be tested."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engines import DOCKER
from tests.negative.runs import Runs, runs_on


@pytest.fixture(scope="session", params=DOCKER)
def runs(request: pytest.FixtureRequest) -> Iterator[Runs]:
    """Each engine in turn."""
    with runs_on(request.param) as found:
        yield found


def chosen(request: pytest.FixtureRequest, name: str) -> Iterator[object]:
    """The values of parameter `name` of all tests that are going to be run."""
    for item in request.session.items:
        params = getattr(getattr(item, "callspec", None), "params", {})
        if name in params:
            yield params[name]
