"""The import contract: what ARCHITECTURE.md lists is what import-linter enforces."""

import re

from tests.architecture.sources import MODULES, ROOT, pyproject

TOP = {module.name.split(".")[1] for module in MODULES if "." in module.name}


def contract(kind: str) -> dict[str, object]:
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    (found,) = [each for each in contracts if each["type"] == kind]
    assert isinstance(found, dict)
    return found


def layers() -> list[set[str]]:
    listed = contract("layers")["layers"]
    assert isinstance(listed, list)
    return [set(re.split(r"\s*[|:]\s*", line)) for line in listed]


def documented() -> list[set[str]]:
    """The first column of the table under "Modules", row by row."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    section = text.partition("\n## Modules\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return [set(re.findall(r"`([\w/]+)`", row.split("|")[1])) for row in rows]


def test_the_document_lists_the_layers_of_the_contract() -> None:
    assert documented() == layers()


def test_every_module_has_its_layer() -> None:
    assert set().union(*layers()) == TOP
    assert contract("layers")["exhaustive"] is True


def test_nothing_but_the_engine_may_import_docker() -> None:
    named = contract("forbidden")["source_modules"]
    assert isinstance(named, list)
    assert {name.removeprefix("lab.") for name in named} == TOP - {"engine"}


def test_only_the_engine_does() -> None:
    users = {
        module.name
        for module in MODULES
        if any(name.split(".")[0] == "docker" for name in module.imports())
    }
    assert users
    assert all(name.startswith("lab.engine") for name in users)
