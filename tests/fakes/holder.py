"""The holder of a fake node: the protocol of ARCHITECTURE.md over a socket, in threads.

Law: says and does what lab/holder/holder.c does, as far as the lab can see; its own bytes are
framed as the engine multiplexes them.
"""

from __future__ import annotations

import errno
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from tests.fakes.process import FakeProcess, Program

_FRAME = struct.Struct(">BBHIQ")
_ENGINE = struct.Struct(">BxxxL")


class FakeHolder:
    """The machine. `ended` is called once, when it is gone; `changed` when a fact changed."""

    def __init__(
        self,
        programs: Mapping[str, Program],
        *,
        lasting: bool,
        changed: Callable[[], None],
        ended: Callable[[], None],
    ) -> None:
        self._programs = programs
        self._lasting = lasting
        self._changed = changed
        self._ended = ended
        self._heard: set[socket.socket] = set()
        self._lock = threading.RLock()
        self._gone = threading.Event()
        self._threads: list[threading.Thread] = []
        self.processes: dict[int, FakeProcess] = {}
        self.running: set[int] = set()
        self._waiting: dict[int, bytes] = {}
        self.log = bytearray()  # its stream, without the engine's framing

    def begin(self) -> None:
        """Be up, and say so."""
        self._say("H", 0, bytes([1]))

    def serve(self, sock: socket.socket) -> None:
        """Listen to what comes over an attached socket."""
        with self._lock:
            self._heard.add(sock)
        self._spawn(lambda: self._listen(sock))

    def end(self) -> None:
        """Be gone, with everything that runs on it."""
        with self._lock:
            if self._gone.is_set():
                return
            self._gone.set()
            self._kill_all()
            heard, self._heard = self._heard, set()
        self._ended()
        for sock in heard:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def join(self) -> None:
        """Wait until no thread of it is left."""
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()

    # -- listening

    def _listen(self, sock: socket.socket) -> None:
        with sock:
            with suppress(OSError), sock.makefile("rb") as stream:
                while len(header := stream.read(_FRAME.size)) == _FRAME.size:
                    kind, process, _, length, _ = _FRAME.unpack(header)
                    self._obey(chr(kind), process, stream.read(length))
            with self._lock:
                self._heard.discard(sock)
            if not self._lasting:
                self.end()

    def _obey(self, kind: str, process: int, payload: bytes) -> None:
        target = self.processes.get(process)
        if kind in "STC":
            self._begin(kind, process, payload)
        elif kind == "A":
            self._kill_all()
        elif kind == "N":
            self._say("n", 0, payload)
        elif target is not None and kind == "I":
            target.feed(payload)
        elif target is not None and kind == "E":
            target.end_input()
        elif target is not None and kind in ("K", "G"):
            target.signal(payload[0])

    def _kill_all(self) -> None:
        for process in tuple(self.processes.values()):
            process.signal(signal.SIGKILL)

    # -- programs

    def _begin(self, kind: str, process: int, payload: bytes) -> None:
        if kind == "T":
            self._waiting[process] = payload
            self._say("W", process, struct.pack(">I", 100 + process))
        else:
            self._start(process, self._waiting.pop(process) if kind == "C" else payload)

    def _start(self, number: int, payload: bytes) -> None:
        argv = tuple(part.decode(errors="surrogateescape") for part in payload[:-1].split(b"\0"))
        program = self._programs.get(argv[0])
        if program is None:
            self._say("F", number, struct.pack(">I", errno.ENOENT))
            return
        process = FakeProcess(argv, lambda kind, data: self._say(kind, number, data), self._changed)
        with self._lock:
            if self._gone.is_set():  # nobody would end it any more
                return
            self.processes[number] = process
            self.running.add(number)
            self._say("P", number, struct.pack(">I", 100 + number))
            self._spawn(lambda: self._run(number, process, program))

    def _run(self, number: int, process: FakeProcess, program: Program) -> None:
        how = process.run(program)
        self.running.discard(number)
        self._say("o", number, b"")
        self._say("r", number, b"")
        self._say("X", number, bytes(how))
        self._changed()

    # -- saying

    def _say(self, kind: str, process: int, payload: bytes) -> None:
        frame = _FRAME.pack(ord(kind), process, 0, len(payload), time.monotonic_ns()) + payload
        with self._lock:
            self.log += frame
            for sock in tuple(self._heard):
                self._tell(sock, frame)

    def _tell(self, sock: socket.socket, frame: bytes) -> None:
        with suppress(OSError):  # whoever hung up hears no more
            sock.sendall(_ENGINE.pack(1, len(frame)) + frame)

    def _spawn(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        self._threads.append(thread)
        thread.start()
