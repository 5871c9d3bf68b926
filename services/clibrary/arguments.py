"""The command line: the guide's arguments, and the options that are this lab's addition.

Options stand before the first argument or after the last one. In between everything is taken as
it is, so what the C program takes as a message is a message here too: `talker host --help` sends
`--help`. `--port 99` and `--port=99` are the same; `--` ends the options. Wrong usage prints the
guide's usage line and exits 1; `--help` prints the program's own description and exits 0.
"""

from __future__ import annotations

import os
import socket
import sys

from clibrary.stdio import STDERR, STDOUT, complain, write_all

TYPE_CHECKING = False  # typing takes longer to import than these programs run
if TYPE_CHECKING:
    from typing import NoReturn

MOST = 10_000_000  # of anything a program counts
FAMILIES = {"any": socket.AF_UNSPEC, "ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}


class CommandLine:
    """What a program may be told. Each program states its defaults; None: it has no such option.

    Options of one program only are given by kind, with their defaults: `numbers` (whole),
    `seconds`, `texts` (as they are, in bytes) and `switches`; what was said is in the attribute of
    that name.
    """

    def __init__(
        self,
        usage: str,
        description: str | None,
        arguments: int = 0,
        *,
        family: str | None = None,
        port: int | None = None,
        wait: float | None = None,
        reuseaddr: bool = False,
        usage_on: int = STDERR,
        numbers: dict[str, int] | None = None,
        seconds: dict[str, float] | None = None,
        texts: dict[str, bytes] | None = None,
        switches: tuple[str, ...] = (),
    ) -> None:
        self._usage = usage
        self._usage_on = usage_on
        self._description = description or usage
        self._expected = arguments
        self.numbers = {**numbers} if numbers else {}
        self.seconds = {**seconds} if seconds else {}
        self.texts = {**texts} if texts else {}
        self.switches = dict.fromkeys(switches, False)
        self._offered = {
            "--family": family is not None,
            "--port": port is not None,
            "--wait": wait is not None,
            "--no-reuseaddr": reuseaddr,
            "--help": True,
            **dict.fromkeys([*self.numbers, *self.seconds, *self.texts, *self.switches], True),
        }
        self.family: int = FAMILIES[family or "any"]
        self.port = port or 0
        self.wait = wait or 0.0
        self.reuseaddr = reuseaddr
        self.arguments: list[bytes] = []
        self._read(sys.argv[1:])

    def wrong(self, reason: str = "") -> NoReturn:
        """Print `reason`, if any, and the usage line; exit 1."""
        if reason:
            complain(f"{reason} (--help says more)")
        write_all(self._usage_on, os.fsencode(self._usage) + b"\n")
        sys.exit(1)

    def _read(self, words: list[str]) -> None:
        words = self._read_options(words)
        taken, words = words[: self._expected], words[self._expected :]
        self.arguments = [os.fsencode(word) for word in taken]
        if len(taken) < self._expected or self._read_options(words):
            self.wrong()

    def _read_options(self, words: list[str]) -> list[str]:
        """Take the options `words` begins with; the rest."""
        while words:
            name, equals, value = words[0].partition("=")
            if words[0] == "--":
                return words[1:]
            if not self._offered.get(name):
                return words
            words = words[1:]
            if name in ("--help", "--no-reuseaddr") or name in self.switches:
                self._switch(name, equals)
                continue
            if not equals:
                if not words:
                    self.wrong(f"{name} needs a value")
                value, words = words[0], words[1:]
            self._set(name, value)
        return words

    def _switch(self, name: str, equals: str) -> None:
        if equals:
            self.wrong(f"{name} takes no value")
        if name == "--help":
            write_all(STDOUT, self._description.strip().encode() + b"\n")
            sys.exit(0)
        if name in self.switches:
            self.switches[name] = True
        else:
            self.reuseaddr = False

    def _set(self, name: str, value: str) -> None:
        try:
            if name == "--family":
                self.family = FAMILIES[value]
            elif name == "--port":
                self.port = read_number(value, most=65535)
            elif name == "--wait":
                self.wait = read_seconds(value)
            else:
                self._set_own(name, value)
        except (KeyError, ValueError):
            allowed = {"--family": "any, ipv4 or ipv6", "--port": "a number from 0 to 65535"}
            number = f"a number from 0 to {MOST}" if name in self.numbers else "a number of seconds"
            self.wrong(f"{name} takes {allowed.get(name, number)}, not '{value}'")

    def _set_own(self, name: str, value: str) -> None:
        if name in self.numbers:
            self.numbers[name] = read_number(value, most=MOST)
        elif name in self.seconds:
            self.seconds[name] = read_seconds(value)
        else:
            self.texts[name] = os.fsencode(value)


def read_number(value: str | bytes, most: int) -> int:
    """A decimal number from 0 to `most`. Raises ValueError."""
    if not (value.isdigit() and value.isascii()) or len(value) > 9 or int(value) > most:
        raise ValueError(value)
    return int(value)


def read_seconds(value: str) -> float:
    """A number of seconds, at most a day. Raises ValueError."""
    seconds = float(value)
    if not 0 <= seconds <= 86400:
        raise ValueError(value)
    return seconds
