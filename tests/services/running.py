"""A program under test, and what can be awaited of it. Every wait has a deadline, none a pause
longer than a moment: what ends a wait is an event, never time."""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

SERVICES = Path(__file__).resolve().parents[2] / "services"
DEADLINE = 30.0  # seconds, for whatever must happen
MOMENT = 0.002  # seconds between two looks at /proc, which has no events to wait for

LISTENING = "0A"
TIME_WAIT = "06"


class Ending(NamedTuple):
    """How a program ended; a negative status is the signal that ended it."""

    status: int
    stdout: bytes
    stderr: bytes


def script(name: str) -> Path:
    """The program of a service."""
    return SERVICES / name / f"{name}.py"


class Program:
    """A running service, its streams read as they come."""

    def __init__(self, name: str, *args: str | bytes, prelude: str = "", **popen: Any) -> None:
        path = str(script(name))
        self.argv0 = path
        command: list[str | bytes] = [sys.executable, "-I", "-S", path, *args]
        if prelude:
            start = f"import runpy, sys\n{prelude}\nsys.argv[0] = {path!r}\n"
            start += f"runpy.run_path({path!r}, run_name='__main__')"
            command = [sys.executable, "-I", "-S", "-c", start, *args]
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(command, bufsize=0, **{**streams, **popen})
        self.pid: int = self.process.pid
        self._seen: dict[str, bytes] = {"stdout": b"", "stderr": b""}
        self._taken = 0

    def __enter__(self) -> Program:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def line(self) -> bytes:
        """The next line of stdout, awaited; what there is of it if the stream ends."""
        while b"\n" not in self._seen["stdout"][self._taken :]:
            if not self._read("stdout"):
                break
        rest = self._seen["stdout"][self._taken :]
        line = rest[: rest.find(b"\n") + 1] or rest
        self._taken += len(line)
        return line

    def complaint(self) -> bytes:
        """All of stderr, once it has a line."""
        while b"\n" not in self._seen["stderr"] and self._read("stderr"):
            pass
        return self._seen["stderr"]

    def say(self, data: bytes) -> None:
        """Bytes for its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)

    def close_input(self) -> None:
        """End of its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def end(self) -> Ending:
        """Wait until it has ended by itself; all it printed."""
        for name in ("stdout", "stderr"):
            if getattr(self.process, name):
                while self._read(name):
                    pass
        status = self.process.wait(DEADLINE)
        return Ending(status, self._seen["stdout"], self._seen["stderr"])

    def stop(self) -> Ending:
        """End it by SIGTERM; all it printed."""
        self.signal(signal.SIGTERM)
        return self.end()

    def state(self) -> str:
        """Its process state, one letter (proc(5))."""
        return process_state(self.pid)

    def _read(self, name: str) -> bytes:
        stream = getattr(self.process, name)
        ready, _, _ = select.select([stream], [], [], DEADLINE)
        assert ready, f"nothing more on {name} after {self._seen[name]!r}"
        data = os.read(stream.fileno(), 65536)
        self._seen[name] += data
        return data


def run(
    name: str, *args: str | bytes, stdin: bytes = b"", prelude: str = "", **popen: Any
) -> Ending:
    """Run a service to its end."""
    with Program(name, *args, prelude=prelude, **popen) as program:
        program.say(stdin)
        program.close_input()
        return program.end()


def until(what: str, holds: Callable[[], bool]) -> None:
    """Wait until something seen in /proc holds."""
    deadline = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(MOMENT)


def process_state(pid: int) -> str:
    """The state letter of a process: R, S, T, Z ..."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def children(pid: int) -> list[int]:
    """Its child processes, zombies included."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def socket_table(kind: str) -> Iterator[tuple[str, int, str]]:
    """Rows of /proc/net/KIND: local address in hexadecimal, local port, state."""
    for row in Path(f"/proc/net/{kind}").read_text().splitlines()[1:]:
        local, state = row.split()[1], row.split()[3]
        address, _, port = local.partition(":")
        yield address, int(port, 16), state


def bound(kind: str, port: int, state: str | None = None) -> bool:
    """Is the port in the socket table (in that state)?"""
    return any(number == port and state in (None, seen) for _, number, seen in socket_table(kind))


def free_port() -> int:
    """A port nobody uses, from below those the kernel gives to clients."""
    while True:
        port = random.randrange(20000, 30000)
        with (
            socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as stream,
            socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as datagram,
            contextlib.suppress(OSError),
        ):
            stream.bind(("::", port))
            datagram.bind(("::", port))
            return port


def receive(connection: socket.socket, count: int) -> bytes:
    """Exactly `count` bytes, or less if the stream ends first."""
    data = b""
    while len(data) < count and (more := connection.recv(count - len(data))):
        data += more
    return data


def accept(server: socket.socket) -> socket.socket:
    """The next connection to a server of the test's own."""
    connection, _ = server.accept()
    connection.settimeout(DEADLINE)
    return connection


def listening(family: int = socket.AF_INET) -> socket.socket:
    """A TCP server of the test's own, on a port of the kernel's choice."""
    server = socket.socket(family, socket.SOCK_STREAM)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    server.settimeout(DEADLINE)
    server.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
    server.listen()
    return server


def failing(call: str, number: int) -> str:
    """A prelude in which a method of every socket fails with errno `number`."""
    return (
        "import socket\n"
        f"def fail(*_args, **_kwargs): raise OSError({number}, 'injected')\n"
        f"socket.socket.{call} = fail\n"
    )


def resolving(**names: list[str]) -> str:
    """A prelude in which host names stand for the addresses given, in that order."""
    return (
        "import socket\n"
        "real = socket.getaddrinfo\n"
        f"names = {names!r}\n"
        "def known(host, *rest):\n"
        "    hosts = names.get(host.decode(), [host]) if host else [host]\n"
        "    return [found for each in hosts for found in real(each, *rest)]\n"
        "socket.getaddrinfo = known\n"
    )
