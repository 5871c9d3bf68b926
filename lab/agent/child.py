"""The agent as a child process, for a lab that runs beside the engine as root, or as whoever a
rootless engine belongs to.

Law: whether that is so is asked of the engine itself, and of the kernel, which names the process
that answers. Imports no more than it needs: the child is started before the Docker SDK is
imported, and is up by the time that is done.
"""

import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

from .client import JsonAgent

PROGRAM = Path(__file__).parent / "program"

_UNIX = "unix://"
_PING = b"HEAD /_ping HTTP/1.0\r\n\r\n"
_PATIENCE = 2.0  # seconds; the answer takes about one millisecond
_CREDENTIALS = struct.Struct("3i")  # struct ucred: pid, uid, gid
_GRACE = 5.0
_ENTER, _LEAVE = "nsenter", "unshare"  # of util-linux


class ChildAgent(JsonAgent):
    """A child that ends when its input does; started at once, not waited for.

    `engine_pid` as engine_pid() found it. `within`: a process whose user and network namespaces it
    enters, to be root there. Raises OSError if the interpreter cannot be started.
    """

    def __init__(self, engine_pid: int | None = None, *, within: int | None = None) -> None:
        front = () if within is None else _entered(within)
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._child = subprocess.Popen(
                [*front, sys.executable, "-S", "-E", str(PROGRAM)],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,  # Ctrl-C is the lab's, which still needs the agent then
            )
        super().__init__(
            self._read,
            self._socket.sendall,
            self._end_input,
            last_words=self._last_words,
            engine_pid=engine_pid,
        )

    @property
    def pid(self) -> int:
        """Its process."""
        return self._child.pid

    def close(self) -> None:
        """End it and wait until it has ended; killed if it does not."""
        super().close()
        try:
            self._child.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._socket.close()
        if self._child.stderr is not None:
            self._child.stderr.close()

    def _read(self, size: int) -> bytes:
        try:
            return self._socket.recv(size)
        except ConnectionResetError:
            return b""  # it died with a request unread

    def _end_input(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            return  # it has ended already

    def _last_words(self) -> str:
        """What it wrote on stderr, where only a crash writes; after its end."""
        data: bytes = self._child.stderr.read(65536) if self._child.stderr else b""
        return data.decode(errors="replace")


def _entered(process: int) -> tuple[str, ...]:
    """A command that has the rest of its words run where that process is.

    With a host name of its own (uts), since only to what is of that user namespace can it come
    back from those of nodes.
    """
    return (_ENTER, "--user", "--net", f"--target={process}", _LEAVE, "--uts")


def may_be_child() -> bool:
    """Whether this process has what a child needs: root, on Linux."""
    return sys.platform == "linux" and os.geteuid() == 0


def engine_beside(endpoint: str) -> int | None:
    """The engine's process if a child can look into the nodes of the one at `unix:///...`.

    Even then adopting may raise NotHereError: some engines answer here and run their containers
    in a virtual machine.
    """
    if not endpoint.startswith(_UNIX) or sys.platform != "linux":
        return None
    pid = engine_pid(endpoint.removeprefix(_UNIX))
    return pid if pid is not None and (may_be_child() or rootless(pid)) else None


def rootless(engine: int) -> bool:
    """Whether that process is in another user namespace than we are, and we may enter it.

    Whoever made a user namespace has all capabilities in it (user_namespaces(7)), and so has a
    child of ours that enters it; what is mounted there is open to it, too.
    """
    try:
        theirs, ours = (Path(f"/proc/{pid}/ns/user").stat() for pid in (engine, "self"))
    except OSError:  # it is somebody else's
        return False
    if theirs.st_ino == ours.st_ino:
        return False
    from shutil import which  # noqa: PLC0415 - slow, and few engines are

    return None not in map(which, (_ENTER, _LEAVE))


def engine_pid(path: str) -> int | None:
    """The process that answers on an engine's socket, None if it cannot be seen from here.

    The answer's own credentials (SCM_CREDENTIALS, unix(7)) are what counts. Those of the socket
    (SO_PEERCRED) are of whoever opened it: an init system, or a process that has long ended.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as engine:
        engine.settimeout(_PATIENCE)
        try:
            engine.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            engine.connect(path)
            engine.sendall(_PING)
            _, found, _, _ = engine.recvmsg(4096, socket.CMSG_SPACE(_CREDENTIALS.size))
        except OSError:
            return None
    pids = [
        _CREDENTIALS.unpack(data)[0] for _, kind, data in found if kind == socket.SCM_CREDENTIALS
    ]
    return next((int(pid) for pid in pids if pid > 0), None)
