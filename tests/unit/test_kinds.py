"""How kinds are found, what makes one malformed, and that each one's example is true."""

import pkgutil
import re
from pathlib import Path
from types import ModuleType

import pytest

from lab.catalog import Catalog
from lab.kinds import expectations, steps
from lab.kinds.registry import MalformedKindError, check, find, words
from lab.loader import load_text
from lab.ports import Expectation, Step

SERVICES = Path(__file__).parents[1] / "corpus" / "errors" / "services"
SORTS = {"steps": steps, "expectations": expectations}
KINDS = [(sort, word) for sort in SORTS for word in words(sort)]
NODES = {
    "listener": "{service: listener, networks: [lan]}",
    "talker": "{service: talker, args: [listener, hello], networks: [lan]}",
    "server": "{service: stream-server, networks: [lan]}",
    "chat": "{service: stream-server, networks: [lan]}",
    "client": "{service: stream-client, args: [server], networks: [lan]}",
    "router": "{service: listener, networks: [lan]}",
}


@pytest.mark.parametrize("sort", SORTS)
def test_all_modules_of_the_package_are_kinds(sort: str) -> None:
    modules = pkgutil.iter_modules(SORTS[sort].__path__)
    assert words(sort) == tuple(sorted(module.name.replace("_", "-") for module in modules))


def test_the_words_of_part_one_are_there() -> None:
    assert words("steps") == (
        "close-stdin", "connect", "disconnect", "expect", "heal", "impair", "kill", "partition",
        "pause", "renumber", "restart", "resume", "run", "send", "signal", "start", "stop", "wait",
    )  # fmt: skip
    assert words("expectations") == (
        "addresses", "after", "calls", "exit", "listening", "packets", "processes", "stderr",
        "stdout",
    )  # fmt: skip


def scenario_of(example: str) -> str:
    """An example with the nodes it speaks of."""
    named = set(re.findall(r"[a-z]+", example)) | {"listener", "server"}
    if "steps:" in example:
        named -= {"listener", "talker", "router"}
    nodes = "".join(f"  {name}: {node}\n" for name, node in NODES.items() if name in named)
    return f"intent: it must be true\nnetworks: {{lan: {{family: ipv6}}}}\nnodes:\n{nodes}{example}"


@pytest.mark.parametrize(("sort", "word"), KINDS)
def test_the_example_in_the_documentation_loads(sort: str, word: str) -> None:
    kind = find(sort, word)
    text = scenario_of(kind.example)
    (scenario,) = load_text(Path("example.yaml"), text.encode(), Catalog(SERVICES))
    made = {step.kind for step in scenario.steps} | {
        wanted.expectation.kind for wanted in scenario.expectations
    }
    assert word in made


@pytest.mark.parametrize(("sort", "word"), KINDS)
def test_its_documentation_begins_with_a_sentence(sort: str, word: str) -> None:
    kind = find(sort, word)
    assert kind.sentence.endswith(".")
    assert len(kind.sentence) < 110


@pytest.mark.parametrize(("sort", "word"), KINDS)
def test_its_shape_has_a_schema(sort: str, word: str) -> None:
    assert find(sort, word).shape.schema()


def test_what_is_made_is_what_the_protocols_ask_for() -> None:
    for sort, word in KINDS:
        text = scenario_of(find(sort, word).example)
        (scenario,) = load_text(Path("example.yaml"), text.encode(), Catalog(SERVICES))
        assert all(isinstance(step, Step) for step in scenario.steps)
        assert all(isinstance(each.expectation, Expectation) for each in scenario.expectations)


def module(**contents: object) -> ModuleType:
    made = ModuleType("lab.kinds.steps.wink")
    made.__dict__.update(contents)
    return made


class Shape:
    def read(self, value: object, scope: object) -> object:
        return value


GOOD = "Winks.\n\nExample:\n\n    steps:\n      - wink: server\n"


def test_a_good_module_is_a_kind() -> None:
    kind = check("wink", module(__doc__=GOOD, SHAPE=Shape(), decode=print))
    assert (kind.sentence, kind.example) == ("Winks.", "steps:\n  - wink: server\n")


@pytest.mark.parametrize(
    ("contents", "says"),
    [
        ({}, "no docstring"),
        ({"__doc__": "Winks."}, "no example"),
        ({"__doc__": "Winks.\n\nExample:\n\nsteps:\n"}, "no example"),
        ({"__doc__": GOOD}, "no SHAPE"),
        ({"__doc__": GOOD, "SHAPE": 3, "decode": print}, "no SHAPE"),
        ({"__doc__": GOOD, "SHAPE": Shape()}, "no decode"),
    ],
)
def test_a_malformed_module_refuses_and_says_why(contents: dict[str, object], says: str) -> None:
    with pytest.raises(MalformedKindError, match=says) as caught:
        check("wink", module(**contents))
    assert "wink" in str(caught.value)
