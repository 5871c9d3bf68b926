"""API clients: one per thread, all of them closed at the end.

Law: an APIClient is a requests.Session and never crosses threads; every request is bounded in
time, so that a hanging engine is an error and not a hang.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import requests
from docker import APIClient
from docker.transport import UnixHTTPAdapter

from lab.engine.address import EngineAddress

CONNECT_LIMIT = 5.0  # seconds
READ_LIMIT = 60.0  # seconds of silence in an answer

_UNIX = "unix://"
_ANY = "http+docker://"  # how docker-py's URLs begin where the engine is behind a socket


class _OneConnection(UnixHTTPAdapter):
    """Keeps one connection for all requests; docker-py has one for each of the last 25 URLs."""

    def get_connection(self, url: Any, proxies: Any = None) -> Any:  # noqa: ARG002
        """See UnixHTTPAdapter; what is asked for makes no difference to a socket."""
        return super().get_connection(_ANY, proxies)


class _BoundedClient(APIClient):
    """Bounds also the requests that docker-py sends without a limit (7.2.0: attach, wait, pull)."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """See requests.Session."""
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self.timeout
        return super().send(request, **kwargs)


def new_client(address: EngineAddress, version: str, read: float = READ_LIMIT) -> APIClient:
    """A client that has not spoken yet. `read` is the silence it bears, in seconds."""
    client = _BoundedClient(
        base_url=address.url, version=version, timeout=int(CONNECT_LIMIT), tls=address.tls or False
    )
    client.trust_env = False  # no proxy, no netrc: it is our own engine
    if address.url.startswith(_UNIX):
        client.mount(_ANY, _OneConnection(address.url.replace("unix://", "http+unix://", 1)))
    bound(client, read)
    return client


def bound(client: APIClient, read: float) -> None:
    """Set how long the client's requests may be silent, in seconds."""
    # requests takes a (connect, read) pair wherever docker-py passes its one number on.
    client.timeout = (CONNECT_LIMIT, read)  # type: ignore[assignment]


class Clients:
    """The clients of one engine."""

    def __init__(self, address: EngineAddress, version: str, read: float = READ_LIMIT) -> None:
        """`read`: the silence they bear, in seconds."""
        self._address = address
        self._version = version
        self._read = read
        self._own = threading.local()
        self._all: list[APIClient] = []
        self._lock = threading.Lock()

    @property
    def address(self) -> EngineAddress:
        """Where they connect to."""
        return self._address

    def mine(self) -> APIClient:
        """This thread's client."""
        client: APIClient | None = getattr(self._own, "client", None)
        if client is None:
            client = self._own.client = new_client(self._address, self._version, self._read)
            with self._lock:
                self._all.append(client)
        return client

    @contextmanager
    def patient(self, read: float) -> Iterator[APIClient]:
        """This thread's client, bearing `read` seconds of silence meanwhile."""
        client = self.mine()
        before = client.timeout
        bound(client, read)
        try:
            yield client
        finally:
            client.timeout = before

    def close(self) -> None:
        """Give all connections back; the clients are of no use afterwards."""
        with self._lock:
            clients, self._all = self._all, []
        for client in clients:
            with suppress(OSError):
                client.close()
