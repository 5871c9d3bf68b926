"""What is said on one terminal: the page's lines beside the screen's.

Law: nothing is typed before all lines above it are on the screen, and nothing else is there.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable

from tests.docs.alike import Names, alike
from tests.docs.page import PageError
from tests.docs.terminal import Terminal


class Dialogue:
    """One terminal, followed line by line."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self._shown: list[str] = []  # lines of the page that were not found on the screen yet
        self._prompt = ""  # that was typed at last

    def shows(self, line: str) -> None:
        """The page has this line next."""
        self._shown.append(line)

    def command(self, prompt: str, text: str, names: Names) -> Names:
        """Type it once the prompt is there and all above it was shown."""
        names = self.settle(names, prompt)
        self._prompt = prompt
        self.type(f"{text}\n", f"{prompt} {text}")
        return names

    def type(self, keys: str, echo: str) -> None:
        """Press keys, which are shown as `echo`."""
        self.terminal.press(keys)
        self.shows(echo)

    def settle(self, names: Names, prompt: str = "") -> Names:
        """Wait until the screen shows what the page does, and then a prompt where one is named.

        Raises PageError as soon as it cannot come any more.
        """
        self.terminal.wait(lambda: self._found(names, prompt) is not None or self._over())
        found = self._found(names, prompt)
        if found is None:
            raise PageError(self._difference(prompt))
        self.terminal.take(len(self.terminal.fresh) - 1)
        self._shown.clear()
        return found

    def _found(self, names: Names, prompt: str) -> Names | None:
        *lines, last = self.terminal.fresh
        if prompt and last != f"{prompt} ":
            return None
        return alike(self._shown, lines, names)

    def _over(self) -> bool:
        """The prompt is there again: what was typed has come to its end."""
        *lines, last = self.terminal.fresh
        return bool(self._prompt and lines) and last == f"{self._prompt} "

    def _difference(self, prompt: str) -> str:
        shown = [*self._shown, *([f"{prompt} "] if prompt else [])]
        lines = difflib.unified_diff(shown, self.terminal.fresh, "page", "seen", lineterm="")
        return "\n".join(lines) or "the same, but with other addresses than before"


Opened = Callable[[str], Dialogue]
