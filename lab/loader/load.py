"""The phases of reading a scenario file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lab.catalog import Catalog
from lab.loader.assemble import assemble
from lab.loader.fields import FILE
from lab.loader.matrix import cases_of
from lab.loader.names import names_of
from lab.loader.supply import Supply
from lab.model import Scenario
from lab.source.reader import read, read_bytes
from lab.source.scope import Scope
from lab.source.shapes.collections import attempt


def load(
    path: Path, catalog: Catalog, use: Mapping[str, str] | None = None, *, accepting: bool = False
) -> tuple[Scenario, ...]:
    """The cases of a scenario file: one, or one for each combination of its matrix.

    `use` maps services to images that take the place of their programs. `accepting`: golden files
    need not be there yet. Raises InvalidScenario
    with every reason, and UsageError for a file that cannot be read and for a wrong `use`.
    """
    return load_text(path, read_bytes(path), catalog, use, accepting=accepting)


def load_text(
    path: Path,
    data: bytes,
    catalog: Catalog,
    use: Mapping[str, str] | None = None,
    *,
    accepting: bool = False,
) -> tuple[Scenario, ...]:
    """As load(), of bytes in hand; `path` only names them."""
    supply = Supply(catalog, use or {})
    supply.check()
    document, problems = read(path, data)
    cases = cases_of(document, problems)
    problems.end_phase()
    drafts = []
    for case in cases:
        matrix = dict.fromkeys(case.names, ())
        names = {**names_of(case.document, catalog), "value": matrix}
        scope = Scope(problems, names, accepting=accepting)
        drafts.append((case, scope, attempt(FILE, case.document, scope)))
    problems.end_phase()
    scenarios = [
        assemble(path, f"{path.stem}{case.suffix}", found[0], scope, supply)
        for case, scope, found in drafts
        if found is not None
    ]
    problems.end_phase()
    return tuple(scenarios)
