"""Trials of what the kernel can do; here without a namespace, and with kernels made up."""

import errno
import os
from collections.abc import Callable

import pytest

from lab.agent.program.captures import Captures
from lab.agent.program.commands import Commands
from lab.agent.program.features import TRIALS, features
from lab.agent.program.refusal import FAILED, UNKNOWN, Refusal
from lab.agent.program.watches import Watches


def stay() -> None:
    """As if a namespace of its own had been entered."""


def failing(number: int) -> Callable[[], None]:
    def fail() -> None:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EOPNOTSUPP, errno.EINVAL])
def test_what_a_kernel_lacks_is_left_out(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setitem(TRIALS, "netem", failing(number))
    monkeypatch.setitem(TRIALS, "nfqueue", stay)
    assert features(["netem", "nfqueue"], stay) == ["nfqueue"]


def test_what_a_kernel_forbids_is_not_taken_for_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TRIALS, "netem", failing(errno.EPERM))
    with pytest.raises(PermissionError):
        features(["netem"], stay)


def test_no_namespace_no_trial() -> None:
    with pytest.raises(PermissionError):
        features(["netem"], failing(errno.EPERM))


def test_a_trial_that_says_nothing_is_an_error() -> None:
    with pytest.raises(OSError, match="without a word"):
        features(["netem"], lambda: os._exit(1))


def test_nothing_of_a_trial_happens_in_the_agent_itself() -> None:
    seen: list[int] = []
    features([], lambda: seen.append(os.getpid()))
    assert seen == []


def asked(*words: str) -> object:
    return Commands(Watches(print), Captures()).perform({"do": "features", "words": list(words)})


def test_a_word_that_cannot_be_tried_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        asked("netem", "teleport")
    assert refused.value.kind == UNKNOWN


def test_a_trial_that_fails_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.agent.program.features._unshare", failing(errno.EPERM))
    with pytest.raises(Refusal) as refused:
        asked("netem")
    assert refused.value.kind == FAILED
