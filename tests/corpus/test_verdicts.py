r"""What each expectation says of each observation: verdict, reason, difference, advice.

Each case is its own item, and its whole judgement is kept in a golden file.
"""

from pathlib import Path

import pytest

from lab.events import NodeObservation
from lab.kinds.registry import words
from lab.verdict import Judgement, Verdict
from tests.corpus.calls import CALLS
from tests.corpus.golden import check
from tests.corpus.observed import (
    BINDINGS,
    NODE,
    NODE4,
    TALKER,
    asked_by_arp,
    beside,
    crowded,
    datagram,
    expectation,
    held,
    limited,
    lost,
    segment,
    timed,
    unreachable,
    with_addresses,
    with_packets,
    with_processes,
    with_sockets,
    wrote,
)

FOLDER = Path(__file__).parent / "verdicts"

GREETING = "stdout: |\n  hello\n  world\n"
RULES = r"""stdout: |
  a+ (re)
  b* (glob)
  c\0 (esc)
  maybe (?)
  from ${talker.ip}
  ...
  end
"""
SOME = wrote(b"aaa\nbbb\nc\0\nfrom 2001:db8::2\nx\ny\nend\n")
ANY = "stdout: {any-order: [a, b, c (?)]}"
NEVER = "stdout: {never: bad, until: "
BOUND = ("LISTEN tcp/0.0.0.0:3490", "UNCONN udp/[::]:4950")
TWICE = "stdout: {contains: {text: hi, at-least: 2}}"
NONE = "stdout: {contains: [{text: hi, at-most: 0}]}"
ONCE = "stdout: {contains: [{text: hi, at-least: 1, at-most: 1}]}"
AFTER = "after: {node: server, line: got, comes: hello, within: 2s}"
PROCESSES = ("1 holder S", "7 server S", "9 server Z")
ADDRESSES = ("lo 127.0.0.1/8 host", "eth0 2001:db8::2/64 global", "eth0 fe80::1/64 link")

GREETED = with_packets(
    segment(TALKER, NODE, "SYN"),
    segment(NODE, TALKER, "SYN+ACK", ports="back"),
    segment(TALKER, NODE, "ACK", sequence=101),
    segment(TALKER, NODE, "ACK", sequence=101, size=5),
)
LOST_ONE = with_packets(
    segment(TALKER, NODE, "SYN"),
    segment(TALKER, NODE, "SYN"),
    segment(NODE, TALKER, "RST+ACK", ports="back"),
)
FIFTEEN = datagram(TALKER, NODE, 15)
ONE_OF_15 = "packets: {protocol: udp, from: talker, to: node, size: 15, count: 1}"
HANDSHAKE = "packets: {order: [{flags: SYN}, {flags: SYN+ACK}, {flags: ACK, from: talker}]}"

