"""System calls that may fail, and those that must not; both say so on stderr as perror does.

with Attempt("client: connect", closing=connection):    reported, closed, and on to the next line
    connection.connect(address)

with Required("recv"):                                  reported, and the program ends
    data = connection.recv(99)
"""

from __future__ import annotations

import socket
import sys

from clibrary.stdio import complain, perror

TYPE_CHECKING = False  # typing takes longer to import than these programs run
if TYPE_CHECKING:
    from types import TracebackType
    from typing import NoReturn


class Attempt:
    """A block in which an OSError is reported with `prefix`, `closing` closed, and passed over."""

    def __init__(self, prefix: str, closing: socket.socket | None = None) -> None:
        self._prefix = prefix
        self._closing = closing

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if not isinstance(error, OSError):
            return False
        perror(self._prefix, error)
        if self._closing is not None:
            self._closing.close()
        return True


class Required:
    """A block in which an OSError is reported with `prefix` and ends the program."""

    def __init__(self, prefix: str, status: int = 1) -> None:
        self._prefix = prefix
        self._status = status

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, OSError):
            perror(self._prefix, error)
            sys.exit(self._status)


def die(message: str, status: int) -> NoReturn:
    """Say `message` on stderr and end the program with `status`."""
    complain(message)
    sys.exit(status)
