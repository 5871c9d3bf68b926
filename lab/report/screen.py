"""A frame kept at the bottom of a terminal, with lines printed above it.

Law: knows nothing of scenarios. The only module that imports rich, and so only imported where
a live view is really drawn.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.live import Live
from rich.text import Text


class Screen:
    """A context manager; when it ends nothing of the frame is left on the terminal."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Screen:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.update(Text(""), refresh=True)
        self._live.stop()

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of the terminal now."""
        return self._console.width, self._console.height

    def print(self, lines: Sequence[str]) -> None:
        """Lines above the frame, to stay."""
        for line in lines:
            self._console.print(Text.from_ansi(line), soft_wrap=True)

    def show(self, frame: str) -> None:
        """Another frame in place of the last."""
        self._live.update(Text.from_ansi(frame, no_wrap=True, overflow="crop"), refresh=True)
