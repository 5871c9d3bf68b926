"""Every module of lab/: small, documented, without state of its own, used by something."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.sources import MODULES, ROOT, Module, pyproject

# Measured, not wished for: lower them when the largest shrinks.
MODULE_LINES = 280
MEDIAN_LINES = 100
FUNCTION_LINES = 40

FORBIDDEN_WORDS = {"utils", "util", "common", "helper", "helpers", "manager", "base", "misc"}
GUIDES_OWN = {"sockethelpers"}  # the name of the guide's library

# Packages whose modules are found by looking into the folder.
SCANNED = (
    "lab.kinds.steps.",
    "lab.kinds.expectations.",
    "lab.cli.commands.",
    "lab.report.formats.",
    "lab.story.explanations.",
)

MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MAKERS = {"list", "dict", "set", "bytearray", "deque", "defaultdict", "Counter", "OrderedDict"}
CHANGES = {
    "add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem",
    "popleft", "remove", "reverse", "setdefault", "sort", "update",
}  # fmt: skip

each = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)


@each
def test_a_module_says_what_it_is(module: Module) -> None:
    assert ast.get_docstring(module.tree), "no docstring"


@each
def test_a_module_is_small(module: Module) -> None:
    assert module.lines <= MODULE_LINES


@each
def test_functions_are_short(module: Module) -> None:
    lengths = {f.name: (f.end_lineno or 0) - f.lineno + 1 for f in module.functions()}
    assert {name: n for name, n in lengths.items() if n > FUNCTION_LINES} == {}


def test_half_the_modules_are_much_smaller_than_the_largest() -> None:
    lines = sorted(module.lines for module in MODULES)
    assert lines[len(lines) // 2] <= MEDIAN_LINES


@each
def test_nothing_waits_by_sleeping(module: Module) -> None:
    assert "time.sleep" not in set(module.imports())
    sleeps = (n for n in ast.walk(module.tree) if isinstance(n, ast.Attribute))
    assert not [n.lineno for n in sleeps if n.attr == "sleep"]


@each
def test_a_module_keeps_no_state_of_its_own(module: Module) -> None:
    assert not [n.lineno for n in ast.walk(module.tree) if isinstance(n, ast.Global)]
    held = set(_mutable_names(module.tree))
    assert [(name, line) for name, line in _changes(module.tree) if name in held] == []
    assert [name for name in held if name.strip("_") != name.strip("_").upper()] == []


@each
def test_no_type_is_a_dataclass(module: Module) -> None:
    """A dataclass takes 0.4 ms to define, a msgspec.Struct 0.01, and a run has a hundred types."""
    assert "dataclasses" not in set(module.imports()), "write: class Name(Struct, frozen=True)"


def _mutable_names(tree: ast.Module) -> Iterator[str]:
    """Names a module binds to something that can be changed."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=targets, value=value) if _mutable(value):
                names = [target.id for target in targets if isinstance(target, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if _mutable(
                value
            ):
                names = [name]
            case _:
                names = []
        yield from (name for name in names if name != "__all__")


def _mutable(value: ast.expr) -> bool:
    maker = value.func if isinstance(value, ast.Call) else None
    return isinstance(value, MUTABLE) or (isinstance(maker, ast.Name) and maker.id in MAKERS)


def _changes(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Names whose values are changed in place, and where."""
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                yield name, node.lineno
            case ast.AugAssign(target=ast.Name(id=name)):
                yield name, node.lineno
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=word)):
                if word in CHANGES:
                    yield name, node.lineno


@each
def test_names_say_what_a_thing_is(module: Module) -> None:
    classes = [n.name for n in ast.walk(module.tree) if isinstance(n, ast.ClassDef)]
    for name in (*module.name.split("."), *classes):
        words = re.findall(r"[A-Z]?[a-z]+", name)
        assert not {word.lower() for word in words} & FORBIDDEN_WORDS, name


def test_services_have_such_names_too() -> None:
    names = {path.name for path in (ROOT / "services").iterdir()} - GUIDES_OWN
    assert not {word for name in names for word in re.split(r"[-_.]", name)} & FORBIDDEN_WORDS


def test_no_module_is_an_orphan() -> None:
    used = {name for module in MODULES for name in module.imports() if name != module.name}
    used |= _entry_points()
    orphans = {
        module.name
        for module in MODULES
        if not module.name.startswith(SCANNED)
        and module.path.name not in {"__init__.py", "__main__.py"}
        and module.name not in used
    }
    assert orphans == set()


def _entry_points() -> set[str]:
    """Modules that are begun by name: by `lab`, by make, as docs/ says."""
    project = pyproject()["project"]
    targets = [*project["scripts"].values(), *project["entry-points"]["pytest11"].values()]
    scripts = {target.partition(":")[0] for target in targets}
    texts = [ROOT / "Makefile", *(ROOT / "docs").glob("*.md")]
    made = {name for path in texts for name in re.findall(r"-m (lab[\w.]*)", path.read_text())}
    called = {"lab.agent.program.loop"}  # by lab/agent/program/__main__.py, whatever its package
    return scripts | made | called


def test_scanned_packages_are_scanned() -> None:
    for prefix in SCANNED:
        package = prefix.removeprefix("lab.").rpartition(".")[0].rpartition(".")[0]
        texts = "".join(m.text for m in MODULES if m.name.startswith(f"lab.{package}"))
        assert "import_module(f" in texts
