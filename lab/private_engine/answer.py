"""Asks the engine's socket one thing over HTTP.

Law: GET /_ping and GET /version only; whoever wants more speaks to the engine through the lab's
engine package.
"""

import http.client
import json
import socket
from pathlib import Path


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self) -> None:
        """Connect to the socket instead of to a host."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def ask(path: Path, target: str, timeout: float) -> bytes | None:
    """What the engine at the socket `path` answers, None if it does not within `timeout` seconds.

    Returns at once where nothing listens, and as soon as a daemon dies before it has answered.
    """
    connection = UnixConnection(path, timeout)
    try:
        connection.request("GET", target)
        response = connection.getresponse()
        return response.read() if response.status == http.client.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def answers(path: Path, timeout: float = 2) -> bool:
    """Whether an engine answers there within `timeout` seconds."""
    return ask(path, "/_ping", timeout) is not None


def version(path: Path) -> str | None:
    """The version of the engine that answers there, None if none does."""
    said = ask(path, "/version", 10)
    return str(json.loads(said)["Version"]) if said else None