CASES: dict[str, tuple[str, NodeObservation]] = {
    "packets-one-pass": (ONE_OF_15, with_packets(FIFTEEN)),
    "packets-one-of-none": (ONE_OF_15, with_packets()),
    "packets-one-of-two": (ONE_OF_15, with_packets(FIFTEEN, FIFTEEN)),
    "packets-one-of-another-size": (ONE_OF_15, with_packets(datagram(TALKER, NODE, 16))),
    "packets-one-the-other-way": (ONE_OF_15, with_packets(datagram(NODE, TALKER, 15))),
    "packets-not-whole": (ONE_OF_15, with_packets(FIFTEEN, gap="the kernel dropped 3 packets")),
    "packets-not-captured": (ONE_OF_15, wrote().running()),
    "packets-of-a-lost-one": (ONE_OF_15, lost()),
    "packets-never-pass": ("packets: {never: {protocol: ipv4}}", GREETED),
    "packets-never-but-it-was": ("packets: {never: {protocol: ipv6}}", GREETED),
    "packets-never-not-whole": ("packets: {never: {protocol: udp}}", with_packets(gap="late")),
    "packets-order-pass": (HANDSHAKE, GREETED),
    "packets-order-broken": (HANDSHAKE, LOST_ONE),
    "packets-order-nothing": (HANDSHAKE, with_packets()),
    "packets-answered-by-rst-pass": (
        "packets: {order: [{flags: SYN, to-port: 3490}, {flags: RST, from-port: 3490}]}",
        LOST_ONE,
    ),
    "packets-retransmission-none-pass": ("packets: {never: {retransmission: true}}", GREETED),
    "packets-retransmission-one": ("packets: {never: {retransmission: true}}", LOST_ONE),
    "packets-retransmission-asked-for": ("packets: {retransmission: true}", GREETED),
    "packets-unreachable-pass": (
        "packets: {icmp: port unreachable, to: talker}",
        with_packets(unreachable(NODE, TALKER)),
    ),
    "packets-unreachable-ipv4-pass": (
        "packets: {icmp: port unreachable, protocol: icmp, from: 192.0.2.3}",
        with_packets(unreachable(NODE4, "192.0.2.9")),
    ),
    "packets-unreachable-none": ("packets: {icmp: port unreachable}", with_packets(FIFTEEN)),
    "packets-arp-none-pass": ("packets: {protocol: arp, count: 0}", with_packets(FIFTEEN)),
    "packets-arp-one": (
        "packets: {protocol: arp, count: 0}",
        with_packets(asked_by_arp(NODE4, "192.0.2.9")),
    ),
    "packets-at-most-so-far": ("packets: {size: 15, count: {at-most: 2}}", with_packets(FIFTEEN)),
    "packets-two-demands-one-met": (
        "packets: [{protocol: udp}, {protocol: tcp, port: 3490}]",
        with_packets(FIFTEEN),
    ),
    "packets-on-another-network": ("packets: {never: {on: wan, size: 1}}", with_packets()),
    "packets-of-what-is-no-ip": ("packets: {protocol: tcp}", with_packets(bytes(20), b"short")),
    "packets-of-an-address-not-known": ('packets: {to: "${nobody.ip}"}', with_packets(FIFTEEN)),
    "exit-0-pass": ("exit: 0", wrote().ended()),
    "exit-0-of-1": ("exit: 0", wrote(stderr=b"bind: Address already in use\n").ended(1)),
    "exit-0-of-a-signal": ("exit: 0", wrote().ended(signal=11)),
    "exit-0-of-an-unnamed-signal": ("exit: 0", wrote().ended(signal=64)),
    "exit-0-out-of-memory": (
        "exit: 0",
        limited(wrote().ended(signal=9), "memory limit of 256MiB"),
    ),
    "exit-0-out-of-all": (
        "exit: 0",
        limited(wrote().ended(1), "memory limit of 256MiB", "process limit of 128"),
    ),
    "exit-0-of-a-running-one-out-of-processes": (
        "exit: 0",
        limited(wrote(b"x\n").running(), "process limit of 128"),
    ),
    "exit-0-of-one-there-was-no-room-for": (
        "exit: 0",
        limited(crowded(), "process limit of 128"),
    ),
    "exit-0-of-a-running-one": ("exit: 0", wrote(b"hello\n").running()),
    "exit-0-of-a-silent-one": ("exit: 0", wrote().running()),
    "exit-0-of-a-held-one": ("exit: 0", held()),
    "exit-0-of-a-lost-one": ("exit: 0", lost()),
    "exit-signal-pass": ("exit: SIGTERM", wrote().ended(signal=15)),
    "exit-signal-of-0": ("exit: SIGTERM", wrote().ended()),
    "exit-running-pass": ("exit: running", wrote().running()),
    "exit-running-of-0": ("exit: running", wrote().ended()),
    "exit-running-of-a-lost-one": ("exit: running", lost()),
    "exit-running-of-a-held-one": ("exit: running", held()),
    "exit-list-pass": ("exit: [0, SIGTERM]", wrote().ended(signal=15)),
    "exit-list-of-2": ("exit: [0, SIGTERM, running]", wrote().ended(2)),
    "block-pass": (GREETING, wrote(b"hello\nworld\n").ended()),
    "block-pass-so-far": (GREETING, wrote(b"hello\nworld\n").running()),
    "block-not-all-yet": (GREETING, wrote(b"hello\n").running()),
    "block-half-a-line-yet": (GREETING, wrote(b"hello\nwor").running()),
    "block-not-all-ever": (GREETING, wrote(b"hello\n").ended(1)),
    "block-not-all-of-an-orphan": (GREETING, wrote(b"hello\n").orphaned()),
    "block-other-line": (GREETING, wrote(b"hello\nmoon\n").running()),
    "block-one-more-line": (GREETING, wrote(b"hello\nworld\nagain\n").running()),
    "block-first-line-missing": (GREETING, wrote(b"world\n").ended()),
    "block-no-last-newline": (GREETING, wrote(b"hello\nworld").ended()),
    "block-silent": (GREETING, wrote().running()),
    "block-silent-but-for-stderr": (GREETING, wrote(stderr=b"x\n").running()),
    "block-of-a-lost-one": (GREETING, lost()),
    "block-of-a-held-one": (GREETING, held()),
    "block-truncated": (GREETING, wrote(b"hello\n", truncated=True).ended()),
    "block-truncated-but-wrong-before": (GREETING, wrote(b"x\n", truncated=True).ended()),
    "block-invisible": (GREETING, wrote(b"hello \r\nwor\0ld\t\xff\n").ended()),
    "block-cr": (GREETING, wrote(b"hello\r\nworld\r\n").ended()),
    "strip-pass": ("stdout: |-\n  hello\n", wrote(b"hello").ended()),
    "strip-of-a-newline": ("stdout: |-\n  hello\n", wrote(b"hello\n").ended()),
    "plain-of-a-newline": ("stdout: hello", wrote(b"hello\n").ended()),
    "nothing-pass": ('stdout: ""', wrote().ended()),
    "nothing-of-something": ('stdout: ""', wrote(b"oops\n").running()),
    "empty-line-pass": ("stdout: |\n  a\n\n  b\n", wrote(b"a\n\nb\n").ended()),
    "rules-pass": (RULES, SOME.ended()),
    "rules-wrong-address": (RULES, wrote(b"aaa\nb\nc\0\nfrom ::1\nend\n").ended()),
    "rules-optional-there": (RULES, wrote(b"a\nb\nc\0\nmaybe\nfrom 2001:db8::2\nend\n").ended()),
    "elision-last-is-final": ("stdout: |\n  a\n  ...\n", wrote(b"a\nb\nc").running()),
    "elision-alone": ('stderr: "..."', wrote(stderr=b"anything\nat all").running()),
    "elision-first": ("stdout: |\n  ...\n  end\n", wrote(b"a\nb\n").ended()),
    "elision-then-more-wrong-than-right": (
        "stdout: |\n  ...\n  a\n  b\n  c\n", wrote(b"x\na\nB\nC\nD\nE\n").ended(),
    ),
    "elision-then-what-came-twice": (
        "stdout: |\n  ...\n  a\n  b\n", wrote(b"a\nx\ny\na\nB\n").ended(),
    ),
    "elisions-and-a-last-line-too-many": (
        "stdout: |\n  ...\n  a\n  ...\n  b\n", wrote(b"x\na\nx\nb\nc\n").ended(),
    ),
    "values-are-literal-in-regex": ("stdout: |\n  ${odd.ip}+ (re)\n", wrote(b"a.b*[ccc\n").ended()),
    "values-are-literal-in-glob": ("stdout: |\n  ${odd.ip}? (glob)\n", wrote(b"a.b*[cd\n").ended()),
    "unknown-reference": ("stdout: |\n  ${nobody.ip}\n", wrote(b"x\n").ended()),
    "stderr-pass": ("stderr: |\n  oops\n", wrote(stderr=b"oops\n").ended(1)),
    "stderr-pass-beside-a-truncated-stdout": (
        "stderr: |\n  oops\n", wrote(b"x", b"oops\n", truncated=True).ended(1),
    ),
    "stderr-other": ("stderr: |\n  oops\n", wrote(stderr=b"ouch\n").ended(1)),
    "stderr-of-a-lost-one": ("stderr: |\n  oops\n", lost()),
    "contains-pass": ("stdout: {contains: [wor, hel]}", wrote(b"hello world").running()),
    "contains-not-yet": ("stdout: {contains: [wor, moon]}", wrote(b"hello world").running()),
    "contains-never": ("stdout: {contains: moon}", wrote(b"hello world").ended()),
    "contains-of-a-lost-one": ("stdout: {contains: moon}", lost()),
    "contains-truncated": ("stdout: {contains: moon}", wrote(b"x", truncated=True).ended()),
    "contains-rules": (
        "stdout: {contains: ['[0-9]+ b (re)', 'h*d (glob)']}", wrote(b"held 12 b").running(),
    ),
    "contains-at-least-pass": (TWICE, wrote(b"hi\nhi\n").running()),
    "contains-at-least-not-yet": (TWICE, wrote(b"hi\n").running()),
    "contains-at-least-never": (TWICE, wrote(b"").ended()),
    "contains-at-most-pass": (NONE, wrote(b"ho\n").running()),
    "contains-at-most-one-more": (NONE, wrote(b"hi\n").running()),
    "contains-at-most-truncated": (NONE, wrote(b"ho\n", truncated=True).ended()),
    "contains-exactly-one-more": (ONCE, wrote(b"hi\nhi\n").running()),
    "matches-pass": ("stdout: {matches: '^port [0-9]+$'}", wrote(b"a\nport 12\n").ended()),
    "matches-fail": ("stdout: {matches: '^port [0-9]+$'}", wrote(b"port x\n").ended()),
    "matches-not-yet": ("stdout: {matches: '^port [0-9]+$'}", wrote().running()),
    "any-order-pass": (ANY, wrote(b"b\na\n").ended()),
    "any-order-pass-with-optional": (ANY, wrote(b"c\nb\na\n").running()),
    "any-order-not-yet": (ANY, wrote(b"b\n").running()),
    "any-order-one-more": (ANY, wrote(b"b\na\nd\n").running()),
    "any-order-twice": (ANY, wrote(b"b\na\na\n").running()),
    "any-order-unfinished": (ANY, wrote(b"b\na\nx").running()),
    "any-order-with-others": ("stdout: {any-order: [a, '...']}", wrote(b"b\na\nx").running()),
    "any-order-needs-matching": (
        "stdout: {any-order: ['. (re)', a]}", wrote(b"a\nb\n").ended(),
    ),
    "never-until-exit-pass": (NEVER + "exit}", wrote(b"good\n").ended()),
    "never-until-exit-not-yet": (NEVER + "exit}", wrote(b"good\n").running()),
    "never-until-exit-seen": (NEVER + "exit}", wrote(b"very bad\n").running()),
    "never-until-exit-of-a-lost-one": (NEVER + "exit}", lost()),
    "never-until-line-pass": (NEVER + "done}", wrote(b"good\ndone\nbad\n").running()),
    "never-until-line-not-yet": (NEVER + "done}", wrote(b"good\n").running()),
    "never-until-line-never": (NEVER + "done}", wrote(b"good\n").ended()),
    "never-until-line-seen-before": (NEVER + "done}", wrote(b"bad\ndone\n").running()),
    "never-until-end-pass": (NEVER + "end}", wrote(b"good\n").running()),
    "never-until-end-of-a-lost-one": (NEVER + "end}", lost()),
    "after-pass": (AFTER, beside(timed((2, b"x\nhello\n")), server=timed((1, b"got\n")))),
    "after-at-once-pass": (AFTER, beside(timed((1, b"hello\n")), server=timed((1, b"got\n")))),
    "after-before": (AFTER, beside(timed((1, b"hello\n")), server=timed((1.5, b"got\n")))),
    "after-too-close": (AFTER, beside(timed((1, b"hello\n")), server=timed((1.01, b"got\n")))),
    "after-too-late": (AFTER, beside(timed((9, b"hello\n")), server=timed((1.5, b"got\n")))),
    "after-not-yet": (AFTER, beside(timed((1, b"hell")), server=timed((1, b"got\n")))),
    "after-never": (AFTER, beside(timed((1, b"x\n"), ended=True), server=timed((1, b"got\n")))),
    "after-what-never-came": (
        AFTER, beside(timed((1, b"hello\n")), server=timed((1, b"get\n"), ended=True)),
    ),
    "after-the-line-unfinished": (AFTER, beside(timed((2, b"hello")), server=timed((1, b"got")))),
    "after-times-unknown": (
        AFTER, beside(wrote(b"hello\n").running(), server=wrote(b"got\n").running()),
    ),
    "after-of-one-lost": (AFTER, beside(timed((1, b"hello\n")), server=lost())),
    "after-of-one-unseen": (AFTER, timed((1, b"hello\n"))),
    "after-truncated": (
        AFTER,
        beside(wrote(b"x\n", truncated=True).ended(), server=timed((1, b"got\n"))),
    ),
    "listening-pass": ("listening: tcp/0.0.0.0:3490", with_sockets(*BOUND)),
    "listening-any-pass": ('listening: ["tcp/*:3490", "udp/*:4950"]', with_sockets(*BOUND)),
    "listening-other-family": ('listening: "tcp/[::]:3490"', with_sockets(*BOUND)),
    "listening-other-port": ("listening: tcp/0.0.0.0:80", with_sockets(*BOUND)),
    "listening-on-nothing": ("listening: tcp/0.0.0.0:80", with_sockets()),
    "listening-only-connected": (
        "listening: tcp/0.0.0.0:80", with_sockets("ESTAB tcp/0.0.0.0:80 tcp/192.0.2.1:9"),
    ),
    "listening-not-yet": ("listening: tcp/0.0.0.0:80", with_sockets("CLOSE tcp/0.0.0.0:80")),
    "listening-none-pass": (
        "listening: none", with_sockets("ESTAB tcp/192.0.2.2:5 tcp/192.0.2.1:9"),
    ),
    "listening-none-of-some": ("listening: none", with_sockets(*BOUND)),
    "listening-none-unknown": ("listening: none", wrote().running()),
    "listening-unknown": ("listening: tcp/0.0.0.0:80", wrote().running()),
    "listening-of-a-lost-one": ("listening: tcp/0.0.0.0:80", lost()),
    "processes-pass": ("processes: {zombies: 1, count: 2}", with_processes(*PROCESSES)),
    "processes-zombies": ("processes: {zombies: 0}", with_processes(*PROCESSES)),
    "processes-count": ("processes: {count: 1}", with_processes(*PROCESSES)),
    "processes-at-least": ("processes: {count: {at-least: 3}}", with_processes(*PROCESSES)),
    "processes-at-most-pass": ("processes: {count: {at-most: 2}}", with_processes(*PROCESSES)),
    "processes-unknown": ("processes: {zombies: 0}", wrote().running()),
    "processes-of-a-lost-one": ("processes: {zombies: 0}", lost()),
    "addresses-pass": ('addresses: {ipv4: none, ipv6: "${talker.ip}"}', with_addresses(*ADDRESSES)),
    "addresses-count-pass": ("addresses: {ipv4: 0, ipv6: 1}", with_addresses(*ADDRESSES)),
    "addresses-some": (
        "addresses: {ipv4: none}", with_addresses(*ADDRESSES, "eth0 192.0.2.9/24 global"),
    ),
    "addresses-other": ('addresses: {ipv6: "2001:db8::9"}', with_addresses(*ADDRESSES)),
    "addresses-unknown": ("addresses: {ipv4: none}", wrote().running()),
    "addresses-of-a-lost-one": ("addresses: {ipv4: none}", lost()),
    "addresses-unknown-reference": ('addresses: {ipv6: "${x.ip}"}', with_addresses(*ADDRESSES)),
    **CALLS,
}  # fmt: skip

