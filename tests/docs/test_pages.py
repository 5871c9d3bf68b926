"""Every page under docs/ is true: files are written, commands typed, what is shown compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.engine.locking import alone
from tests.docs.checkout import ROOT, Checkout, leaving_nothing
from tests.docs.story import Story
from tests.engines import WITHOUT, opened
from tests.standing import STANDING

DOCS = ROOT / "docs"
MADE = {DOCS / "reference.md"}  # from the code, its examples held by tests/unit/test_manual.py
PAGES = sorted(path for path in DOCS.rglob("*.md") if path not in MADE)
pytestmark = [
    pytest.mark.docker,
    WITHOUT,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group(STANDING),
]


@pytest.fixture(scope="module")
def engine() -> Iterator[str]:
    """The machine's own engine, where nobody else's tests have machines stand meanwhile."""
    with opened(None) as engine, alone(engine.url, STANDING, print):
        yield engine.url


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(DOCS).as_posix())
def test_a_page_is_true(page: Path, engine: str, tmp_path: Path) -> None:
    checkout = Checkout.copied(tmp_path / "socketlab", DOCKER_HOST=engine)
    with leaving_nothing(checkout, page):
        Story(page, checkout.folder, checkout.environment).tell()
