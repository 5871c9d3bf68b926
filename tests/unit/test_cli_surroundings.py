"""What the command line finds around it: terminals, kernels, signals, engines."""

from __future__ import annotations

import gzip
import io
import os
import platform
import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from lab import private_engine
from lab.cli import engines, prepare
from lab.cli.kernel import Has, abilities, ways
from lab.cli.parts import EngineChoice
from lab.cli.stopping import (
    SIGNALS,
    InterruptedBySignal,
    interrupted_by_signals,
    stopped_by_signals,
)
from lab.cli.terminal import PIPED, terminal
from lab.cli.views import source_line
from lab.engine.errors import NoEngineError
from lab.errors import EngineError, ExitStatus, UsageError
from lab.project import project
from tests.unit.cli_fakes import FakeParts


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "live", "colour"),
    [
        ({"TERM": "xterm"}, True, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, False, False),
        ({}, False, False),
    ],
)
def test_terminals(environment: dict[str, str], live: bool, colour: bool) -> None:
    found = terminal(Screen(), environment)
    assert (found.live, found.paint.enabled) == (live, colour)


def test_a_pipe_is_no_terminal() -> None:
    found = terminal(io.StringIO(), {"TERM": "xterm"})
    assert (found.live, found.paint.enabled, found.columns) == (False, False, PIPED)
    assert found.cut > 10_000


# -- kernels


def modules(root: Path, *lines: str) -> Path:
    folder = root / "lib/modules" / platform.release()
    folder.mkdir(parents=True)
    (folder / "modules.builtin").write_text("kernel/net/sched/sch_prio.ko\n")
    (folder / "modules.dep").write_text("".join(f"{line}\n" for line in lines))
    return root


def test_a_kernel_by_its_modules(tmp_path: Path) -> None:
    modules(tmp_path, "kernel/net/netfilter/nfnetlink_queue.ko.xz: kernel/x.ko.xz")
    assert abilities(tmp_path) == {"netem": Has.NO, "prio": Has.YES, "nfqueue": Has.YES}