AWAITED: dict[str, tuple[str, NodeObservation]] = {
    "wait-line-pass": ("stdout: ready", wrote(b"a\nready\nb").running()),
    "wait-unfinished-line-pass": ("stdout: 'name? '", wrote(b"name? ").running()),
    "wait-line-not-yet": ("stdout: ready", wrote(b"a\n").running()),
    "wait-line-silent": ("stdout: ready", wrote().running()),
    "wait-line-never": ("stdout: ready", wrote(b"a\n").ended(2)),
    "wait-line-of-a-lost-one": ("stdout: ready", lost()),
    "wait-block-needs-its-newline": ("stdout: |\n  ready\n", wrote(b"ready").running()),
    "wait-two-lines-pass": ("stdout: |\n  a\n  b\n", wrote(b"x\na\nb\ny\n").running()),
    "wait-two-lines-apart": ("stdout: |\n  a\n  b\n", wrote(b"a\nx\nb\n").running()),
}


def told(text: str, seen: NodeObservation, *, awaiting: bool = False) -> str:
    judgement = expectation(text, awaiting=awaiting).judge(seen, BINDINGS)
    return "\n".join([text.rstrip(), "", *render(judgement)]) + "\n"


def render(judgement: Judgement) -> list[str]:
    final = "final" if judgement.final else "not final"
    lines = [f"{judgement.verdict.name}, {final}"]
    lines += [judgement.reason] if judgement.reason else []
    lines += [f"at line {judgement.span.line}"] if judgement.span else []
    lines += [f"advice: {judgement.advice}"] if judgement.advice else []
    if judgement.difference:
        lines += [
            f"{'=' if equal else '!'} {left if left is not None else '(none)':24}"
            f" | {right if right is not None else '(none)'}"
            for left, right, equal in judgement.difference.rows
        ]
    return lines


