"""echoserver-threads: sends back all that its clients say, with a thread of its own for each.

usage: echoserver-threads [--family any|ipv4|ipv6] [--port PORT] [--no-reuseaddr]

  --family FAMILY   which addresses to serve (default ipv4)
  --port PORT       the port to listen on (default 3490)
  --no-reuseaddr    do without SO_REUSEADDR: a restart may then find its address still in use

The order of socket calls: getaddrinfo, socket, setsockopt, bind, listen, then accept in one thread;
recv, send, close in each client's. All of them wait, which is what makes it the shortest of the
three: what a client is owed is where its thread stands. The price is a stack, a place in the
scheduler and a process id for each, even while it is silent. SIGTERM ends it with counts.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import socket
import threading

from clibrary.stdio import complain
from clibrary.termination import termination
from echoing import MAX_DATA, Echoes

PATIENCE = 1.0  # seconds; a thread that waits for its client gives up its turn anyway
STACK = 256 << 10  # bytes of address space per thread; the usual 8 MB would be far too many


class Crowd:
    """All clients, and the lock on what their threads count together."""

    def __init__(self, echoes: Echoes) -> None:
        self._echoes = echoes
        self._departures = 0
        self._lock = threading.Condition()  # of the counts; notified when somebody has left

    def accept(self) -> None:
        """Give every client a thread, for ever."""
        while True:
            before = self._departures
            try:
                connection, _ = self._echoes.listener.accept()
            except OSError as error:
                self._echoes.full(error)
                with self._lock:
                    while self._echoes.connected and self._departures == before:
                        self._lock.wait()
                continue
            with self._lock:
                self._echoes.joined()
            self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            threading.Thread(target=self._echo, args=(connection,), daemon=True).start()
        except RuntimeError:
            if not self._echoes.turned_away:  # once; the count is told in the end
                complain("pthread_create: Resource temporarily unavailable")
            self._echoes.turned_away += 1
            self._leave(connection)

    def _echo(self, connection: socket.socket) -> None:
        """A client's thread: echo until it hangs up."""
        try:
            while data := connection.recv(MAX_DATA):
                with self._lock:  # counted first: a client that has its echo is in the counts
                    self._echoes.echoed += len(data)
                connection.sendall(data)  # send() as often as it takes, waiting each time
        except OSError:
            pass  # it is gone
        self._leave(connection)

    def _leave(self, connection: socket.socket) -> None:
        with self._lock:
            self._echoes.connected -= 1
            connection.close()
            self._departures += 1
            self._lock.notify()


def main() -> None:
    threading.stack_size(STACK)
    # Threads that wait for their turn at the interpreter wake up that often to ask for it: every 5
    # ms, unless told otherwise. With ten thousand of them nothing else would be done.
    sys.setswitchinterval(PATIENCE)
    echoes = Echoes("echoserver-threads", __doc__)
    terminated = termination()
    crowd = Crowd(echoes)
    threading.Thread(target=crowd.accept, daemon=True).start()
    echoes.announce()
    os.read(terminated, 1)
    echoes.finish()


if __name__ == "__main__":
    main()
