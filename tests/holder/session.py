"""A holder as a process of this machine, on two pipes."""

import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import IO

from tests.holder.conversation import PATIENCE, Conversation


class Pipes:
    """The bytes' way to a process and back."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.stdin: IO[bytes] = process.stdin
        self.stdout: IO[bytes] = process.stdout

    def fileno(self) -> int:
        """What to wait for."""
        return self.stdout.fileno()

    def read(self) -> bytes:
        """Some of what the holder said; nothing at the end."""
        return os.read(self.stdout.fileno(), 1 << 20)

    def write(self, data: bytes) -> None:
        """All of it, to the holder."""
        self.stdin.write(data)
        self.stdin.flush()


class Session(Conversation):
    """Starts a holder; leaving it ends the holder, and with it all it started."""

    def __init__(self, holder: Path, *words: str) -> None:
        pipe = subprocess.PIPE
        command = [str(holder), *words]
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)
        self.pipes = Pipes(self.process)
        super().__init__(self.pipes)

    def __enter__(self) -> "Session":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pipe in (self.pipes.stdin, self.pipes.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()

    def wait_end(self) -> int:
        """The holder's own exit status, all its output read."""
        self.read_until(lambda: self.ended)
        return self.process.wait(PATIENCE)
