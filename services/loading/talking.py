"""Talking on many open connections, hearing all of it again, and hanging up."""

from __future__ import annotations

import select
import socket
import time
from collections import deque

from loading.exchange import CLOSED, SURPLUS, Exchange
from loading.watching import Trouble, Watch

MAX_DATA = 65536  # what one recv takes at most


class Connection:
    """A socket, what is said on it, and what of that the kernel has not taken yet."""

    def __init__(self, talker: socket.socket, exchange: Exchange) -> None:
        self.socket = talker
        self.exchange = exchange
        self.unsent = b""
        self.watched = 0  # the events epoll watches for
        self.began = 0.0  # when the message under way was sent


class Talking:
    """All open connections; `latencies` in seconds, one for each message that came back."""

    def __init__(
        self, watch: Watch, trouble: Trouble, opened: list[socket.socket], messages: int, size: int
    ) -> None:
        self.latencies: list[float] = []
        self._watch = watch
        self._trouble = trouble
        self._under_way = 0
        self._open: dict[int, Connection] = {}
        for number, talker in enumerate(opened):
            connection = Connection(talker, Exchange(number, messages, size))
            self._open[talker.fileno()] = connection
            watch.epoll.register(talker, select.EPOLLIN)
            connection.watched = select.EPOLLIN
        self._waiting = deque(self._open.values())  # with a message to say, if any is left

    @property
    def open(self) -> int:
        """How many connections are open."""
        return len(self._open)

    def run(self, at_once: int) -> None:
        """Say everything; so many messages may be under way, each on another connection."""
        while self._waiting or self._under_way:
            while self._waiting and self._under_way < at_once:
                self._say(self._waiting.popleft())
            if self._under_way and not self._watch.attend(self.attend):
                unheard = sum(bool(c.exchange.due or c.exchange.left) for c in self._open.values())
                self._trouble.count("no echo in time", unheard)
                return

    def attend(self, number: int, events: int) -> None:
        """Do what is possible on a connection."""
        connection = self._open.get(number)
        if connection is not None and connection.unsent and events & select.EPOLLOUT:
            self._send(connection)
        if number in self._open and events & ~select.EPOLLOUT:
            self._hear(self._open[number])

    def hang_up(self) -> None:
        """Say on each that nothing follows, and wait until the server hangs up, too."""
        for connection in [*self._open.values()]:
            try:
                connection.socket.shutdown(socket.SHUT_WR)
            except OSError as error:
                self._lose(connection, "shutdown", error.errno)
        while self._open:
            if not self._watch.attend(self._end):
                self._trouble.count("the server did not hang up in time", len(self._open))
                return

    def _say(self, connection: Connection) -> None:
        if not connection.exchange.left or connection.socket.fileno() < 0:
            return
        self._under_way += 1
        connection.unsent = connection.exchange.next()
        connection.began = time.monotonic()
        self._send(connection)

    def _send(self, connection: Connection) -> None:
        try:
            sent = connection.socket.send(connection.unsent, socket.MSG_NOSIGNAL)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._lose(connection, "send", error.errno)
            return
        connection.unsent = connection.unsent[sent:]
        watched = select.EPOLLIN | (select.EPOLLOUT if connection.unsent else 0)
        if watched != connection.watched:
            self._watch.epoll.modify(connection.socket, watched)
            connection.watched = watched

    def _hear(self, connection: Connection) -> None:
        try:
            data = connection.socket.recv(MAX_DATA)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(connection, "recv", error.errno)
            return
        wrong = connection.exchange.take(data)
        if wrong:
            self._lose(connection, wrong)
        elif not connection.exchange.due:
            self.latencies.append(time.monotonic() - connection.began)
            self._under_way -= 1
            self._waiting.append(connection)

    def _end(self, number: int, _: int) -> None:
        connection = self._open[number]
        try:
            data = connection.socket.recv(MAX_DATA)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(connection, "recv", error.errno)
            return
        if not data:
            self._close(connection)
        elif not connection.exchange.due:  # what came too late has been told already
            self._lose(connection, SURPLUS)

    def _lose(self, connection: Connection, what: str, number: int | None = None) -> None:
        if number is None:
            self._trouble.count(f"recv: {what}" if what == CLOSED else what)
        else:
            self._trouble.failed(what, number)
        self._under_way -= connection.exchange.due
        self._close(connection)

    def _close(self, connection: Connection) -> None:
        del self._open[connection.socket.fileno()]
        connection.socket.close()  # which takes it out of the epoll instance, too
