"""The guide's library, used as a learner would: imported."""

from __future__ import annotations

import errno
import importlib
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from .running import SERVICES, free_port


@pytest.fixture
def sockethelpers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(SERVICES))
    yield importlib.import_module("sockethelpers")
    sys.modules.pop("sockethelpers")


def test_parts_of_an_address(sockethelpers: Any) -> None:
    assert sockethelpers.get_addr_struct(("192.0.2.1", 80)) == "192.0.2.1"
    assert sockethelpers.get_addr_struct(("2001:db8::1", 80, 0, 0)) == "2001:db8::1"
    assert sockethelpers.get_port(("192.0.2.1", 80)) == 80
    assert sockethelpers.get_port(("2001:db8::1", 80, 0, 0)) == 80


def test_a_listening_socket(sockethelpers: Any) -> None:
    port = free_port()
    with sockethelpers.create_listening_socket(port, 5) as listener:
        assert listener.family == socket.AF_INET
        assert listener.getsockname() == ("0.0.0.0", port)
        assert listener.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)
        assert listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        with pytest.raises(sockethelpers.ListeningError, match="Address already in use") as error:
            sockethelpers.create_listening_socket(port, 5)
    assert error.value.errno == errno.EADDRINUSE
    assert error.value.call == "bind"


def test_another_family_without_reuseaddr(sockethelpers: Any) -> None:
    with sockethelpers.create_listening_socket(
        free_port(), 5, family=socket.AF_INET6, reuseaddr=False
    ) as listener:
        assert listener.family == socket.AF_INET6
        assert not listener.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)


def test_no_socket_to_be_had(sockethelpers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(socket, "socket", none)
    with pytest.raises(sockethelpers.ListeningError, match="Too many open files") as error:
        sockethelpers.create_listening_socket(3490, 5)
    assert error.value.call == "socket"
