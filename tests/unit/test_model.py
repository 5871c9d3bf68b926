import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.model import Template, Topology


def test_references_are_rendered() -> None:
    template = Template("from ${talker.ip} to ${server.port}${talker.ip}")
    assert template.references == ("talker.ip", "server.port", "talker.ip")
    bindings = {"talker.ip": "2001:db8::1", "server.port": "80"}
    assert template.render(bindings) == "from 2001:db8::1 to 802001:db8::1"


def test_a_doubled_dollar_is_a_plain_one_before_a_brace() -> None:
    template = Template("$${talker.ip} costs $5 $$ ${a}")
    assert template.references == ("a",)
    assert template.render({"a": "x"}) == "${talker.ip} costs $5 $$ x"


def test_an_unknown_reference_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        Template("${a}").render({})


@pytest.mark.parametrize(
    ("text", "place"), [("a ${b", 2), ("${a} ${", 5), ("$${a", None), ("$}", None)]
)
def test_a_reference_without_an_end_is_found(text: str, place: int | None) -> None:
    assert Template(text).unfinished == place


def test_values_are_never_read_again() -> None:
    assert Template("${a}").render({"a": "${b} $${c}"}) == "${b} $${c}"


@given(st.text(alphabet="ab$ {}."), st.text(alphabet="x${}"))
def test_transform_keeps_written_text_and_values_apart(text: str, value: str) -> None:
    template = Template(text)
    bindings = dict.fromkeys(template.references, value)
    assert template.transform(bindings, str, str) == template.render(bindings)
    kept = template.transform(bindings, lambda _: "", str)
    assert kept == value * len(template.references)


def test_a_topology_knows_its_parts_by_name() -> None:
    with pytest.raises(KeyError):
        Topology((), ()).node("x")
    with pytest.raises(KeyError):
        Topology((), ()).network("x")
