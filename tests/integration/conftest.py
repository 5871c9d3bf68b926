"""What tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.agent.child import ChildAgent


@pytest.fixture
def agent() -> Iterator[ChildAgent]:
    """An agent of its own for each test."""
    agent = ChildAgent()
    yield agent
    agent.close()
