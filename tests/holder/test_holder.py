"""The holder's contract with the programs of a node (ARCHITECTURE.md, "The holder")."""

import contextlib
import errno
import os
import select
import signal
import sys
import time
from pathlib import Path

import pytest

from lab import frames
from lab.events import OUTPUT_LIMIT
from tests.holder.session import Session

PYTHON = (sys.executable, "-u", "-c")

# libc's own stdio, never flushed: what a C program does with printf.
C_PRINTF = """
import ctypes
libc = ctypes.CDLL(None)
libc.printf(b"one\\n"); libc.printf(b"two\\n"); libc.printf(b"unfinished")
libc.pause()
"""
HELD_OUTPUT = """
import os, time
child = os.fork()
if child == 0:
    os.read(0, 1)
    os.write(1, b"late"); os.write(2, b"late too")
    os._exit(0)
os.write(1, b"first")
os._exit(3)
"""


def ended(node: Session, process: int = 0, count: int = 1) -> tuple[int | None, int | None]:
    event = node.wait(frames.Ended, process, count)
    return event.status, event.signal


def alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


# -- waiting to be looked at -----------------------------------------------------------------


def test_one_that_waits_has_a_process_and_is_no_program_yet(node: Session) -> None:
    node.tell(frames.begin(0, ["printf", "hello"], waits=True), frames.send(0, b"unread"))
    pid = node.wait(frames.Waiting).pid
    node.begin("true", process=1)  # others do not wait for it
    assert ended(node, 1) == (0, None)
    node.ping()
    assert alive(pid)
    assert not node.of(frames.Stdout)
    assert [event.process for event in node.of(frames.Began)] == [1]
    node.tell(frames.go_on(0))
    assert node.wait(frames.Began).pid == pid
    assert ended(node) == (0, None)
    assert node.stdout() == b"hello"


def test_one_that_waits_may_turn_out_not_to_be_there(node: Session) -> None:
    node.tell(frames.begin(0, ["/no/such/program"], waits=True))
    node.wait(frames.Waiting)
    node.tell(frames.go_on(0))
    assert node.wait(frames.NotBegun).errno == errno.ENOENT
    node.begin("true")
    assert ended(node) == (0, None)


def test_one_that_is_killed_as_it_waits_never_began(node: Session) -> None:
    node.tell(frames.begin(0, ["true"], waits=True))
    os.kill(node.wait(frames.Waiting).pid, signal.SIGKILL)
    assert ended(node) == (None, signal.SIGKILL)
    node.tell(frames.go_on(0))
    node.ping()
    assert not node.of(frames.Began)
    node.begin("true")
    assert ended(node, count=2) == (0, None)


def test_one_that_waits_ends_with_the_holder(node: Session) -> None:
    node.tell(frames.begin(0, ["true"], waits=True))
    pid = node.wait(frames.Waiting).pid
    node.pipes.stdin.close()
    node.process.wait(30)
    assert not alive(pid)


# -- beginning -------------------------------------------------------------------------------


def test_it_waits_until_it_is_told(node: Session) -> None:
    node.ping()
    assert [type(event) for event in node.events] == [frames.Held, frames.Pong]
    assert node.of(frames.Held)[0].version == frames.VERSION


def test_began_comes_before_output_and_end_after_it(node: Session) -> None:
    node.begin("printf", "hello")
    assert ended(node) == (0, None)
    kinds = [type(event) for event in node.events]
    order = [frames.Held, frames.Began, frames.Stdout, frames.Ended]
    assert [kind for kind in kinds if kind in order] == order


def test_arguments_arrive_whole(node: Session) -> None:
    wanted = ["a b", "", "line\nline", "*", "$HOME", "\udcff\udcfe"]
    code = "import os, sys; os.write(1, b'|'.join(map(os.fsencode, sys.argv[1:])))"
    node.begin(*PYTHON, code, *wanted)
    ended(node)
    assert node.stdout() == b"|".join(os.fsencode(argument) for argument in wanted)


def test_a_program_that_is_not_there(node: Session) -> None:
    node.tell(frames.begin(0, ["/no/such/program"]))
    assert node.wait(frames.NotBegun).errno == errno.ENOENT
    node.begin("true")
    assert ended(node) == (0, None)
    assert len(node.of(frames.Ended)) == 1


