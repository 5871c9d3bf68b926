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


def chosen(request: pytest.FixtureRequest, name: str, engine: str | None) -> Iterator[object]:
    """The values of parameter `name` of all tests that are going to be run on that engine."""
    for item in request.session.items:
        params = getattr(getattr(item, "callspec", None), "params", {})
        if name in params and params.get("runs") == engine:
            yield params[name]