def test_a_kernel_by_its_configuration(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    text = b"# CONFIG_NET_SCH_PRIO is not set\nCONFIG_NET_SCH_NETEM=m\n"
    (tmp_path / "proc/config.gz").write_bytes(gzip.compress(text))
    assert abilities(tmp_path) == {"netem": Has.YES, "prio": Has.NO, "nfqueue": Has.NO}


def test_a_kernel_that_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    assert set(abilities(tmp_path).values()) == {Has.UNKNOWN}


@pytest.mark.parametrize(
    ("netem", "prio", "nfqueue", "said"),
    [
        (Has.NO, Has.YES, Has.YES, "links are impaired by nfqueue"),
        (Has.YES, Has.NO, Has.YES, "links are impaired by nfqueue"),
        (
            Has.YES,
            Has.YES,
            Has.YES,
            "constant delay and rate are netem's, links are else impaired by nfqueue",
        ),
        (
            Has.YES,
            Has.YES,
            Has.NO,
            "links cannot be impaired: scenarios that ask for it are skipped",
        ),
        (Has.NO, Has.NO, Has.NO, "links cannot be impaired: scenarios that ask for it are skipped"),
        (
            Has.UNKNOWN,
            Has.UNKNOWN,
            Has.UNKNOWN,
            "links are impaired by nfqueue, where it is tried and found",
        ),
    ],
)
def test_which_way_links_are_impaired(netem: Has, prio: Has, nfqueue: Has, said: str) -> None:
    assert ways({"netem": netem, "prio": prio, "nfqueue": nfqueue}) == said


# -- signals


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_cancels_and_raises_nothing(number: signal.Signals) -> None:
    cancelled, said = threading.Event(), list[str]()
    before = signal.getsignal(number)
    with stopped_by_signals(said.append) as brake:
        brake.stops(cancelled.set)
        os.kill(os.getpid(), number)
        assert cancelled.wait(timeout=60)
    assert signal.getsignal(number) is before
    assert said == ["lab: stopping, and removing what was made ..."]


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_that_came_too_early_cancels_once_there_is_something(
    number: signal.Signals,
) -> None:
    cancelled, said = threading.Event(), list[str]()
    with stopped_by_signals(said.append) as brake:
        signal.raise_signal(number)
        assert len(said) == 1
        brake.stops(cancelled.set)
        assert cancelled.is_set()


@pytest.mark.parametrize("number", SIGNALS)
def test_before_anything_is_made_a_signal_interrupts_at_once(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(InterruptedBySignal), interrupted_by_signals():
        signal.raise_signal(number)
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("handled", [lambda: stopped_by_signals(print), interrupted_by_signals])
def test_what_nohup_ignores_stays_ignored(
    handled: Callable[[], AbstractContextManager[object]],
) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with handled():
            signal.raise_signal(signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


# -- engines


@pytest.fixture(name="machine")
def _machine(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A machine without an engine, which may start the private one."""
    machine: dict[str, Any] = {"reason": None, "up": False, "asked": []}

    def open_engine(url: str | None, **_: object) -> object:
        machine["asked"].append(url)
        if machine["up"] or url == "tcp://192.0.2.1:2375":
            return "engine"
        raise NoEngineError("no Docker Engine")

    def start(_: object) -> str:
        machine["up"] = True
        return "unix:///private.sock"

    monkeypatch.setattr(engines, "open_engine", open_engine)
    monkeypatch.setattr(private_engine, "possible", lambda: machine["reason"])
    monkeypatch.setattr(private_engine, "start", start)
    return machine


def silent(_: str) -> None:
    """Tells nobody."""


def test_the_private_engine_is_started_where_that_is_allowed(machine: dict[str, Any]) -> None:
    said: list[str] = []
    engines.opened(EngineChoice(start=True), said.append)
    assert machine["asked"] == [None, "unix:///private.sock"]
    assert "starting a private one" in said[0]


@pytest.mark.parametrize(
    "choice", [EngineChoice(), EngineChoice("unix:///x", start=True), EngineChoice("unix:///x")]
)
def test_nothing_is_started_unasked_or_in_place_of_another(
    machine: dict[str, Any], choice: EngineChoice
) -> None:
    with pytest.raises(NoEngineError):
        engines.opened(choice, silent)
    assert not machine["up"]


def test_where_none_can_be_started_it_says_how_to_get_one(machine: dict[str, Any]) -> None:
    machine["reason"] = "this is not Linux"
    with pytest.raises(EngineError, match="this is not Linux") as found:
        engines.opened(EngineChoice(start=True), silent)
    assert "install Docker" in found.value.help


# -- preparing for tests


def prepared(parts: FakeParts, monkeypatch: pytest.MonkeyPatch, reason: str | None) -> int:
    monkeypatch.setattr(prepare, "possible", lambda: reason)
    monkeypatch.setattr(prepare, "start", lambda _: "unix:///private.sock")
    return prepare.prepare(parts, {})


def test_both_engines_get_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = FakeParts()
    assert prepared(parts, monkeypatch, None) == ExitStatus.PASSED
    chosen = [call[1] for call in parts.calls if call[0] == "connect"]
    assert chosen == [EngineChoice(start=True), EngineChoice("unix:///private.sock")]
    assert [call[0] for call in parts.calls].count("build") == 2


def test_one_engine_will_do(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    parts = FakeParts()
    assert prepared(parts, monkeypatch, "not root") == ExitStatus.PASSED
    assert [call[0] for call in parts.calls] == ["connect", "build"]
    assert "not root" in capfd.readouterr().err


def test_without_docker_nothing_is_done_and_that_is_said(
    capfd: pytest.CaptureFixture[str],
) -> None:
    parts = FakeParts()
    assert prepare.prepare(parts, {"LAB_WITHOUT_DOCKER": "1"}) == ExitStatus.PASSED
    assert parts.calls == []
    assert "LAB_WITHOUT_DOCKER=1" in capfd.readouterr().err


# -- files


def test_a_project_is_found_from_below(tmp_path: Path) -> None:
    for name in ("scenarios/deep", "services", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("scenarios/a.yaml", "scenarios/deep/b.yml", "scenarios/.c.yaml", "scenarios/d"):
        (tmp_path / name).write_text("")
    here = tmp_path / "scenarios" / "deep"
    found = project(here)
    assert found.root == tmp_path
    assert found.files == (tmp_path / "scenarios/a.yaml", Path("b.yml"))
    assert project(tmp_path / "elsewhere", tmp_path).root == tmp_path
    with pytest.raises(UsageError):
        project(here, tmp_path / "elsewhere")


def test_lines_of_files_that_are_gone_are_none(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one\r\ntwo\xff")
    assert [source_line(path, number) for number in (0, 1, 2, 3)] == [None, "one", "two�", None]
    assert source_line(tmp_path / "b", 1) is None
