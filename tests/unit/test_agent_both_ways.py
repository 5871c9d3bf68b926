"""Which way a node's packets are impaired, and what the kernel is told, byte for byte.

The structures are those of linux/pkt_sched.h, linux/rtnetlink.h and linux/netfilter/nf_tables.h.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Mapping

import pytest

from lab.agent.program import nftables, qdiscs, sorting
from lab.agent.program.both_ways import BothWays
from lab.agent.program.exact import Exact, exact
from lab.agent.program.netlink import attribute, attributes
from lab.agent.program.sorting import Sort

PROGRAM = "lab.agent.program"
A, B = "192.0.2.2", "2001:db8::2"


def written(effects: object, **more: object) -> dict[str, object]:
    """An impairment as the agent has it, on interface 7, of all packets."""
    plain = {"seed": "s", "interfaces": [7], "to": None, "transport": None, "port": None}
    return {**plain, "effects": effects, **more}


# -- which


@pytest.mark.parametrize(
    "effects", [{"delay": 0.05}, {"rate": 1e6}, {"delay": 0.05, "rate": 1e6}, {"delay": 0}]
)
def test_what_chooses_no_packets_may_be_the_kernels(effects: object) -> None:
    found = exact({"1": written(effects)})
    assert found == {"1": Exact((7,), None, None, None, effects)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "effects",
    [
        {"loss": {"every": 1}},
        {"delay": 0.05, "jitter": 0.01},
        {"delay": 0.05, "loss": {"nth": [2]}},
        {"reorder": {"share": 0.1}},
        {"duplicate": {"every": 2}},
        {"corrupt": {"every": 2}},
        {"delay": 300.0},  # longer than netem counts
        {"rate": 100},  # slower than it can be told in bytes
        {},
    ],
)
def test_what_chooses_packets_or_cannot_be_kept_is_the_queues(effects: object) -> None:
    assert exact({"1": written({"delay": 0.01}, to=[A]), "2": written(effects, to=[B])}) is None


def test_one_slow_link_is_not_one_behind_each_interface() -> None:
    assert exact({"1": written({"rate": 1e6}, interfaces=[7, 8])}) is None
    assert exact({"1": written({"delay": 0.1}, interfaces=[7, 8])}) is not None


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ({}, {}, False),
        ({"interfaces": [8]}, {}, True),
        ({"to": [A]}, {"to": [B]}, True),
        ({"to": [A, B]}, {"to": [B]}, False),
        ({"to": [A]}, {}, False),
        ({"transport": "tcp"}, {"transport": "udp"}, True),
        ({"transport": "tcp"}, {}, False),
        ({"transport": "udp", "port": 7}, {"transport": "udp", "port": 9}, False),  # from 7 to 9
    ],
)
def test_the_kernel_has_several_if_no_packet_meets_two(
    one: dict[str, object], other: dict[str, object], *, apart: bool
) -> None:
    both = {"1": written({"delay": 1}, **one), "2": written({"delay": 2}, **other)}
    assert (exact(both) is not None) == apart


def test_too_many_to_tell_apart_are_the_queues() -> None:
    many = [f"192.0.2.{at}" for at in range(1, 34)]
    assert exact({"1": written({"delay": 1}, to=many)}) is not None
    assert exact({"1": written({"delay": 1}, to=many, transport="udp", port=7)}) is None
    assert exact({"1": written({"delay": 1}, port=7)}) is None  # of which transport?


# -- what the kernel is told


class Kernel:
    """Takes down what is asked of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, bytes, int]] = []
        self.there: list[bytes] = []
        self.batches: list[list[tuple[int, int, bytes]]] = []

    def ask(self, kind: int, payload: bytes, flags: int = 0) -> None:
        self.asked.append((kind, payload, flags))

    def dump(self, kind: int, payload: bytes) -> list[bytes]:
        assert kind in (38, nftables.GET_COUNTERS), payload
        return self.there

    def batch(self, begin: int, end: int, said: list[tuple[int, int, bytes]]) -> None:
        assert (begin, end) == (16, 17)  # NFNL_MSG_BATCH_BEGIN, _END
        self.batches.append(said)


little = pytest.mark.skipif(sys.byteorder == "big", reason="the bytes are a little-endian kernel's")


