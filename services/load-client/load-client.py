"""load-client: opens many connections to an echo server, holds them all, and talks on each.

usage: load-client [--connections N] [--messages N] [--size BYTES] [--at-once N] [--hold]
  [--timeout SECONDS] [--family any|ipv4|ipv6] HOSTNAME PORT

  --connections N     how many connections to open (default 100)
  --messages N        how many messages to say on each, one after another (default 1)
  --size BYTES        how long a message is (default 32)
  --at-once N         on how many connections one may be under way; 0: on all (default 100)
  --hold              then hold all connections until standard input ends
  --timeout SECONDS   for everything but holding (default 60)
  --family FAMILY     which of the host's addresses to try (default any)

The order of socket calls: getaddrinfo, socket, connect, epoll_create, epoll_ctl, epoll_wait, send,
recv, shutdown, close. Nothing is said before all connections are there. Every message must come
back byte for byte. Its latency is the time from send until the last byte of it is back.

No connection is tried twice. The kernel repeats a SYN nobody answered, as when the server's queue
of those to be accepted is full, after 1, 3, 7 ... seconds; it is told how often it did.
Exit status: 0 all was echoed, 1 something was not, 2 no address could be connected to.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import errno
import socket

from clibrary.arguments import CommandLine
from clibrary.descriptors import raise_limit
from clibrary.failure import Attempt, die
from clibrary.netdb import Candidate, getaddrinfo
from clibrary.stdio import complain, printf
from loading.exchange import percentile
from loading.opening import Opening
from loading.talking import Talking
from loading.watching import Trouble, Watch

OWN = 16  # descriptors that are no connections
USAGE = "usage: load-client [--connections N] HOSTNAME PORT"
NUMBERS = {"--connections": 100, "--messages": 1, "--size": 32, "--at-once": 100}


def read_command_line() -> CommandLine:
    """What to do; ends the program if that is impossible."""
    line = CommandLine(
        USAGE,
        __doc__,
        2,
        family="any",
        numbers=NUMBERS,
        seconds={"--timeout": 60.0},
        switches=("--hold",),
    )
    for name in ("--connections", "--size"):
        if not line.numbers[name]:
            line.wrong(f"{name} takes at least 1")
    needed, limit = line.numbers["--connections"] + OWN, raise_limit()
    if needed > limit:
        die(
            f"load-client: this takes {needed} descriptors, the hard limit is {limit} "
            "(ulimit -Hn shows it, root may raise it)",
            1,
        )
    return line


def connect(talker: socket.socket, candidate: Candidate, seconds: float) -> None:
    """Connect; no answer in time is an OSError like any other."""
    talker.settimeout(seconds)
    try:
        talker.connect(candidate.address)
    except TimeoutError:
        raise OSError(errno.ETIMEDOUT, "") from None


def open_first(line: CommandLine, watch: Watch) -> tuple[Candidate, socket.socket]:
    """The first candidate that accepts a connection, and this connection."""
    hostname, port = line.arguments
    for candidate in getaddrinfo(hostname, port, line.family, socket.SOCK_STREAM):
        with Attempt("load-client: socket"):
            talker = socket.socket(candidate.family, candidate.socktype, candidate.protocol)
            with Attempt("load-client: connect", closing=talker):
                connect(talker, candidate, watch.remaining)
                break
    else:
        die("load-client: failed to connect", 2)
    return candidate, talker


def report(latencies: list[float], messages: int) -> None:
    """What came back of so many messages, and how long it took."""
    printf("load-client: echoed %d\n", len(latencies))
    printf("load-client: lost %d\n", messages - len(latencies))
    ordered = sorted(latencies)
    told = [(f"p{percent}", percentile(ordered, percent)) for percent in (50, 90, 99)]
    told.append(("max", percentile(ordered, 100)))
    figures = " ".join(f"{name} {1000 * latency:.3f}" for name, latency in told)
    printf("load-client: latency %s ms\n", figures)


def main() -> None:
    line = read_command_line()
    asked, trouble = line.numbers, Trouble()
    watch = Watch(line.seconds["--timeout"])
    candidate, first = open_first(line, watch)

    opening = Opening(watch, trouble, candidate, first)
    opening.run(asked["--connections"])
    printf("load-client: connected %d\n", len(opening.opened))
    printf("load-client: repeated %d SYNs\n", opening.repeated)

    talking = Talking(watch, trouble, opening.opened, asked["--messages"], asked["--size"])
    talking.run(asked["--at-once"] or asked["--connections"])
    report(talking.latencies, asked["--connections"] * asked["--messages"])

    if line.switches["--hold"]:
        printf("load-client: holding %d until standard input ends\n", talking.open)
        watch.hold(talking.attend)
        printf("load-client: held %d\n", talking.open)
    talking.hang_up()

    for what, connections in trouble.counts.items():
        complain(f"load-client: {what} ({connections} of {asked['--connections']} connections)")
    sys.exit(1 if trouble.counts else 0)


if __name__ == "__main__":
    main()
