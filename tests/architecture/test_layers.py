"""The import contract: what ARCHITECTURE.md lists is what import-linter enforces."""

import ast
import re

import pytest

from tests.architecture.sources import MODULES, ROOT, pyproject

TOP = {module.name.split(".")[1] for module in MODULES if "." in module.name}


def contract(kind: str, **more: object) -> dict[str, object]:
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    (found,) = [each for each in contracts if {**each, "type": kind, **more} == each]
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


@pytest.mark.parametrize(("package", "owner"), [("docker", "engine"), ("dpkt", "dissection")])
def test_nothing_but_its_owner_may_import_a_package(package: str, owner: str) -> None:
    named = contract("forbidden", forbidden_modules=[package])["source_modules"]
    assert isinstance(named, list)
    assert {name.removeprefix("lab.") for name in named} == TOP - {owner}


def test_only_the_engine_does() -> None:
    users = {
        module.name
        for module in MODULES
        if any(name.split(".")[0] == "docker" for name in module.imports())
    }
    assert users
    assert all(name.startswith("lab.engine") for name in users)


# -- the plugin: what pytest does not publish may go away with any version of it ---------------

PLUGIN = [module for module in MODULES if module.name.startswith("lab.pytest_plugin")]


def test_only_the_plugin_imports_pytest() -> None:
    users = {
        module.name
        for module in MODULES
        if any(name.split(".")[0] in ("pytest", "_pytest") for name in module.imports())
    }
    assert users
    assert users <= {module.name for module in PLUGIN}


def test_of_pytest_the_plugin_uses_what_is_public() -> None:
    assert not [name for module in PLUGIN for name in module.imports() if "_pytest" in name[:7]]
    used = [node for module in PLUGIN for node in ast.walk(module.tree)]
    attributes = [node for node in used if isinstance(node, ast.Attribute)]
    of_pytest = {a.attr for a in attributes if ast.unparse(a.value) == "pytest"}
    assert of_pytest
    assert of_pytest <= {*pytest.__all__, "mark"}
    private = [a for a in attributes if a.attr.startswith("_") and not a.attr.startswith("__")]
    assert [ast.unparse(a) for a in private if ast.unparse(a.value) not in ("self", "cls")] == []
