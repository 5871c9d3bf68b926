"""udp-echo-client: sends numbered datagrams to an echo server, and tells what became of each.

usage: udp-echo-client [--family any|ipv4|ipv6] [--port PORT] [--messages N] [--at-once N]
  [--timeout SECONDS] [--tries N] [--linger SECONDS] [--naive] HOSTNAME

  --family FAMILY     which of the host's addresses to send to (default any)
  --port PORT         the port to send to (default 4950)
  --messages N        how many messages to send (default 5)
  --at-once N         how many may be unanswered at a time (default 1)
  --timeout SECONDS   how long to wait for an answer before sending again (default 0.5)
  --tries N           how often to send a message before it counts as lost (default 4)
  --linger SECONDS    go on listening for late and doubled answers after the last (default 0)
  --naive             send each once, take what comes as the answers in order, wait for ever

The order of socket calls: getaddrinfo, socket, connect, send, poll, recv, close. A datagram says
its number and which try it is, so its answer shows whether it was lost, late, doubled or overtaken.
Exit status: 0 all were answered, 1 some were not, 2 no socket.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import select
import socket
import time

from clibrary.arguments import CommandLine
from clibrary.failure import Attempt, Required, die
from clibrary.netdb import getaddrinfo
from clibrary.stdio import perror, printf
from numbering import Ledger, Message

MAX_DATA = 65535  # no datagram is longer: none is cut
USAGE = "usage: udp-echo-client HOSTNAME"


def open_talker(line: CommandLine) -> socket.socket:
    """The first candidate that can be connected: from then on it hears nobody else."""
    for candidate in getaddrinfo(line.arguments[0], line.port, line.family, socket.SOCK_DGRAM):
        with Attempt("udp-echo-client: socket"):
            talker = socket.socket(candidate.family, candidate.socktype, candidate.protocol)
            with Attempt("udp-echo-client: connect", closing=talker):
                talker.connect(candidate.address)
                break
    else:
        die("udp-echo-client: failed to create socket", 2)
    return talker


def naive(talker: socket.socket, messages: int) -> None:
    """As if nothing were ever lost, late, doubled or overtaken."""
    ledger = Ledger(messages)
    while message := ledger.begin():
        with Required("udp-echo-client: send"):
            talker.send(ledger.send(message))
    for number in range(1, messages + 1):
        with Required("udp-echo-client: recv"):
            data = talker.recv(MAX_DATA)
        printf("udp-echo-client: the answer to message %d is: %s\n", number, data)


class Conversation:
    """Numbered messages, each sent until it is answered or given up."""

    def __init__(self, talker: socket.socket, line: CommandLine) -> None:
        self.ledger = Ledger(line.numbers["--messages"])
        self._talker = talker
        self._timeout = line.seconds["--timeout"]
        self._tries = line.numbers["--tries"]
        self._at_once = line.numbers["--at-once"]
        self._poll = select.poll()
        self._poll.register(talker, select.POLLIN)

    def run(self) -> None:
        """Send all messages, so many at once; return when each is answered or lost."""
        while True:
            while len(self.ledger.open) < self._at_once and (new := self.ledger.begin()):
                self._send(new)
            if not self.ledger.open:
                return
            self._hear_until(min(message.deadline for message in self.ledger.open))
            for message in [*self.ledger.open]:
                if message.deadline <= time.monotonic():
                    self._repeat(message)

    def linger(self, seconds: float) -> None:
        """Listen on for answers nobody waits for any more."""
        until = time.monotonic() + seconds
        while self._hear_until(until):
            pass

    def _send(self, message: Message) -> None:
        message.deadline = time.monotonic() + self._timeout
        data = self.ledger.send(message)
        try:
            self._talker.send(data)
        except OSError as error:  # to try again later is all there is to do
            perror("udp-echo-client: send", error)

    def _repeat(self, message: Message) -> None:
        if message.tries < self._tries:
            printf("udp-echo-client: message %d: no answer, sent again\n", message.number)
            self._send(message)
        else:
            self.ledger.give_up(message)
            printf("udp-echo-client: message %d: lost\n", message.number)

    def _hear_until(self, deadline: float) -> bool:
        """Wait for one datagram and judge it. False: none came in time."""
        wait = max(0.0, deadline - time.monotonic())
        if not self._poll.poll(int(wait * 1000) + 1):
            return False
        try:
            data = self._talker.recv(MAX_DATA)
        except OSError as error:  # nobody listens there now; somebody may at the next try
            perror("udp-echo-client: recv", error)
            return True
        judged = self.ledger.judge(data)
        if judged:
            printf("udp-echo-client: message %d: %s\n", *judged)
        else:
            printf("udp-echo-client: %d bytes that answer nothing\n", len(data))
        return True


def main() -> None:
    line = CommandLine(
        USAGE,
        __doc__,
        1,
        family="any",
        port=4950,
        numbers={"--messages": 5, "--at-once": 1, "--tries": 4},
        seconds={"--timeout": 0.5, "--linger": 0.0},
        switches=("--naive",),
    )
    for name, number in line.numbers.items():
        if not number:
            line.wrong(f"{name} takes at least 1")
    talker = open_talker(line)
    if line.switches["--naive"]:
        naive(talker, line.numbers["--messages"])
        sys.exit(0)
    conversation = Conversation(talker, line)
    conversation.run()
    conversation.linger(line.seconds["--linger"])
    printf("udp-echo-client: %s\n", conversation.ledger.summary())
    talker.close()
    sys.exit(1 if conversation.ledger.lost else 0)


if __name__ == "__main__":
    main()
