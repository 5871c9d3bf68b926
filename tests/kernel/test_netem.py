"""The kernel's way to impair, measured where there is netem: by the agent's own code, in an
emulated machine with Debian's kernel (`make kernel-tests`)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.kernel import machine, tree

pytestmark = [
    pytest.mark.skipif(bool(tree.missing()), reason=tree.missing() or "it is here"),
    pytest.mark.xdist_group("emulated machine"),
    pytest.mark.timeout(machine.PATIENCE),
]

Facts = Mapping[str, Mapping[str, object]]
BOTH = (0.1, 0.15)  # seconds: 10,000 bits at 100 kbit/s, and with a delay of 50 ms


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """What each trial of one run of the machine told."""
    return machine.run(tmp_path_factory.mktemp("machine"))


def fact(told: Facts, trial: str) -> Mapping[str, object]:
    """One trial's; one that broke fails with what it said."""
    assert "error" not in told[trial], told[trial]["error"]
    assert told[trial].get("trouble", "") == ""
    return told[trial]


@pytest.mark.parametrize("asked", [0.01, 0.1])
@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
def test_delay_is_what_was_asked_within_2_ms_or_5_percent(
    told: Facts, family: str, asked: float
) -> None:
    found = fact(told, "delay")
    assert found[f"{family} {asked}"] == pytest.approx(asked, abs=max(0.002, 0.05 * asked))
    assert found["by"] == {"a": ["netem"]}
    assert found["counts"] == {"a": {"seen": 36, "delay": 36}}


def test_a_rate_is_kept_within_10_percent_from_the_ip_header_on(told: Facts) -> None:
    found = fact(told, "rate")
    assert found["full"] == pytest.approx(0.02, rel=0.1)
    assert found["small"] == pytest.approx(0.02, rel=0.1)
    assert found["full holds"] is found["small holds"] is True
    assert found["by"] == {name: ["netem"] for name in ("full", "small", "lone", "late")}


@pytest.mark.parametrize("way", ["rate", "by_the_queue"])
def test_a_lone_packet_takes_its_time_on_a_slow_link_the_same_in_both_ways(
    told: Facts, way: str
) -> None:
    found = fact(told, way)
    assert (found["lone"], found["late"]) == pytest.approx(BOTH, abs=0.002)


def test_the_kernel_does_nothing_where_it_may_not(told: Facts) -> None:
    found = fact(told, "by_the_queue")
    assert found["delay"] == pytest.approx(0.1, abs=0.005)
    assert found["by"] == {name: ["nfqueue"] for name in "abc"}


def test_each_falls_on_its_own_packets_and_one_too_large_for_a_frame_is_one(told: Facts) -> None:
    found = fact(told, "which")
    assert found["four"] == pytest.approx(0.2, abs=0.01)
    assert found["six"] == pytest.approx(0.0, abs=0.002)
    missed = {"seen": 0, "delay": 0}
    assert found["counts"] == {
        "port": {"seen": 4, "delay": 4}, "other": missed, "tcp": missed, "elsewhere": missed
    }  # fmt: skip
    assert found["by"] == {name: ["netem"] for name in ("port", "other", "tcp", "elsewhere")}


@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
def test_neighbours_find_each_other_at_once_where_all_else_is_late(
    told: Facts, family: str
) -> None:
    found = fact(told, "neighbours")
    assert (found[f"{family} forgotten"], found[f"{family} found"]) == (True, True)


def test_what_waits_when_it_is_healed_comes_when_it_is_due(told: Facts) -> None:
    found = fact(told, "healing")
    assert found["order"] == ["prompt", "late"]
    assert found["late"] == pytest.approx(0.5, abs=0.01)
    assert (found["holds"], found["holds afterwards"]) == (True, False)


def test_in_the_end_all_is_as_it_was(told: Facts) -> None:
    found = fact(told, "healing")
    assert found["left"] == found["before"] != found["during"]
    assert found["again"] == pytest.approx(0.0, abs=0.002)


def test_more_one_after_another_than_there_are_places(told: Facts) -> None:
    found = fact(told, "in_turn")
    assert found["by"] == {str(at): ["netem"] for at in range(20)}
    assert found["counts"] == {str(at): {"seen": 1, "delay": 1} for at in range(20)}


def test_a_segment_is_one_packet_and_a_stream_as_fast_as_the_link(told: Facts) -> None:
    found = fact(told, "segment")
    counts = found["counts"]
    assert isinstance(counts, dict)
    assert counts["a"]["seen"] >= 400_000 // 1448
    assert found["seconds"] == pytest.approx(400_000 * 8 / 8_000_000, rel=0.1)
    assert found["by"] == {"a": ["netem"]}


@pytest.mark.parametrize("where", ["connected", "router"])
def test_where_segments_may_be_joined_the_queue_takes_them_apart(told: Facts, where: str) -> None:
    assert fact(told, where)["by"] == {"a": ["nfqueue"]}


def test_if_who_impairs_dies_all_stays_impaired_and_it_is_told(told: Facts) -> None:
    found = fact(told, "orphaned")
    assert found["delay"] == pytest.approx(0.1, abs=0.005)
    assert "has ended" in str(found.get("said"))


def test_when_something_is_left_to_chance_the_queue_goes_on_where_the_kernel_was(
    told: Facts,
) -> None:
    found = fact(told, "from_one_to_the_other")
    assert found["order"] == "0123457"
    assert found["gaps"] == pytest.approx([0.1] * 5 + [0.2], rel=0.1)  # 6 was lost on the way
    assert found["counts"] == {"slow": {"seen": 8, "rate": 8}, "lossy": {"seen": 3, "loss": 1}}
    assert found["by"] == {"slow": ["netem", "nfqueue"], "lossy": ["nfqueue"]}