def test_a_file_that_is_no_program(node: Session, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    node.tell(frames.begin(0, [str(tmp_path / "text")]))
    assert node.wait(frames.NotBegun).errno == errno.EACCES


def test_the_program_has_a_clean_start(node: Session) -> None:
    code = """
import os, signal
handled = [n for n in signal.valid_signals() if n not in (signal.SIGPIPE, signal.SIGXFSZ, 2)
           and signal.getsignal(n) is signal.SIG_IGN]
masks = [l.split()[1] for l in open("/proc/self/status") if l[:6] in ("SigBlk", "SigIgn")]
files = sorted(int(n) for n in os.listdir("/proc/self/fd"))
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), handled, masks[0], files[:3], len(files))
print(os.getsid(0) == os.getpid(), open("/proc/self/oom_score_adj").read().strip())
try:
    os.open("/dev/tty", os.O_RDWR)
except OSError as error:
    print("no controlling terminal")
print([os.isatty(n) for n in range(3)])
"""
    node.begin(sys.executable, "-c", code)
    ended(node)
    assert node.stderr() == b""
    assert node.stdout().decode().splitlines() == [
        f"set() [] {0:016x} [0, 1, 2] 4",  # the fourth is the listing's own
        "True 1000",
        "no controlling terminal",
        "[False, True, False]",
    ]


def test_a_program_cannot_be_begun_twice_at_once(node: Session) -> None:
    node.begin("sleep", "1000")
    node.tell(frames.begin(0, ["true"]))
    assert node.wait_end() == 70


# -- output ----------------------------------------------------------------------------------


def test_stdout_is_exact_bytes(node: Session) -> None:
    data = bytes(range(256)) + b"\r\n\n\n\x04\x03\x1a\x00" + b"\xff\xfe end"
    node.begin(*PYTHON, f"import os; os.write(1, {data!r})")
    ended(node)
    assert node.stdout() == data


def test_of_a_flood_no_more_is_told_than_is_kept(node: Session) -> None:
    node.begin("sh", "-c", "head -c 20971520 /dev/zero; echo end >&2")
    node.wait(frames.Ended)
    told = len(node.stdout())
    assert OUTPUT_LIMIT < told < OUTPUT_LIMIT + (2 << 20)
    assert node.stderr() == b"end\n"
    node.begin("echo", "again")
    node.wait(frames.Ended, count=2)
    assert node.stdout()[told:] == b"again\n"


def test_stderr_is_apart(node: Session) -> None:
    node.begin(*PYTHON, r"import os; os.write(2, b'\x00bad\n'); os.write(1, b'good\n')")
    ended(node)
    assert (node.stdout(), node.stderr()) == (b"good\n", b"\x00bad\n")


def test_each_line_of_a_c_program_is_seen_when_it_is_printed(node: Session) -> None:
    node.begin(sys.executable, "-I", "-c", C_PRINTF)  # -I: PYTHONUNBUFFERED would unbuffer libc
    node.wait_stdout(b"one\ntwo\n")
    node.ping()
    assert node.of(frames.Ended) == []


def test_everything_written_is_told_before_the_end(node: Session) -> None:
    size = 10_000_000
    code = f"import os\nleft = {size}\nwhile left: left -= os.write(1, b'x' * min(left, 70000))"
    node.begin(*PYTHON, code)
    ended(node)
    seen_at_end = node.stdout()
    assert len(seen_at_end) == size
    node.ping()
    assert node.stdout() == seen_at_end


def test_what_is_behind_an_early_eio_is_told_before_the_end(hasty: Session) -> None:
    hasty.begin("printf", "written, and gone")
    assert ended(hasty) == (0, None)
    assert hasty.stdout() == b"written, and gone"
    hasty.wait(frames.StdoutClosed)
    hasty.begin("printf", "%s", " again")
    assert ended(hasty, count=2) == (0, None)
    assert hasty.stdout() == b"written, and gone again"


def test_a_full_stderr_is_told_before_the_end(node: Session) -> None:
    node.begin(*PYTHON, "import os; os.write(2, b'e' * 65536)")
    ended(node)
    assert node.stderr() == b"e" * 65536


def test_closed_by_everyone_is_told(node: Session) -> None:
    node.begin(*PYTHON, "import os\nos.close(1)\nos.read(0, 1)\nos.close(2)\nos.read(0, 1)")
    node.wait(frames.StdoutClosed)
    assert node.of(frames.StderrClosed) == []
    node.tell(frames.send(0, b"x"))
    node.wait(frames.StderrClosed)
    node.ping()
    assert node.of(frames.Ended) == []
    node.tell(frames.close_input(0))
    assert ended(node) == (0, None)


def test_children_may_write_after_the_program_ended(node: Session) -> None:
    node.begin(*PYTHON, HELD_OUTPUT)
    assert ended(node) == (3, None)
    assert (node.stdout(), node.of(frames.StdoutClosed)) == (b"first", [])
    node.tell(frames.send(0, b"x"))
    node.wait(frames.StdoutClosed)
    node.wait(frames.StderrClosed)
    assert (node.stdout(), node.stderr()) == (b"firstlate", b"late too")


def test_a_child_that_never_stops_writing_does_not_delay_the_end(node: Session) -> None:
    node.begin("sh", "-c", "yes & yes >&2 & exit 5")
    assert ended(node) == (5, None)


def test_times_are_the_monotonic_clocks_and_never_go_back(node: Session) -> None:
    node.begin("sh", "-c", "echo a; echo b >&2; echo c")
    ended(node)
    times = [event.time for event in node.events]
    assert times == sorted(times)
    assert times[-1] > 0


def test_a_pong_comes_after_all_output_there_was(node: Session) -> None:
    node.begin(*PYTHON, "import os\nwhile os.read(0, 1): os.write(1, b'x'); os.write(2, b'.')")
    node.tell(frames.send(0, b"go"))
    node.wait_stdout(b"xx")
    node.read_until(lambda: node.stderr() == b"..")
    node.begin("cat", process=1)
    node.tell(frames.send(1, b"more"), frames.ping(2**64 - 1))
    node.read_until(lambda: bool(node.of(frames.Pong)))
    assert node.of(frames.Pong)[0].token == 2**64 - 1
    node.wait_stdout(b"more", process=1)


# -- input -----------------------------------------------------------------------------------


def test_input_and_its_end(node: Session) -> None:
    node.begin("cat")
    node.tell(frames.send(0, b"hello\0\xff\n"))
    node.wait_stdout(b"hello\0\xff\n")
    assert node.of(frames.Ended) == []
    node.tell(frames.close_input(0))
    assert ended(node) == (0, None)


def test_input_given_while_held_is_kept(node: Session) -> None:
    node.tell(frames.send(0, b"early"), frames.close_input(0))
    node.begin("cat")
    ended(node)
    assert node.stdout() == b"early"


def test_much_input_for_a_program_that_does_not_read_yet(node: Session) -> None:
    code = "import os, signal, sys; signal.sigwait([10]); print(len(sys.stdin.buffer.read()))"
    before = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [10])\n"
    node.begin(*PYTHON, before + "print('up')\n" + code)
    node.wait_stdout(b"up\n")
    size = 8_000_000
    node.tell(frames.send(0, b"y" * size), frames.close_input(0))
    node.ping()  # the holder took it all, the program nothing
    node.tell(frames.signal(0, 10))
    ended(node)
    assert node.stdout() == f"up\n{size}\n".encode()


