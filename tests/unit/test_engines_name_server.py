"""The engine's own name server, bound in every node, is nothing a node listens on."""

from __future__ import annotations

from lab.verdict import Verdict
from tests.corpus.observed import BINDINGS, expectation, with_sockets

NAME_SERVER = ("LISTEN tcp/127.0.0.11:37551", "UNCONN udp/127.0.0.11:57450")


def test_it_does_not_count() -> None:
    judgement = expectation("listening: none").judge(with_sockets(*NAME_SERVER), BINDINGS)
    assert judgement.verdict is Verdict.PASS


def test_it_is_not_spoken_of() -> None:
    seen = with_sockets(*NAME_SERVER, "LISTEN tcp/[::]:3490")
    judgement = expectation("listening: tcp/0.0.0.0:3490").judge(seen, BINDINGS)
    assert "it listens on tcp/[::]:3490;" in judgement.reason


def test_the_rest_of_loopback_counts() -> None:
    seen = with_sockets("LISTEN tcp/127.0.0.1:3490")
    judgement = expectation("listening: none").judge(seen, BINDINGS)
    assert judgement.verdict is Verdict.FAIL
