"""The agent in a privileged helper container, for a lab that is not root beside the engine.

Law: knows the stream the engine hands over, nothing of Docker: making and removing the container
is the engine package's part. It needs privileged, pid=host, network=host (its own routes are
then the engine's) and the command `python3 -S -E /lab/agent`.
"""

import socket
from collections.abc import Callable

from lab.frames import STDOUT, EngineDecoder, FrameError

from .client import JsonAgent

_LAST_WORDS = 4096  # bytes of its stderr that are kept


class ContainerAgent(JsonAgent):
    """Over the attached socket of its container; `remove` does away with that afterwards."""

    def __init__(self, attached: socket.socket, remove: Callable[[], None]) -> None:
        self._stream = _Stream(attached)
        self._remove = remove
        super().__init__(
            self._stream.read,
            attached.sendall,
            self._stream.end_input,
            last_words=self._stream.last_words,
        )

    def close(self) -> None:
        """End it, give the socket back, remove the container."""
        try:
            super().close()
        finally:
            self._stream.close()
            self._remove()


class _Stream:
    """The engine's attach stream with stdout taken out and the end of stderr kept."""

    def __init__(self, attached: socket.socket) -> None:
        attached.settimeout(None)
        self._socket = attached
        self._decoder = EngineDecoder()
        self._stderr = b""

    def read(self, size: int) -> bytes:
        """Bytes of its stdout, b"" at the end. Raises OSError."""
        while data := self._socket.recv(size):
            if output := self._output(data):
                return output
        return b""

    def _output(self, data: bytes) -> bytes:
        output = b""
        try:
            for stream, part in self._decoder.feed(data):
                if stream == STDOUT:
                    output += part
                else:
                    self._stderr = (self._stderr + part)[-_LAST_WORDS:]
        except FrameError as error:
            raise OSError(f"the engine's stream is broken: {error}") from error
        return output

    def end_input(self) -> None:
        """End of its standard input."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            return  # the engine has closed it already

    def close(self) -> None:
        """Give the socket back; wakes a reader."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        finally:
            self._socket.close()

    def last_words(self) -> str:
        """The end of its stderr."""
        return self._stderr.decode(errors="replace")
