"""The engines every contract test runs on: the fake one, this machine's, the private modern one.

An engine that is not there is a failure, unless LAB_WITHOUT_DOCKER=1 says so out loud.
"""

import secrets
from collections.abc import Iterator

import pytest

from lab.ports import Engine
from tests.contract.bench import Bench
from tests.engines import DOCKER, opened
from tests.fakes import FakeEngine

FAKE = "fake"


@pytest.fixture(params=[pytest.param(FAKE, id="fake"), *DOCKER])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Each engine in turn; nothing may be left on it afterwards."""
    if request.param == FAKE:
        yield from _on(FakeEngine())
    else:
        with opened(request.param) as engine:
            yield from _on(engine)


@pytest.fixture(params=DOCKER)
def docker_bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Each Docker engine in turn; nothing may be left on it afterwards."""
    with opened(request.param) as engine:
        yield from _on(engine)


def _on(engine: Engine) -> Iterator[Bench]:
    bench = Bench(engine, secrets.token_hex(4))
    try:
        yield bench
    finally:
        bench.clean()
    assert bench.engine.find(bench.labels) == ()
