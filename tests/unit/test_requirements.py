"""What scenarios may require, and what is said where it is missing."""

import re

import pytest

from lab.ports import Abilities
from lab.requirements import KNOWN, missing, requirement_fault, tried

TODAY = Abilities("28.5.2", (1, 51), ipv6_only=True, kernel="6.1.0-18-amd64")
OLD = Abilities("20.10.24+dfsg1", (1, 41), ipv6_only=False, kernel="5.10", ipv6=False)


@pytest.mark.parametrize(
    "text", ["engine>=28", "engine>=28.5.2", "api>=1.51", "kernel>=6.1", "ipv6", "native-ipv6-only"]
)
def test_an_engine_of_today_has_it_and_an_old_one_says_what_is_missing(text: str) -> None:
    assert requirement_fault(text) == ""
    assert missing([text], TODAY) is None
    assert text in (missing([text], OLD) or "")


def test_versions_are_compared_as_numbers() -> None:
    assert missing(["engine>=9"], TODAY) is None
    assert missing(["engine>=28.10"], TODAY) is not None
    assert missing(["kernel>=6.1.0.1"], TODAY) is not None
    assert missing(["engine>=20.10.24"], OLD) is None


def test_what_is_not_known_is_missing() -> None:
    assert "unknown version" in (
        missing(["kernel>=1"], Abilities("28", (1, 48), ipv6_only=True)) or ""
    )
    assert missing(["netem"], TODAY) is not None
    assert (
        missing(["netem"], Abilities("28", (1, 48), ipv6_only=True, features=frozenset({"netem"})))
        is None
    )


def test_only_what_a_trial_can_tell_of_is_tried() -> None:
    assert tried(["engine>=28", "ipv6", "netem"]) == {"netem"}
    assert tried(["engine>=28"]) == frozenset()


def test_the_first_that_is_missing_is_told() -> None:
    assert "ipv6" in (missing(["engine>=20", "ipv6", "api>=1.51"], OLD) or "")
    assert missing([], OLD) is None


@pytest.mark.parametrize("text", ["engine", "engine>28", "engine>=", "ipv6>=1", "nettem", "", "A"])
def test_what_cannot_be_required_is_told(text: str) -> None:
    assert re.search("write|did you mean", requirement_fault(text))


def test_every_word_is_documented() -> None:
    assert all(KNOWN.values())
