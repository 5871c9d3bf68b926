"""A page, done from its first block to its last.

Law: in order, each file is written (or, where the project has it, compared), each difference is
applied, each command is typed; what terminals show must be what the page shows, and a command ends
with 0 unless `echo $?` comes next. Whatever file is a scenario is valid, C compiles, Python is in
the project's format.

How a page is written:

    $ COMMAND           typed into a shell in the project's folder
    $ lab shell NODE    typed into another terminal; from there on it is the one of the prompt NODE$
    NODE$ COMMAND       typed there
    TEXT ⏎              typed into the program that runs there
    ^C                  pressed there
    ...                 any lines
    other lines         what that terminal shows; a block that begins with such a line names its
                        terminal: ```console NODE
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.docs.dialogue import Dialogue
from tests.docs.page import Change, File, PageError, Session, blocks
from tests.docs.terminal import Terminal

_PROMPT = re.compile(r"(?P<node>[a-z0-9-]*)\$ (?P<command>.*)")
_SHELL = re.compile(r"lab shell (?P<node>[a-z0-9-]+)(?: --of \S+)?(?: +#.*)?")
_ENDS = "lab down"  # what terminals on those machines show is over
_WRONG = "tests/corpus/errors/"  # scenarios that are not valid live there
_ENTER = "⏎"
_SAYS_STATUS = "echo $?"
_COMPILE = ("cc", "-Wall", "-Wextra", "-Werror", "-fsyntax-only")


class Story:
    """A page and the folder it is done in."""

    def __init__(self, page: Path, folder: Path, environment: Mapping[str, str]) -> None:
        self._page, self._folder, self._environment = page, folder, environment
        self._dialogues: dict[str, Dialogue] = {}
        self._names: Mapping[str, str] = {}
        self._written: set[str] = set()
        self._stack = ExitStack()

    def tell(self) -> None:
        """Do all of it. Raises PageError at the first thing that is not so."""
        found = blocks(self._page)
        with self._stack:
            for block in found:
                try:
                    self._block(block)
                    if block is found[-1]:
                        self._check_status()
                except PageError as error:
                    raise PageError(f"{self._page}:{block.line}: {error}") from None

    def _block(self, block: File | Change | Session) -> None:
        match block:
            case File():
                self._file(block)
            case Change():
                self._run("patch", "--quiet", "-p0", given=block.text)
                for path in re.findall(r"^\+\+\+ (\S+)", block.text, re.MULTILINE):
                    self._check(path)
            case Session():
                self._session(block)

    # -- files -------------------------------------------------------------------------------

    def _file(self, block: File) -> None:
        path = self._folder / block.path
        if path.exists() and block.path not in self._written:
            _compare(block, path.read_text(encoding="utf-8"))
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.whole, encoding="utf-8")
        self._written.add(block.path)
        self._check(block.path)

    def _check(self, path: str) -> None:
        """A scenario is valid, C compiles, Python is in the project's format."""
        text = (self._folder / path).read_text(encoding="utf-8")
        if path.endswith((".c", ".h")):
            self._run(*_COMPILE, path)
        elif path.endswith(".py"):
            self._run("ruff", "check", "--quiet", path)
            self._run("ruff", "format", "--diff", "--quiet", path)
        elif path.endswith(".yaml") and re.search(r"^intent:", text, re.MULTILINE):
            self._run("lab", "validate", path, wrong=path.startswith(_WRONG))

    def _run(self, *argv: str, given: str = "", wrong: bool = False) -> None:
        done = subprocess.run(
            argv,
            check=False,
            cwd=self._folder,
            env=self._environment,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if bool(done.returncode) != wrong:
            raise PageError(f"{' '.join(argv)}:\n{done.stdout}")

    # -- terminals ---------------------------------------------------------------------------

    def _session(self, block: Session) -> None:
        name = block.terminal
        for line in block.lines:
            prompt = _PROMPT.fullmatch(line)
            if prompt:
                name = self._command(name, prompt["node"], prompt["command"])
            elif name in self._dialogues:
                self._line(self._dialogues[name], line)
            else:
                raise PageError(f"which terminal shows `{line}`?")
        self._settle(name)

    def _line(self, dialogue: Dialogue, line: str) -> None:
        if line == "^C":
            self._names = dialogue.settle(self._names)
            dialogue.type("\x03", "^C")
        elif line.endswith(_ENTER):
            self._names = dialogue.settle(self._names)
            text = line.removesuffix(_ENTER).rstrip(" ")
            dialogue.type(f"{text}\n", text)
        else:
            dialogue.shows(line)

    def _settle(self, name: str) -> None:
        """All that the page has shown of it so far is there; the project's own is ready again."""
        if name in self._dialogues:
            self._names = self._dialogues[name].settle(self._names, "" if name else "$")

    def _command(self, before: str, node: str, command: str) -> str:
        """Type it; the name of the terminal it was typed into."""
        opens = None if node else _SHELL.fullmatch(command)
        name = opens["node"] if opens else node
        if name != before or not name:
            self._settle(before)
        if command.startswith(_ENDS):
            for each in self._dialogues:
                self._settle(each)
        if command != _SAYS_STATUS:
            self._check_status()
        if opens or (not name and not self._dialogues):
            self._dialogues[name] = self._open()
        if name not in self._dialogues:
            raise PageError(f"no terminal has the prompt `{name}$`: lab shell {name}")
        self._names = self._dialogues[name].command(f"{node}$", command, self._names)
        return name

    def _open(self) -> Dialogue:
        first = self._dialogues.get("")
        folder = first.terminal.folder if first else self._folder
        return Dialogue(self._stack.enter_context(Terminal(folder, self._environment)))

    def _check_status(self) -> None:
        first = self._dialogues.get("")
        if first and first.terminal.status not in {"", "0"}:
            raise PageError(f"the command ended with {first.terminal.status}, and no `echo $?`")


def _compare(block: File, text: str) -> None:
    """It is the file, or parts of it with `...` between."""
    rest = f"\n{text}"
    for part in re.split(r"^\s*\.\.\.\n", block.body, flags=re.MULTILINE):
        found, rest = rest.partition(f"\n{part}")[1:]
        if not found:
            raise PageError(f"{block.path} has no such lines:\n{part}")
        rest = f"\n{rest}"
