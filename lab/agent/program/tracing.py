"""Tracing a program and all it makes with strace(1): its calls about sockets and waiting.

Law: a trace is strace's own text and ends in one of three ways, told apart: all that was traced
has ended; strace has ended before; there was no more room. A tracer ends with the agent, however
that ends, and what it traced goes on: the kernel lets go of it (ptrace(2)).
"""

import os
import select
import signal
import time
from collections.abc import Iterator

from .holder import Holder
from .refusal import FAILED, NO_TRACER, Refusal

OLDEST = (5, 9)  # translates the numbers of other pid namespaces
MOST = 16 * 1024 * 1024  # bytes of a trace
PART = 1024 * 1024  # bytes of it in one answer
_PATIENCE = 10.0  # seconds for strace to attach
_WORDS = 4096  # bytes of its messages that are kept
_ATTACHED = b" attached"
_PR_SET_PDEATHSIG = 1

# A name the kernel's architecture does not have is left out: that is what ? means.
_CALLS = (
    "network,close,close_range,read,readv,write,writev,sendfile,dup,dup2,dup3,fcntl,"
    "poll,ppoll,select,pselect6,epoll_create,epoll_create1,epoll_ctl,epoll_wait,epoll_pwait,"
    "epoll_pwait2,fork,vfork,clone,clone3,execve,execveat"
)
_OPTIONS = (
    *("-f", "-ttt", "-T", "-y", "-s", "100", "--pidns-translation", "-e", "signal=none"),
    *("-e", "trace=" + ",".join(f"?{name}" for name in _CALLS.split(","))),
)


def tracer() -> str:
    """The path of a strace that can be used. Raises Refusal."""
    for folder in os.get_exec_path():
        path = os.path.join(folder, "strace")  # noqa: PTH118 - pathlib would double the start
        if os.access(path, os.X_OK) and _version(path) >= OLDEST:
            return path
    wanted = ".".join(map(str, OLDEST))
    raise Refusal(NO_TRACER, f"the agent finds no strace ({wanted} or newer) to trace calls with")


def _version(path: str) -> tuple[int, ...]:
    reader, writer = os.pipe()
    pid = _spawn([path, "-V"], output=writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as said:
        first = said.readline().split()
    os.waitpid(pid, 0)
    try:
        return tuple(int(part) for part in first[-1].split(b".")[:2])
    except (IndexError, ValueError):
        return ()


class Trace:
    """One strace, attached to a process and all that it makes from now on. Raises Refusal."""

    def __init__(self, path: str, pid: int) -> None:
        self._file = os.memfd_create("trace")
        self.messages, writer = os.pipe()
        self._words = b""
        self._status: int | None = None
        output = f"/proc/self/fd/{self._file}"
        argv = [path, *_OPTIONS, "-o", output, "-p", str(pid)]
        self._pid = _spawn(argv, output=writer, keep=self._file, room=MOST)
        os.close(writer)
        try:
            self._await_attached()
        except BaseException:
            self.close()
            raise

    @property
    def tracer(self) -> int:
        """The process id of strace."""
        return self._pid

    def _await_attached(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while _ATTACHED not in self._words:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.messages], [], [], left)[0]:
                raise Refusal(FAILED, f"strace did not attach within {_PATIENCE:g} s")
            if not self.hear():
                raise Refusal(FAILED, f"strace cannot trace: {self._last_words()}")

    def hear(self) -> bool:
        """Take what it says of itself; False once it has ended."""
        said = os.read(self.messages, 65536)
        self._words = (self._words + said)[-_WORDS:]
        if not said:
            self._reap()
        return bool(said)

    def size(self) -> tuple[int, bool]:
        """Bytes so far, and whether more may come."""
        return os.fstat(self._file).st_size, self._status is None

    def read(self, offset: int) -> dict[str, object]:
        """What follows the first `offset` bytes: text, and how it stands once that is all.

        `ahead`: seconds by which its clock (CLOCK_REALTIME) is ahead of CLOCK_MONOTONIC.
        """
        self._reap(os.WNOHANG)  # first: of a tracer that has ended the text is all there
        data = os.pread(self._file, PART, offset)
        more = offset + len(data) < self.size()[0]
        return {
            "text": data.decode("ascii", "backslashreplace"),
            "size": len(data),
            "more": more,
            "ahead": time.time() - time.monotonic(),
            "over": self._status is not None,
            "lost": self._lost(),
        }

    def _lost(self) -> str:
        """Why the trace may not be whole; nothing, mostly."""
        if self._status in (None, 0):
            return ""
        if self._status == -signal.SIGXFSZ:
            return f"the trace of its calls is longer than the {MOST >> 20} MiB that are kept"
        return f"the tracer of its calls ended: {self._last_words() or f'({self._status})'}"

    def _last_words(self) -> str:
        lines = self._words.decode("ascii", "backslashreplace").splitlines()
        said = [line for line in lines if not line.endswith(_ATTACHED.decode())]
        return said[-1] if said else ""

    def _reap(self, options: int = 0) -> None:
        if self._status is None:
            pid, status = os.waitpid(self._pid, options)
            self._status = os.waitstatus_to_exitcode(status) if pid else None

    def close(self) -> None:
        """End it; what it traces goes on."""
        if self._status is None:
            os.kill(self._pid, signal.SIGKILL)
            self._reap()
        os.close(self.messages)
        os.close(self._file)


def find(holder: Holder, first: int, pid: int) -> tuple[int, Holder]:
    """The child of a node's holder that the node numbers `pid`: its number here, and a hold on it.

    `first` is the holder's own number here. Raises Refusal where there is none.
    """
    for child in _children(holder, first):
        try:
            found = Holder(child)
        except Refusal:
            continue
        if _own_number(found) == pid:
            return child, found
        found.close()
    raise Refusal(FAILED, f"the node has no process {pid} that could be traced")


def _children(holder: Holder, first: int) -> Iterator[int]:
    return map(int, holder.read(f"task/{first}/children").split())


def _own_number(process: Holder) -> int:
    """Its number in the innermost of its pid namespaces."""
    found = field(process, "NSpid").split()
    return int(found[-1]) if found else 0


def field(process: Holder, name: str) -> str:
    """A line of /proc/PID/status; nothing where it has ended."""
    try:
        text = process.read("status").decode(errors="replace")
    except OSError:
        return ""
    lines = (line.partition(":") for line in text.splitlines())
    return next((value.strip() for key, _, value in lines if key == name), "")


def _spawn(argv: list[str], *, output: int, keep: int | None = None, room: int = 0) -> int:
    """Begin a program that ends with this one; it keeps one descriptor, and writes to `output`.

    `room`: bytes it may write to a file.
    """
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        _end_with(parent)
        if room:
            import resource  # noqa: PLC0415 - not in every minimal Python

            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        for number in (signal.SIGXFSZ, signal.SIGPIPE, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        if keep is not None:
            os.set_inheritable(keep, True)
        os.execv(argv[0], argv)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is told and this ends
        os.write(output, f"{argv[0]}: {error}\n".encode())
    finally:
        os._exit(127)


def _end_with(parent: int) -> None:
    """Have the kernel kill this process once its parent has ended (prctl(2))."""
    import ctypes  # noqa: PLC0415 - only tracing needs it, and not every Python has it

    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:
        os._exit(127)
