"""The schema that editors use and the reader that the lab uses, held against each other.

What the reader takes, the schema takes too, whatever it is. What the reader refuses the schema
refuses too, but for files named here, each with the reason why no schema could.
"""

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lab.catalog import Catalog
from lab.loader import load_text, schema
from lab.source import InvalidScenario
from lab.source.located import NOTHING, Located, Mapping, Scalar, Sequence
from lab.source.reader import read

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "errors"
SHIPPED = sorted((ROOT / "scenarios").rglob("*.yaml"))
WRONG = sorted(FOLDER.glob("*.yaml"))
SERVICES = Catalog(FOLDER / "services")
VALIDATOR = Draft202012Validator(json.loads(json.dumps(schema())))

BEYOND: dict[str, tuple[str, ...]] = {
    "a name must be defined elsewhere in the file, or in the catalog": (
        "matrix-misspelt", "node-no-networks-said", "node-unknown-names", "reference-in-block",
        "reference-unknown", "share-unknown", "step-names",
    ),
    "a value of a matrix is put in its place before anything is read": (
        "matrix-wrong-value", "top-matrix-unused",
    ),
    "addresses, subnets and times are reckoned with": (
        "network-addresses", "network-addresses-together", "network-subnets",
        "network-room", "network-subnets-together", "node-foreign-literal", "step-deadlines",
    ),
    "a service reads its arguments itself": ("node-args",),
    "a name is one program's, and no node's": ("run-names-taken",),
    "nodes must be started, once, before they are used": (
        "restart-never-started", "step-never-started", "step-node-left-out", "step-order",
    ),
    "nodes must be on a common network": ("node-too-far",),
    "a link must be there, and its cable in or out": ("step-links",),
    "packets must have ways to go, and what is healed must be bad": ("impair-ways",),
    "a share is at least two nodes', and on one node no two are in one place": ("share-misfits",),
    "a group's members are nodes of their own": ("node-count-clash",),
    "what stands twice is there once for an editor, or is spelt in two ways": (
        "expect-listening-twice", "yaml-doubled-key",
    ),
    "what is wrong is in another file": (
        "golden-missing", "golden-not-utf8", "golden-wrong-lines",
    ),
    "a reference is part of a longer text": ("reference-unfinished",),
}  # fmt: skip

INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
BOOLEANS = {"true": True, "false": False}


def value(node: Located) -> Any:
    """What an editor sees: YAML's core schema (YAML 1.2.2, section 10.3.2)."""
    match node:
        case Mapping(pairs=pairs):
            return {key.text if isinstance(key, Scalar) else "": value(v) for key, v in pairs}
        case Sequence(items=items):
            return [value(item) for item in items]
        case Scalar() if node.plain:
            return plain(node.text)
        case Scalar(text=text):
            return text


def plain(text: str) -> Any:
    if text in NOTHING:
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return BOOLEANS[text.lower()]
    if INTEGER.fullmatch(text):
        return int(text, 0 if text[:2] in ("0o", "0x") else 10)
    if FLOAT.fullmatch(text):
        return float(text)
    names = {".inf": math.inf, "-.inf": -math.inf, "+.inf": math.inf, ".nan": math.nan}
    return names.get(text.lower(), text)


def reads(path: Path, data: bytes) -> bool:
    try:
        load_text(path, data, SERVICES)
    except InvalidScenario:
        return False
    return True


def objections(data: bytes) -> list[str] | None:
    """What the schema objects to; None where it is no YAML that an editor could check."""
    try:
        document, _ = read(Path("x.yaml"), data)
    except InvalidScenario:
        return None
    return [error.message for error in VALIDATOR.iter_errors(value(document))]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(VALIDATOR.schema)


def test_the_file_for_editors_is_up_to_date() -> None:
    said = json.dumps(schema(), indent=1) + "\n"
    file = ROOT / "scenarios" / "schema.json"
    assert file.read_text() == said, "lab schema > scenarios/schema.json"


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_scenario_agrees(file: Path) -> None:
    assert objections(file.read_bytes()) == []


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_scenario_names_the_schema(file: Path) -> None:
    up = "../" * (len(file.relative_to(ROOT / "scenarios").parts) - 1)
    first = file.read_text().split("\n")[0]
    assert first == f"# yaml-language-server: $schema={up}schema.json"


@pytest.mark.parametrize("file", WRONG, ids=lambda file: file.stem)
def test_a_wrong_file_is_wrong_to_both_or_named_with_the_reason(file: Path) -> None:
    found = objections(file.read_bytes())
    if found is None:
        return  # the editor's own parser is the one to object
    named = [reason for reason, files in BEYOND.items() if file.stem in files]
    assert bool(found) == (not named), named


def test_no_reason_names_a_file_that_is_not_there() -> None:
    named = {file for files in BEYOND.values() for file in files}
    assert named <= {file.stem for file in WRONG}


def pieces(node: Located) -> Iterator[str]:
    match node:
        case Mapping(pairs=pairs):
            for key, item in pairs:
                yield from pieces(key)
                yield from pieces(item)
        case Sequence(items=items):
            for item in items:
                yield from pieces(item)
        case Scalar(text=text) if "\n" not in text and text:
            yield text


SEEDS = [file.read_bytes() for file in SHIPPED]
TEXTS = sorted({text for seed in SEEDS for text in pieces(read(Path("x.yaml"), seed)[0])})
WORDS = [*TEXTS, "1", "010", "1.5", "1e3", "true", "True", "null", "~", "10s", "${family}", "[a]"]
WORDS += ['"1"', "'true'", "none", "running", "SIGTERM", "{}", "[]", "udp/*:80", "0x1F", "1.0"]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_what_the_reader_takes_the_schema_takes(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SEEDS)).decode()
    for _ in range(data.draw(st.integers(1, 3))):
        old = data.draw(st.sampled_from(TEXTS))
        text = text.replace(old, data.draw(st.sampled_from(WORDS)), 1)
    if reads(Path("x.yaml"), text.encode()):
        assert objections(text.encode()) == []