@little
def test_the_bypass_byte_for_byte() -> None:
    kernel = Kernel()
    qdiscs.begin(kernel, 7)  # type: ignore[arg-type]  # all it needs of a Netlink
    prio, fifo = kernel.asked
    assert prio == (
        36,  # RTM_NEWQDISC
        bytes.fromhex(
            "00000000 07000000 0000ab01 ffffffff 00000000"  # tcmsg: 7, 1ab:, root
            "0900 0100 7072696f00 000000"  # TCA_KIND prio
            "1800 0200 10000000"
            + "00"
            * 16  # TCA_OPTIONS: tc_prio_qopt, 16 bands, all to the first
        ),
        0x500,  # NLM_F_CREATE, NLM_F_REPLACE
    )
    assert fifo[1] == bytes.fromhex(
        "00000000 07000000 00000000 0100ab01 00000000"  # parent 1ab:1
        "0a00 0100 706669666f00 0000"  # pfifo
        "0800 0200 00000100"  # tc_fifo_qopt: 65536
    )


@little
def test_netem_byte_for_byte() -> None:
    kernel = Kernel()
    qdiscs.emulate(kernel, 7, 1, 0.05, 1e6)  # type: ignore[arg-type]
    [(_, payload, flags)] = kernel.asked
    assert (payload, flags) == (
        bytes.fromhex(
            "00000000 07000000 00000000 0200ab01 00000000"  # parent 1ab:2
            "0a00 0100 6e6574656d00 0000"  # netem
            "3000 0200"  # TCA_OPTIONS: tc_netem_qopt and attributes
            "c2eb0b00 00000100 00000000 00000000 00000000 00000000"  # 781,250 of 64 ns; 65536
            "1400 0600 48e80100 f2ffffff 00000000 00000000"  # TCA_NETEM_RATE: 125,000 B/s, -14
        ),
        0x500,
    )
    qdiscs.emulate(kernel, 7, 1, 0.0, 40e9)  # type: ignore[arg-type]
    assert kernel.asked[-1][1].endswith(
        struct.pack("<HHIiIiHHQ", 20, 6, 0xFFFFFFFF, -14, 0, 0, 12, 8, 5_000_000_000)
    )


def test_what_waits_is_read_back() -> None:
    def told(handle: int, parent: int, *counts: int) -> bytes:
        queue = attribute(3, struct.pack("=5I", *counts, 0, 0))
        head = struct.pack("=BxxxiIII", 0, 7, handle, parent, 0)
        return head + attribute(1, b"x\0") + attribute(7, queue)

    kernel = Kernel()
    kernel.there = [
        told(0x01AB0000, 0xFFFFFFFF, 3, 300, 1),
        told(0x80010000, 0x01AB0002, 3, 300, 1),
        told(0, 0xFFFFFFFF, 9, 900, 9),  # of another
    ]
    assert qdiscs.waiting(kernel) == [  # type: ignore[arg-type]
        qdiscs.Waiting(7, None, 3, 300, 1),
        qdiscs.Waiting(7, 1, 3, 300, 1),
    ]


@little
def test_a_class_is_set_byte_for_byte() -> None:
    assert nftables.classify(0x01AB0002) == bytes.fromhex(
        "2c00 0180 0e00 0100 696d6d65646961746500 0000"  # an expression: immediate
        "1800 0280 0800 0100 00000001"  # NFTA_IMMEDIATE_DREG 1
        "0c00 0280 0800 0100 0200ab01"  # NFTA_DATA_VALUE, as the host has numbers
        "2400 0180 0900 0100 6d65746100 000000"  # meta
        "1400 0280 0800 0200 00000002 0800 0300 00000001"  # NFT_META_PRIORITY from 1
    )


def test_rules_sort_after_what_no_impairment_touches() -> None:
    one = Exact((7, 8), (A, B), "udp", 4950, {"delay": 1.0})
    for family, peers in ((2, 1), (10, 1)):
        laid = list(sorting.laid(family, {"1": Sort(one, qdiscs.class_of(1))}))
        kinds = [kind & 0xFF for kind, _, _ in laid]
        spared = 2 if family == 2 else 3
        assert kinds == [8, *[6] * spared, 18, *[6] * (2 * peers * 2)]
        rules = [payload for kind, _, payload in laid if kind & 0xFF == 6]
        assert all(b"objref" not in payload for payload in rules[:spared])
        assert all(payload.index(b"objref") < payload.rindex(b"meta") for payload in rules[spared:])
    assert attributes(laid[0][2], 4)[1] == b"socketlab-sorts\0"