@pytest.mark.parametrize("name", CASES)
def test_the_judgement_is_the_golden_one(name: str) -> None:
    check(FOLDER / f"{name}.txt", told(*CASES[name]))


@pytest.mark.parametrize("name", AWAITED)
def test_the_judgement_of_a_wait_is_the_golden_one(name: str) -> None:
    check(FOLDER / f"{name}.txt", told(*AWAITED[name], awaiting=True))


@pytest.mark.parametrize("kind", words("expectations"))
def test_every_kind_is_shown_passing_failing_and_not_knowing(kind: str) -> None:
    found = {
        expectation(text).judge(seen, BINDINGS).verdict
        for text, seen in CASES.values()
        if expectation(text).kind == kind
    }
    assert found == {Verdict.PASS, Verdict.FAIL, Verdict.ERROR}


@pytest.mark.parametrize("name", CASES)
def test_what_is_lost_satisfies_nothing(name: str) -> None:
    assert expectation(CASES[name][0]).judge(lost(), BINDINGS).verdict is Verdict.ERROR


@pytest.mark.parametrize("name", CASES)
def test_a_failure_says_why(name: str) -> None:
    text, seen = CASES[name]
    judgement = expectation(text).judge(seen, BINDINGS)
    assert (judgement.verdict is Verdict.PASS) == (not judgement.reason)


def test_no_golden_file_is_left_over() -> None:
    assert {file.stem for file in FOLDER.glob("*.txt")} == {*CASES, *AWAITED}
