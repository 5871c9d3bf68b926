"""The process that waits beside a lab: begun with it, gone with it, and there when it is killed."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from docker.tls import TLSConfig

from lab.cleaning import watchdog
from lab.cleaning.watchdog import watched
from lab.engine import open_engine, reopen
from lab.engine.address import EngineAddress, packed, unpacked
from tests.fakes.daemon import Answer, FakeDaemon

THING = {"Id": "1", "Names": ["/lab-1-a"], "State": "running", "Labels": {"lab.run": "1"}}
ANSWERS = {
    "GET /_ping": [Answer(headers={"Date": "Sat, 21 Nov 2026 08:00:00 GMT"})],
    "GET /containers/json": [Answer(body=[THING]), Answer(body=[])],
    "GET /networks": [Answer(body=[])],
    "GET /volumes": [Answer(body={"Volumes": None})],
    "DELETE /containers/1": [Answer(204)],
}
# Opens an engine, is watched, says so, and does as it is told.
LAB = """
import os, sys
from lab.cleaning.watchdog import watched
from lab.engine import open_engine
with watched(open_engine(sys.argv[1])):
    print("watched", flush=True)
    if sys.stdin.readline() == "die\\n":
        os.kill(os.getpid(), 9)
"""


def test_a_watchdog_ends_with_its_lab_and_does_nothing(tmp_path: Path) -> None:
    assert _asked_after(tmp_path, "end") == []


def test_a_killed_lab_s_things_are_removed(tmp_path: Path) -> None:
    asked = _asked_after(tmp_path, "die")
    assert "DELETE /containers/1" in asked
    assert asked.index("GET /_ping") < asked.index("GET /containers/json")  # nothing is missed
    assert "GET /events" not in asked  # nothing more was to come


def _asked_after(folder: Path, word: str) -> list[str]:
    """What the daemon was asked once the lab was told that word, until its watchdog has ended."""
    with closing(FakeDaemon(ANSWERS, path=folder / "d.sock")) as daemon, _lab(daemon.url) as lab:
        assert lab.stdout is not None
        assert lab.stdout.readline() == "watched\n"
        before = len(daemon.asked)
        [waiting] = Path(f"/proc/{lab.pid}/task/{lab.pid}/children").read_text().split()
        assert os.getsid(int(waiting)) == int(waiting)  # out of reach of signals for the lab's
        ended = os.pidfd_open(int(waiting))
        lab.communicate(f"{word}\n", timeout=60)
        assert select.select([ended], [], [], 60)[0], "the watchdog does not end"
        os.close(ended)
        return daemon.asked[before:]


def _lab(url: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", LAB, url]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_signals_for_all_that_somebody_began_are_ignored_to_the_end() -> None:
    command = [watchdog._SHELL, "-c", watchdog._WAIT, "x", "cat", "/proc/self/status"]
    told = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True, timeout=60
    ).stdout
    [mask] = [line.split()[1] for line in told.splitlines() if line.startswith("SigIgn:")]
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        assert int(mask, 16) & (1 << (number - 1))


def test_without_a_shell_a_lab_runs_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "_SHELL", str(tmp_path / "none"))
    with (
        closing(FakeDaemon(ANSWERS, path=tmp_path / "d.sock")) as daemon,
        closing(open_engine(daemon.url)) as engine,
        watched(engine) as journal,
    ):
        journal.spare("1")


def test_a_watchdog_that_is_gone_hurts_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "_SHELL", "/bin/false")
    with (
        closing(FakeDaemon(ANSWERS, path=tmp_path / "d.sock")) as daemon,
        closing(open_engine(daemon.url)) as engine,
        watched(engine),
    ):
        pass


def test_an_engine_is_reached_again_as_it_was(tmp_path: Path) -> None:
    with (
        closing(FakeDaemon({}, path=tmp_path / "d.sock")) as daemon,
        closing(open_engine(daemon.url)) as engine,
        closing(reopen(engine.reach)) as again,
    ):
        assert (again.url, again.reach) == (engine.url, engine.reach)


@pytest.mark.parametrize("verify", [True, False])
def test_an_address_with_keys_survives_being_packed(tmp_path: Path, verify: bool) -> None:
    names = [tmp_path / name for name in ("cert.pem", "key.pem", "ca.pem")]
    for path in names:
        path.write_text("")
    cert, key, authority = map(str, names)
    tls = TLSConfig(client_cert=(cert, key), ca_cert=authority, verify=verify)
    found = unpacked(packed(EngineAddress("https://engine:2376", "DOCKER_HOST", tls)))
    assert found.url == "https://engine:2376"
    assert found.tls is not None
    assert (found.tls.cert, found.tls.ca_cert, found.tls.verify) == ((cert, key), authority, verify)