def test_counts_of_both_families_are_one() -> None:
    def told(title: bytes, packets: int) -> bytes:
        data = attribute(1, bytes(8)) + attribute(2, struct.pack("!Q", packets))
        return struct.pack("!BBH", 2, 0, 0) + attribute(2, title) + attribute(4, data)

    kernel = Kernel()
    made = sorting.Sorting(kernel)  # type: ignore[arg-type]
    kernel.there = [told(b"1\0", 3), told(b"2\0", 0)]
    assert made.counts() == {"1": 6, "2": 0}


# -- one way, and then the other


class Way:
    """Either of them: what it was told, and that each of its impairments met two packets."""

    room = True
    fails = 0

    def __init__(self, interfaces: list[int]) -> None:
        if self.fails:
            raise OSError(self.fails, "no such file")
        self.names: list[list[str]] = []
        self.busy: Mapping[str, float] = {}
        self.lifted = False

    def set(
        self, impairments: Mapping[str, object], busy: Mapping[str, float] | None = None
    ) -> bool:
        self.names.append(list(impairments))
        self.busy = busy or {}
        return self.room

    def cede(self) -> dict[str, float]:
        return {"1": 0.25}

    def counts(self) -> dict[str, dict[str, int]]:
        ever = dict.fromkeys(name for names in self.names for name in names)
        return {name: {"seen": 2, "delay": 2} for name in ever}

    def held(self) -> int:
        return 1

    def trouble(self) -> str:
        return ""

    def lift(self) -> None:
        self.lifted = True


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> BothWays:
    for name in ("Emulation", "Queueing"):
        monkeypatch.setattr(f"{PROGRAM}.both_ways.{name}", type(name, (Way,), {}))
    monkeypatch.setattr(f"{PROGRAM}.segments.joined", lambda: False)
    return BothWays([7])


def by(ways: BothWays) -> object:
    return ways.report()["by"]


def test_the_kernel_goes_on_until_something_is_not_its(ways: BothWays) -> None:
    late, lossy = written({"delay": 0.1}), written({"loss": {"every": 2}})
    ways.set({"1": late}, kernel=True)
    assert by(ways) == {"1": ["netem"]}
    ways.set({"1": late, "2": lossy}, kernel=True)
    assert by(ways) == {"1": ["netem", "nfqueue"], "2": ["nfqueue"]}
    assert getattr(ways.queueing, "busy", None) == {"1": 0.25}
    ways.set({"3": late}, kernel=True)  # and never back
    report = ways.report()
    assert report["by"] == {"1": ["netem", "nfqueue"], "2": ["nfqueue"], "3": ["nfqueue"]}
    assert report["counts"] == {
        "1": {"seen": 4, "delay": 4}, "2": {"seen": 2, "delay": 2}, "3": {"seen": 2, "delay": 2}
    }  # fmt: skip
    assert report["held"] == 2


def test_nothing_is_begun_for_nothing(ways: BothWays) -> None:
    ways.set({}, kernel=True)
    assert ways.report() == {"counts": {}, "held": 0, "trouble": "", "by": {}}


@pytest.mark.parametrize(
    "why", ["forbidden", "no netem", "no room", "joined segments", "cannot tell"]
)
def test_where_the_kernel_may_or_can_not_the_queue_does_it(
    ways: BothWays, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    if why == "no netem":
        monkeypatch.setattr(f"{PROGRAM}.both_ways.Emulation.fails", 2)
    if why == "no room":
        monkeypatch.setattr(f"{PROGRAM}.both_ways.Emulation.room", False)
    if why == "joined segments":
        monkeypatch.setattr(f"{PROGRAM}.segments.joined", lambda: True)
    if why == "cannot tell":
        monkeypatch.setattr(f"{PROGRAM}.segments.joined", _fails)
    ways.set({"1": written({"delay": 0.1})}, kernel=why != "forbidden")
    assert by(ways) == {"1": ["nfqueue"]}


def _fails() -> bool:
    raise OSError(95, "not supported")
