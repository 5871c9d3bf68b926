"""echoserver-epoll: sends back all that its clients say; ten thousand may be connected.

usage: echoserver-epoll [--family any|ipv4|ipv6] [--port PORT] [--no-reuseaddr]

  --family FAMILY   which addresses to serve (default ipv4)
  --port PORT       the port to listen on (default 3490)
  --no-reuseaddr    do without SO_REUSEADDR: a restart may then find its address still in use

The order of socket calls: getaddrinfo, socket, setsockopt, bind, listen, epoll_create, epoll_ctl,
then epoll_wait, and what it says is possible: accept, recv, send, close. The kernel keeps the list
of whom to watch: waking up costs what those cost who have something to say, however many are
silent.

Level-triggered: what was not read is told again at the next wait. So one recv per turn is enough,
and nobody who says much keeps the others from their turn. A client that does not read is not read
from either, until it has taken what it is owed: nothing piles up here. SIGTERM ends it with counts.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import select
import socket

from clibrary.termination import termination
from echoing import MAX_DATA, Echoes


class Loop:
    """The epoll loop and all clients, by descriptor."""

    def __init__(self, echoes: Echoes) -> None:
        self._echoes = echoes
        self._listener = echoes.listener
        self._listener.setblocking(False)
        self._termination = termination()
        self._clients: dict[int, socket.socket] = {}
        self._unsent: dict[int, bytes] = {}
        self._epoll = select.epoll()
        self._epoll.register(self._listener, select.EPOLLIN)
        self._epoll.register(self._termination, select.EPOLLIN)

    def serve(self) -> None:
        """Wait for what is possible and do it, until SIGTERM."""
        while True:
            possible = dict(self._epoll.poll())
            # Last: a newcomer may get the number of one who leaves now, not what was told of it.
            joining = possible.pop(self._listener.fileno(), 0)
            if self._termination in possible:
                return
            for number in possible:
                if number in self._unsent:
                    self._send(number, self._unsent[number])
                else:
                    self._echo(number)
            if joining:
                self._accept()

    def _accept(self) -> None:
        """Everybody who waits."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except BlockingIOError:  # nobody waits any more
                return
            except OSError as error:
                self._echoes.full(error)
                self._epoll.modify(self._listener, 0)  # until somebody leaves
                return
            connection.setblocking(False)
            self._clients[connection.fileno()] = connection
            self._epoll.register(connection, select.EPOLLIN)
            self._echoes.joined()

    def _echo(self, number: int) -> None:
        try:
            data = self._clients[number].recv(MAX_DATA)
        except BlockingIOError:
            return
        except OSError:  # it is gone
            data = b""
        if data:
            self._send(number, data)
        else:
            self._leave(number)

    def _send(self, number: int, data: bytes) -> None:
        """Send what goes without waiting; if some is left, wait for room and for nothing else."""
        try:
            sent = self._clients[number].send(data, socket.MSG_NOSIGNAL)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._leave(number)
            return
        self._echoes.echoed += sent
        rest = data[sent:]
        if bool(rest) != (number in self._unsent):
            self._epoll.modify(number, select.EPOLLOUT if rest else select.EPOLLIN)
        if rest:
            self._unsent[number] = rest
        else:
            self._unsent.pop(number, None)

    def _leave(self, number: int) -> None:
        self._unsent.pop(number, None)
        self._clients.pop(number).close()  # which takes it out of the epoll instance, too
        self._echoes.connected -= 1
        self._epoll.modify(self._listener, select.EPOLLIN)  # there is room for one again


def main() -> None:
    echoes = Echoes("echoserver-epoll", __doc__)
    loop = Loop(echoes)
    echoes.announce()
    loop.serve()
    echoes.finish()


if __name__ == "__main__":
    main()
