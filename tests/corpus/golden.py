"""Golden files: what was said once, read by a person, and must be said again.

`LAB_ACCEPT=1 pytest tests/corpus` writes them anew; where CI is set that is refused, for a
golden file nobody read proves nothing.
"""

import os
from pathlib import Path


def check(golden: Path, said: str) -> None:
    """Compare with the golden file, or write it where that is asked for."""
    if os.environ.get("LAB_ACCEPT"):
        assert not os.environ.get("CI"), "golden files are not written in CI"
        golden.write_text(said, encoding="utf-8")
        return
    assert golden.exists(), f"no golden file {golden.name}: LAB_ACCEPT=1 writes it, then read it"
    assert said == golden.read_text(encoding="utf-8")
