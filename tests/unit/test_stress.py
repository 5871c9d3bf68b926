"""What disturbs runs: it follows from a seed, changes no meaning, and ends with its maker."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import threading
from concurrent.futures import wait
from pathlib import Path

import pytest
from msgspec.structs import replace

from lab.errors import LabError
from lab.model import Scenario
from lab.plan import plan
from lab.stress import DisorderlyPool, disturbed, spinning
from tests.fakes.engine import MODERN
from tests.unit.cases import bench, case

PATIENCE = 60.0  # seconds; a test that waits for it has failed

MANY = case(
    "intent: it must\n"
    "networks: {lan: {family: ipv6}, wan: {family: ipv6}, far: {family: ipv4}}\n"
    "shares: {desk: {size: 4MiB}}\n"
    "nodes:\n"
    "  a: {image: any, args: [echo, hi], networks: [lan, wan], shares: {desk: /a}, count: 4}\n"
    "  b: {image: any, args: [echo], networks: [far], shares: {desk: /b}, limits: {cpus: 0.5}}\n"
    "steps:\n"
    "  - start: [a-1, a-2, a-3, a-4]\n"
    "  - start: b\n"
    "  - wait: {for: b, exit: 0}\n"
    'expect: {a-2: {stdout: "hi\\n"}}\n'
)


# -- cases -----------------------------------------------------------------------------------


def put_back(found: Scenario) -> Scenario:
    """In the order of names, without limits on CPU time, and without steps."""
    nodes = sorted(found.topology.nodes, key=lambda node: node.name)
    freed = tuple(replace(node, limits=replace(node.limits, cpus=None)) for node in nodes)
    networks = tuple(sorted(found.topology.networks, key=lambda network: network.name))
    return replace(
        found, topology=replace(found.topology, networks=networks, nodes=freed), steps=()
    )


def test_a_disturbed_case_asks_for_the_same() -> None:
    for seed in range(20):
        other = disturbed(MANY, random.Random(seed))
        assert put_back(other) == put_back(MANY)
        assert [step.title for step in other.steps] == [step.title for step in MANY.steps]
        assert [set(step.nodes) for step in other.steps] == [set(s.nodes) for s in MANY.steps]
        assert plan(other, MODERN).deployment


def test_what_is_disturbed_follows_from_the_seed() -> None:
    once, again, other = (disturbed(MANY, random.Random(seed)) for seed in (1, 1, 2))
    assert once == again
    assert once != other


def test_orders_differ_and_nodes_get_a_share_of_a_cpu() -> None:
    cases = [disturbed(MANY, random.Random(seed)) for seed in range(20)]
    assert len({tuple(n.name for n in each.topology.nodes) for each in cases}) > 10
    assert len({tuple(n.name for n in each.topology.networks) for each in cases}) > 3
    assert len({each.steps[0].nodes for each in cases}) > 10
    shares = {each.topology.node("a-1").limits.cpus for each in cases}
    assert len(shares) > 10
    assert all(share is not None and 0.3 <= share <= 1 for share in shares)
    assert {each.topology.node("b").limits.cpus for each in cases} == {0.5}


def test_a_disturbed_case_comes_to_the_same() -> None:
    with bench() as lab:
        for seed in range(5):
            result = lab.run(disturbed(MANY, random.Random(seed)))
            assert result.verdict.name == "PASS", result.reason
        assert lab.engine.left == ()


# -- calls -----------------------------------------------------------------------------------


def order(seed: int, calls: int = 30) -> list[int]:
    """In which order calls were made that all waited for one thread."""
    made: list[int] = []
    hold = threading.Event()
    with DisorderlyPool(1, seed) as pool:
        pool.submit(hold.wait, PATIENCE)
        rest = [pool.submit(made.append, number) for number in range(calls)]
        hold.set()
        assert wait(rest, PATIENCE).not_done == set()
    return made


def test_each_call_is_made_once_and_in_an_order_of_the_seed() -> None:
    assert sorted(order(1)) == list(range(30))
    assert order(1) == order(1)
    assert order(1) not in (list(range(30)), order(2))


def test_a_call_that_fails_tells_whoever_waits() -> None:
    with DisorderlyPool(2, 1) as pool:
        failing = pool.submit(int, "x")
        assert pool.submit(int, "7").result(PATIENCE) == 7
        assert isinstance(failing.exception(PATIENCE), ValueError)


def test_runs_on_such_threads_leave_nothing() -> None:
    with bench() as lab, DisorderlyPool(3, 1) as pool:
        lab.pool = pool
        assert lab.run(MANY).verdict.name == "PASS"
        assert lab.engine.left == ()


# -- processes -------------------------------------------------------------------------------


def gone(pid: int) -> bool:
    """Whether a process that is not ours to wait for has ended, or ends before long."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], PATIENCE)[0])
    finally:
        os.close(handle)


def test_spinners_run_and_end_with_the_context() -> None:
    with spinning(1, 2) as pids:
        assert len(pids) == 2
        for pid in pids:
            os.kill(pid, 0)
    assert all(gone(pid) for pid in pids)


def test_spinners_take_time_on_the_cpu() -> None:
    with spinning(1, 1) as (pid,):
        handle = os.pidfd_open(pid)
        try:
            while int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11]) < 10:
                assert not select.select([handle], [], [], 0.05)[0], "it ended"
        finally:
            os.close(handle)


MAKER = """
import signal, socket
from lab.stress import spinning
ours, theirs = socket.socketpair()
theirs.setblocking(False)
signal.set_wakeup_fd(theirs.fileno())  # a signal that comes just before recv() wakes it, too
with spinning(1, 2) as pids:
    print(*pids, flush=True)
    ours.recv(1)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_spinners_end_with_whoever_made_them_however_that_ended(number: signal.Signals) -> None:
    maker = subprocess.Popen([sys.executable, "-c", MAKER], stdout=subprocess.PIPE, text=True,
                             stderr=subprocess.DEVNULL)  # fmt: skip
    with maker:
        assert maker.stdout is not None
        pids = [int(word) for word in maker.stdout.readline().split()]
        assert len(pids) == 2
        maker.send_signal(number)
        maker.wait(PATIENCE)
        assert all(gone(pid) for pid in pids)


def test_ctrl_c_at_a_terminal_ends_them_without_a_word() -> None:
    with spinning(1, 1) as (pid,):
        os.kill(pid, signal.SIGINT)
        assert gone(pid)


def test_where_no_process_can_be_had_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(LabError, match="Resource temporarily unavailable"), spinning(1, 1):
        pass
