"""A shell on a pseudo-terminal, and what is on its screen.

Law: waits for what is shown and never for a time; a patience that ends is an error.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

PATIENCE = 120.0  # seconds until something that does not come is given up; a bound, not a claim
_ROWS, _COLUMNS = 50, 100
_SHELL = ("bash", "--norc", "--noprofile", "--noediting", "-i")
# Invisible, as a window's title is: the status of the command before.
_PROMPT = r"\e]0;$?\a$ "
_TITLE = re.compile(r"\x1b\]0;(\d*)\x07")
# What the lab says of runs that others left dead on the engine is no part of any page.
_OF_OTHERS = re.compile(r"^lab: removed \d+ things? that dead runs had left\r?\n", re.MULTILINE)
_INVISIBLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00\x07]")


class Terminal:
    """bash in a folder; leaving the context hangs up, and ends what runs in it."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._own, shells = os.openpty()
        fcntl.ioctl(shells, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        self._shell = subprocess.Popen(
            _SHELL,
            cwd=folder,
            env={**environment, "PS1": _PROMPT, "TERM": "dumb"},
            preexec_fn=lambda: os.login_tty(shells),  # noqa: PLW1509 - no thread runs here
        )
        os.close(shells)
        self._raw = b""
        self._consumed = 0

    def press(self, text: str) -> None:
        """Keys that are pressed."""
        os.write(self._own, text.encode())

    def wait(self, check: Callable[[], bool]) -> bool:
        """Until it holds: checked first, then whenever more is shown. False: patience ended."""
        deadline = time.monotonic() + PATIENCE
        while not check():
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._own], [], [], left)[0] or not self._read():
                return check()
        return True

    def _read(self) -> bool:
        try:
            data = os.read(self._own, 65536)
        except OSError:  # nobody is on the other side any more
            return False
        self._raw += data
        return bool(data)

    @property
    def folder(self) -> Path:
        """Where the shell is now."""
        return Path(f"/proc/{self._shell.pid}/cwd").readlink()

    @property
    def status(self) -> str:
        """What the last command ended with."""
        told: list[str] = _TITLE.findall(self._text)
        return told[-1] if told else ""

    @property
    def fresh(self) -> list[str]:
        """The lines on its screen that are not taken yet; the last one may still grow."""
        visible = _INVISIBLE.sub("", _TITLE.sub("", self._text))
        text = _OF_OTHERS.sub("", visible).replace("\r\n", "\n")
        lines = [_overwritten(line) for line in text.split("\n")]
        return lines[self._consumed :]

    def take(self, lines: int) -> None:
        """They are done with."""
        self._consumed += lines

    @property
    def _text(self) -> str:
        return self._raw.decode(errors="replace")

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._own)
        self._shell.kill()
        self._shell.wait()


def _overwritten(line: str) -> str:
    """What is left of a line whose beginning was gone back to."""
    return line.rstrip("\r").rpartition("\r")[2]
