"""The environment every node is created with, and what a scenario adds to it."""

from __future__ import annotations

from lab.engine import payloads
from lab.ports import Abilities, NodeSpec

ENGINE = Abilities("28.5.2", (1, 51), ipv6_only=True)


def environment(*own: tuple[str, str]) -> list[str]:
    """What a node with this environment of its own is created with."""
    spec = NodeSpec(
        name="lab-1-node",
        hostname="node",
        image="image",
        links=(),
        hosts=(),
        env=own,
        memory=1,
        pids=1,
        cpus=None,
        labels={},
    )
    found: list[str] = payloads.node(spec, ENGINE)["Env"]
    return found


def test_the_c_library_hears_of_every_address_of_a_name() -> None:
    assert environment() == ["RESOLV_MULTI=on"]


def test_the_last_word_is_the_scenarios() -> None:
    assert environment(("A", "b=c"), ("RESOLV_MULTI", "off")) == [
        "RESOLV_MULTI=on",
        "A=b=c",
        "RESOLV_MULTI=off",
    ]
