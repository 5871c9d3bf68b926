"""What a server that builds expects of a program: GitHub Actions, so far.

Law: told by its variables alone. While text for people is printed, in which programs under test
have a part, the server is told to obey nothing it reads.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from msgspec import Struct, field


def _token() -> str:
    return os.urandom(16).hex()


class Server(Struct, frozen=True):
    """`github`: its runner reads what we print. `workspace`: the folder of the repository.

    `summary`: a file for Markdown on the job's page. `token` ends a silence; nobody can guess it.
    """

    github: bool = False
    workspace: str = ""
    summary: Path | None = None
    token: str = field(default_factory=_token)

    @contextmanager
    def silenced(self, stream: TextIO, wanted: bool) -> Iterator[None]:
        """While entered, the runner obeys no line of the stream, where that is wanted."""
        if not (wanted and self.github):
            yield
            return
        _say(stream, f"::stop-commands::{self.token}")
        try:
            yield
        finally:
            with suppress(OSError):  # nobody reads
                _say(stream, f"::{self.token}::")


def _say(stream: TextIO, command: str) -> None:
    stream.write(f"{command}\n")
    stream.flush()


def server(environment: Mapping[str, str]) -> Server:
    """Which one this is, if any."""
    summary = environment.get("GITHUB_STEP_SUMMARY")
    return Server(
        environment.get("GITHUB_ACTIONS") == "true",
        environment.get("GITHUB_WORKSPACE", ""),
        Path(summary) if summary else None,
    )
