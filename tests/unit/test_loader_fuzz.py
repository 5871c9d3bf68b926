"""Whatever the bytes: a Scenario or InvalidScenario, and nothing else."""

from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lab.catalog import Catalog
from lab.loader import load_text
from lab.source import InvalidScenario

CORPUS = Path(__file__).parents[1] / "corpus" / "errors"
SERVICES = Catalog(CORPUS / "services")
SEEDS = [
    *(file.read_bytes() for file in sorted(CORPUS.glob("*.yaml"))),
    *(file.read_bytes() for file in sorted((CORPUS.parents[2] / "scenarios").glob("*.yaml"))),
]
LINES = sorted({line + b"\n" for seed in SEEDS for line in seed.split(b"\n")})
TOKENS = [
    b"{", b"}", b"[", b"]", b":", b": ", b"- ", b"\n", b"\n  ", b"${", b"}", b"$${", b"&a ", b"*a",
    b"!x ", b"|", b"'", b'"', b"\t", b"\xff", b"\x00", b"...", b" (re)", b"\\", b"0", b"-1", b"no",
    "é\u2028😀".encode(), b"<<: ", b"? ", b"#", b"%",
]  # fmt: skip


def feed(data: bytes) -> None:
    try:
        scenarios = load_text(Path("fuzz.yaml"), data, SERVICES)
    except InvalidScenario as error:
        invalid = error
    else:
        assert scenarios
        for scenario in scenarios:
            assert scenario.topology.nodes
        return
    assert invalid.diagnostics
    for diagnostic in invalid.diagnostics:
        assert diagnostic.render()


@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbf")
@example(b"\xff\xfea\x00:\x00")
def test_any_bytes(data: bytes) -> None:
    feed(data)


@settings(max_examples=400)
@given(st.data())
def test_mutations_of_scenarios(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SEEDS))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 30)))
        text = text[:start] + data.draw(st.sampled_from([b"", *TOKENS])) + text[end:]
    feed(text)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(LINES), max_size=25))
def test_lines_of_scenarios_in_any_order(lines: list[bytes]) -> None:
    feed(b"".join(lines))
    feed(b"intent: it must\nnodes:\n  a: {service: listener}\n" + b"".join(lines))
