"""Why a case may have failed, as far as what was seen says so: one explanation is one module.

Law: an explanation is said where its evidence is and nowhere else, and it changes no verdict.
A module has `explain(evidence)`, which gives a sentence, or None.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from types import ModuleType

from lab.result import ScenarioResult
from lab.story.evidence import Evidence
from lab.verdict import Verdict


@cache
def names() -> tuple[str, ...]:
    """All there are, sorted."""
    found = (file.stem for folder in __path__ for file in Path(folder).glob("*.py"))
    return tuple(sorted(name for name in found if not name.startswith("_")))


def explanations(result: ScenarioResult) -> tuple[str, ...]:
    """A sentence for each that the evidence carries; none for what did not fail."""
    if result.verdict is not Verdict.FAIL:
        return ()
    evidence = Evidence(result)
    return tuple(said for module in explainers() if (said := module.explain(evidence)))


def explainers() -> tuple[ModuleType, ...]:
    """Their modules, imported by whoever asks first."""
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names())