def test_input_for_a_program_that_ended_is_dropped(node: Session) -> None:
    node.begin("true")
    ended(node)
    node.tell(frames.send(0, b"x" * 100_000), frames.close_input(0))
    node.ping()
    node.begin("cat")
    node.tell(frames.send(0, b"new"), frames.close_input(0))
    ended(node, count=2)
    assert node.stdout() == b"new"


def test_input_for_a_program_that_closed_it_is_dropped(node: Session) -> None:
    node.begin(*PYTHON, "import os, signal\nos.close(0)\nos.write(1, b'up')\nsignal.pause()")
    node.wait_stdout(b"up")
    node.tell(frames.send(0, b"x" * 1_000_000))
    node.ping()
    node.tell(frames.signal(0, signal.SIGTERM))
    assert ended(node) == (None, signal.SIGTERM)


# -- ends, signals, restarts -----------------------------------------------------------------


def test_exit_statuses(node: Session) -> None:
    for count, status in enumerate((0, 1, 2, 255), start=1):
        node.begin("sh", "-c", f"exit {status}")
        assert ended(node, count=count) == (status, None)


def test_signals_end_it_as_they_would(node: Session) -> None:
    for count, number in enumerate((signal.SIGTERM, signal.SIGKILL, signal.SIGPIPE), start=1):
        node.begin("sleep", "1000")
        node.tell(frames.signal(0, number))
        assert ended(node, count=count) == (None, number)


def test_a_signal_for_a_program_that_ended_is_nothing(node: Session) -> None:
    node.begin("true")
    ended(node)
    node.tell(frames.signal(0, signal.SIGKILL), frames.signal(7, signal.SIGKILL))
    node.ping()


def test_a_signal_for_the_group_reaches_children(node: Session) -> None:
    code = "import os, signal\nos.fork()\nos.write(1, b'up')\nsignal.pause()"
    node.begin(*PYTHON, code)
    node.wait_stdout(b"upup")
    node.tell(frames.signal_group(0, signal.SIGTERM))
    assert ended(node) == (None, signal.SIGTERM)
    node.wait(frames.StdoutClosed)  # so the child is gone too


def test_a_restart_begins_afresh(node: Session) -> None:
    node.begin("sh", "-c", "exec sleep 1000 & echo first; exit 1")
    assert ended(node) == (1, None)
    node.begin("cat")
    node.tell(frames.send(0, b"second"), frames.close_input(0))
    assert ended(node, count=2) == (0, None)
    node.wait(frames.StdoutClosed)  # of the second: the first's is still held open by its child
    assert node.stdout() == b"first\nsecond"
    assert len(node.of(frames.StdoutClosed)) == 1


