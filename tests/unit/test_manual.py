"""Every word is explained, every example is true, and the reference is up to date."""

from pathlib import Path

import pytest

from lab.catalog import Catalog
from lab.kinds import registry
from lab.loader import load_text
from lab.loader.fields import FILE, LIMITS_RECORD, NETWORK, NODE
from lab.loader.manual import pages
from lab.loader.reference import reference
from lab.loader.topics import ALIASES, TOPICS, Topic

ROOT = Path(__file__).parents[2]
SERVICES = Catalog(ROOT / "tests" / "corpus" / "errors" / "services")
INTENT = "intent: it must be so\n"
NETWORKS = "networks: {lan: {family: dual}}\n"
SERVED = """nodes:
  server: {service: stream-server, networks: [lan]}
  client: {service: stream-client, args: [server], networks: [lan]}
"""
HEARD = """  talker: {service: talker, args: [listener, hi], networks: [lan]}
  listener: {service: listener, networks: [lan]}
"""
EXAMPLES = [topic for topic in TOPICS if topic.example]


def completed(topic: Topic) -> str:
    """An example with what it leaves out."""
    text = topic.example.replace("${talker.ip}", "${talker.ipv4}").replace(".ip}", ".ipv4}")
    for part in (INTENT, NETWORKS, SERVED + ("" if "steps:" in text else HEARD)):
        if f"\n{part.partition(':')[0]}:" not in f"\n{text}":
            text += part
    return text


@pytest.mark.parametrize("topic", EXAMPLES, ids=lambda topic: topic.word)
def test_an_example_loads(topic: Topic, tmp_path: Path) -> None:
    (tmp_path / "golden").mkdir()
    (tmp_path / "golden" / "client.txt").write_text("hello\n")
    assert load_text(tmp_path / "x.yaml", completed(topic).encode(), SERVICES)


def test_every_word_has_a_page() -> None:
    found = pages()
    records = [key for record in (FILE, NODE, NETWORK, LIMITS_RECORD) for key in record.fields]
    words = [*registry.words("steps"), *registry.words("expectations"), *records, *ALIASES]
    assert set(words) <= found.keys()
    assert {"within", "name", "contains", "never", "until", "file", "lines"} <= found.keys()


def test_a_page_of_a_key_lists_the_keys_below_it() -> None:
    assert "    count " in pages()["node"].text
    assert "    subnets " in pages()["networks"].text


def test_a_word_with_two_meanings_has_both() -> None:
    text = pages()["expect"].text
    assert "when the run is over" in text
    assert "hold at this point" in text


def test_the_reference_is_up_to_date() -> None:
    file = ROOT / "docs" / "reference.md"
    assert file.read_text() == reference(), "python -m lab.loader.reference > docs/reference.md"


@pytest.mark.parametrize("word", [*registry.words("steps"), *registry.words("expectations")])
def test_the_reference_has_every_kind_with_its_example(word: str) -> None:
    assert f"\n### {word}\n" in reference()