def test_other_programs_run_beside(node: Session) -> None:
    node.begin("cat")
    node.begin("sh", "-c", "echo other; echo its >&2; exit 4", process=255)
    assert ended(node, process=255) == (4, None)
    node.tell(frames.send(0, b"mine"))
    node.wait_stdout(b"mine")
    assert (node.stdout(255), node.stderr(255), node.stderr()) == (b"other\n", b"its\n", b"")


def test_orphans_are_reaped(node: Session) -> None:
    code = """
import os
child = os.fork()
if child:
    os.write(1, str(child).encode())
    os._exit(0)
os.read(0, 1)
"""
    node.begin(*PYTHON, code)
    ended(node)
    orphan = int(node.stdout())
    assert alive(orphan)
    node.tell(frames.send(0, b"bye"))
    node.wait(frames.StdoutClosed)
    node.ping()
    while Path(f"/proc/{orphan}").exists():  # exiting takes it a moment after closing its files
        node.ping()
    assert len(node.of(frames.Ended)) == 1


def test_kill_all_ends_everything_on_the_node(node: Session) -> None:
    node.begin("sh", "-c", "setsid sh -c 'sleep 1000 & echo $!; wait' & wait")
    node.begin("sleep", "1000", process=1)
    node.read_until(lambda: b"\n" in node.stdout())
    grandchild = int(node.stdout())
    node.tell(frames.kill_all())
    assert ended(node, 0) == (None, signal.SIGKILL)
    assert ended(node, 1) == (None, signal.SIGKILL)
    node.ping()
    assert not alive(grandchild)
    node.begin("true")
    assert ended(node, count=2) == (0, None)


# -- the holder's own end --------------------------------------------------------------------


def test_it_ends_with_the_lab_and_leaves_nothing(node: Session) -> None:
    first = node.begin("sh", "-c", "trap '' TERM HUP; sleep 1000 & echo $!; wait")
    node.read_until(lambda: b"\n" in node.stdout())
    node.pipes.stdin.close()
    assert node.wait_end() == 0
    assert not alive(first.pid)
    assert not alive(int(node.stdout()))


def test_where_nodes_go_in_turns_it_stays_but_nothing_else_does(holder: Path) -> None:
    with Session(holder, "600") as node:
        program = os.pidfd_open(node.begin("sleep", "1000").pid)
        node.pipes.stdin.close()
        assert select.select([program], [], [], 30)[0]
        os.close(program)
        assert node.process.poll() is None
        node.process.terminate()
        assert node.process.wait(30) == 128 + signal.SIGTERM


def test_it_does_not_stay_for_ever(holder: Path) -> None:
    with Session(holder, "1") as node:
        begun = time.monotonic()
        node.pipes.stdin.close()
        assert node.process.wait(30) == 0
        assert time.monotonic() - begun >= 0.5


def test_it_ends_when_nobody_listens(node: Session) -> None:
    began = node.begin("sh", "-c", "read go; exec yes")
    node.pipes.stdout.close()
    node.tell(frames.send(0, b"go\n"))
    assert node.process.wait(30) == 0
    assert not alive(began.pid)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ended_from_outside_it_tells_of_no_programs_end(
    node: Session, number: signal.Signals
) -> None:
    began = node.begin(
        "sh", "-c", "trap 'echo bye; exit 6' TERM; echo up; while :; do sleep 1; done"
    )
    node.wait_stdout(b"up\n")
    node.process.send_signal(number)
    assert node.wait_end() == 128 + number
    assert node.of(frames.Ended) == []
    assert node.stdout() == b"up\n"
    assert not alive(began.pid)


def test_ended_from_outside_while_held(node: Session) -> None:
    node.process.send_signal(signal.SIGINT)
    assert node.wait_end() == 128 + signal.SIGINT


def test_what_means_nothing_is_fatal(holder: Path) -> None:
    nonsense = [
        b"\x00" * 16,
        frames.ping(1)[:7] + b"\x07" + b"\0" * 15,
        b"I\0\0\0\0\x01\0\x01" + b"\0" * 8,
        frames.begin(0, ["true"])[:-1] + b"x",
    ]
    for data in nonsense:
        with Session(holder) as node:
            node.wait(frames.Held)
            node.tell(data)
            assert node.wait_end() == 70
            assert node.process.stderr is not None
            assert node.process.stderr.read().startswith(b"holder: ")


def test_commands_may_arrive_in_pieces(node: Session) -> None:
    commands = frames.begin(0, ["cat"]) + frames.send(0, b"piece by piece")
    for at in range(len(commands)):
        node.tell(commands[at : at + 1])
    node.wait_stdout(b"piece by piece")
