"""The chat servers: who hears what, in which order, and that nobody holds up the others.

poll (multichatserver), epoll and threads are held to the same, byte for byte.
"""

from __future__ import annotations

import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from .running import (
    DEADLINE,
    TIME_WAIT,
    Program,
    bound,
    free_port,
    receive,
    run,
    script,
    until,
)

STARTED = b"started the main poll loop\n"
SERVERS = ["multichatserver", "chatserver-epoll", "chatserver-threads"]


class Chatter:
    """A client that reads whole messages, NUL included."""

    def __init__(self, port: int, receive_buffer: int = 0) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(DEADLINE)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(("127.0.0.1", port))

    def say(self, data: bytes) -> None:
        self.socket.sendall(data)

    def hear(self) -> bytes:
        """The next message, up to and with its NUL."""
        message = b""
        while not message.endswith(b"\0") and (byte := self.socket.recv(1)):
            message += byte
        return message

    def silent(self) -> bool:
        """Has everything been read? (Ask only after something later was heard elsewhere.)"""
        self.socket.setblocking(False)
        try:
            return not self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        finally:
            self.socket.settimeout(DEADLINE)

    def leave(self) -> None:
        self.socket.close()

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()


class Chat:
    """A server, and clients in the order they came."""

    def __init__(self, name: str, server: Program, port: int) -> None:
        self.name = name
        self.server = server
        self.port = port

    def join(self, number: int, receive_buffer: int = 0) -> Chatter:
        """A new client; returns once the server has printed that it joined."""
        one = Chatter(self.port, receive_buffer)
        assert self.server.line() == b"user %d joined the chat room\n" % number
        return one


def started(name: str, room_size: int = 10, **popen: Any) -> Chat:
    port = free_port()
    server = Program(name, str(port), str(room_size), **popen)
    assert server.line() == STARTED
    return Chat(name, server, port)


@pytest.fixture(params=SERVERS)
def name(request: pytest.FixtureRequest) -> str:
    """Each of the three servers."""
    return str(request.param)


@pytest.fixture
def chat(name: str) -> Iterator[Chat]:
    """A room made for ten."""
    chat = started(name)
    with chat.server:
        yield chat


def test_joins_messages_and_departures_reach_everybody_else(chat: Chat) -> None:
    four = chat.join(4)
    five = chat.join(5)
    assert four.hear() == b"user 5 joined the chat room\n\0"
    six = chat.join(6)
    assert four.hear() == b"user 6 joined the chat room\n\0"
    assert five.hear() == b"user 6 joined the chat room\n\0"
    five.say(b"hello\r\n")
    assert four.hear() == b"user 5: hello\r\n\0"
    assert six.hear() == b"user 5: hello\r\n\0"
    four.leave()
    assert five.hear() == b"user 4 disconnected\n\0"
    assert six.hear() == b"user 4 disconnected\n\0"
    assert five.silent()
    ending = chat.server.stop()
    assert ending.status == -signal.SIGTERM
    assert ending.stderr == b""
    assert ending.stdout == STARTED + (
        b"user 4 joined the chat room\nuser 5 joined the chat room\n"
        b"user 6 joined the chat room\nuser 5: hello\r\nuser 4 disconnected\n"
    )


def test_the_lowest_free_number_is_used_again(chat: Chat) -> None:
    first, second, third = chat.join(4), chat.join(5), chat.join(6)
    first.hear(), first.hear()  # closing with something unread would be a reset
    first.leave()
    assert chat.server.line() == b"user 4 disconnected\n"
    second.hear(), second.hear()
    second.leave()
    assert chat.server.line() == b"user 5 disconnected\n"
    newcomers = chat.join(4), chat.join(5), chat.join(7)
    newcomers[2].say(b"hi\n")
    assert [third.hear() for _ in range(6)][-1] == b"user 7: hi\n\0"


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (b"no line ending", b"no line ending"),
        (b"\xff\xfe\x80\n", b"\xff\xfe\x80\n"),
        (b"one\0two\n", b"one"),
        (b"\0two\n", b""),
        (b"%s %n\n", b"%s %n\n"),
        (b"m" * 256, b"m" * 256),
    ],
)
def test_what_is_said_ends_at_its_first_nul(chat: Chat, said: bytes, heard: bytes) -> None:
    one, other = chat.join(4), chat.join(5)
    one.hear()
    other.say(said)
    assert one.hear() == b"user 5: " + heard + b"\0"


def test_a_long_message_comes_in_pieces_of_256(chat: Chat) -> None:
    one, other = chat.join(4), chat.join(5)
    one.hear()
    chat.server.signal(signal.SIGSTOP)
    until("stopped", lambda: chat.server.state() == "T")
    other.say(b"a" * 256 + b"b" * 44)
    chat.server.signal(signal.SIGCONT)
    assert one.hear() == b"user 5: " + b"a" * 256 + b"\0"
    assert one.hear() == b"user 5: " + b"b" * 44 + b"\0"


@pytest.mark.parametrize("room_size", [1, 2])
def test_a_full_room_grows(name: str, room_size: int) -> None:
    chat = started(name, room_size)
    with chat.server:
        everybody = [chat.join(number) for number in range(4, 34)]
        everybody[0].say(b"all here?\n")
        for listener in everybody[1:]:
            while (message := listener.hear()) != b"user 4: all here?\n\0":
                assert message.endswith(b"joined the chat room\n\0")


def test_a_reset_connection_is_an_error(chat: Chat) -> None:
    one, other = chat.join(4), chat.join(5)
    one.hear()
    other.reset()
    assert one.hear() == b"client 5 disconnected due to error\0"
    one.say(b"anybody?\n")
    assert chat.server.line() == b"client 5 disconnected due to erroruser 4: anybody?\n"


def test_half_closed_is_gone(chat: Chat) -> None:
    one, other = chat.join(4), chat.join(5)
    one.hear()
    other.socket.shutdown(socket.SHUT_WR)
    assert one.hear() == b"user 5 disconnected\n\0"
    assert receive(other.socket, 1) == b""


SMALL_BUFFERS = (
    "import socket\n"
    "def accept(self, real=socket.socket.accept):\n"
    "    connection, peer = real(self)\n"
    "    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)\n"
    "    return connection, peer\n"
    "socket.socket.accept = accept\n"
)


def test_a_slow_user_holds_up_nobody_and_misses_nothing(name: str) -> None:
    """It reads nothing while far more is said than the kernel keeps for it; then it reads it all.

    Each message is said only once the one before has been heard: were the server to wait for the
    slow user, this would stop.
    """
    chat = started(name, prelude=SMALL_BUFFERS)
    with chat.server:
        speaker, other = chat.join(4), chat.join(5)
        slow = chat.join(6, receive_buffer=2048)
        speaker.hear(), speaker.hear(), other.hear()
        message = b"user 4: " + b"f" * 200 + b"\n\0"
        for _ in range(1000):
            speaker.say(b"f" * 200 + b"\n")
            assert other.hear() == message
            assert chat.server.line() == message[:-1]
        assert receive(slow.socket, 1000 * len(message)) == 1000 * message
        speaker.say(b"well?\n")
        assert slow.hear() == b"user 4: well?\n\0"


def test_who_never_reads_counts_as_dead_in_the_end(name: str) -> None:
    """More than MAX_UNSENT kept for one user: it is let go, and everybody is told."""
    gone = b"client 6 disconnected due to error\0"
    chat = started(name, prelude=SMALL_BUFFERS)
    with chat.server:
        speaker, other = chat.join(4), chat.join(5)
        slow = chat.join(6, receive_buffer=2048)
        speaker.hear(), speaker.hear(), other.hear()
        drain = threading.Thread(target=chat.server.end)
        drain.start()  # somebody has to read what the server prints
        heard = b""
        for _ in range(200):
            speaker.say(b"f" * 25600)
            heard, said = b"", 0
            while said < 25600:
                data = other.socket.recv(65536)
                heard += data
                said += data.count(b"f")
            if gone in heard:
                break
        assert gone in heard
        assert speaker.hear() == gone
        slow.leave()
        chat.server.signal(signal.SIGTERM)
        drain.join()


def test_leaving_with_something_unread_is_a_reset(chat: Chat) -> None:
    one, other = chat.join(4), chat.join(5)
    other.say(b"unread\n")
    assert chat.server.line() == b"user 5: unread\n"
    one.leave()
    assert other.hear() == b"client 4 disconnected due to error\0"


def test_users_who_never_read_do_not_stop_joins(chat: Chat) -> None:
    everybody = [chat.join(number) for number in range(4, 12)]  # who never read
    assert len(everybody) == 8


def test_out_of_sockets_it_goes_on_and_takes_the_next_when_one_leaves(name: str) -> None:
    """No spinning, no end: whoever cannot be accepted waits in the backlog."""
    port = free_port()

    def few() -> None:
        most = 7 if name == "chatserver-epoll" else 6  # the epoll instance is one
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    told = b"accept: Too many open files\n"
    missing = (
        b"chatserver-epoll: the hard limit of 7 open descriptors is reached; "
        b"who comes now waits (ulimit -Hn shows the limit, root may raise it)\n"
    )
    with Program(name, str(port), "1", preexec_fn=few) as server:
        chat = Chat(name, server, port)
        assert server.line() == STARTED
        one, other = chat.join(4), chat.join(5)
        assert one.hear() == b"user 5 joined the chat room\n\0"
        late = Chatter(port)
        assert server.complaint().startswith(told)
        other.say(b"still here\n")
        assert one.hear() == b"user 5: still here\n\0"
        assert server.line() == b"user 5: still here\n"
        other.leave()
        assert server.line() == b"user 5 disconnected\n"
        assert server.line() == b"user 5 joined the chat room\n"
        late.say(b"at last\n")
        assert one.hear() == b"user 5 disconnected\n\0"
        assert one.hear() == b"user 5 joined the chat room\n\0"
        assert one.hear() == b"user 5: at last\n\0"
        assert server.stop().stderr == told + (missing if name == "chatserver-epoll" else b"")


def test_stopped_and_continued_it_goes_on(chat: Chat) -> None:
    one = chat.join(4)
    chat.server.signal(signal.SIGSTOP)
    until("stopped", lambda: chat.server.state() == "T")
    other = Chatter(chat.port)
    chat.server.signal(signal.SIGCONT)
    assert one.hear() == b"user 5 joined the chat room\n\0"
    other.leave()


def test_it_serves_the_family_it_is_told(name: str) -> None:
    port = free_port()
    with Program(name, str(port), "5", "--family", "ipv6") as server:
        assert server.line() == STARTED
        with socket.create_connection(("::1", port), DEADLINE):
            assert server.line() == b"user 4 joined the chat room\n"


def test_address_in_use(chat: Chat) -> None:
    ending = run(chat.name, str(chat.port), "10")
    assert ending == (1, b"", b"bind: Address already in use\n")


def test_restart_needs_reuseaddr(chat: Chat) -> None:
    one = chat.join(4)
    chat.server.stop()
    assert one.hear() == b""
    one.leave()
    until("TIME_WAIT", lambda: bound("tcp", chat.port, TIME_WAIT))
    ending = run(chat.name, "--no-reuseaddr", str(chat.port), "10")
    assert ending == (1, b"", b"bind: Address already in use\n")
    with Program(chat.name, str(chat.port), "10") as server:
        assert server.line() == STARTED


@pytest.mark.parametrize(
    "args", [[], ["3490"], ["3490", "10", "more"], ["port", "10"], ["3490", "-1"], ["65536", "1"]]
)
def test_wrong_usage_is_told_on_stdout(name: str, args: list[str]) -> None:
    with Program(name, *args) as server:
        usage = f"Usage: {server.argv0} PORT MAX_ROOM_SIZE\n"
        assert server.end() == (1, usage.encode(), b"")


def test_runs_from_any_directory_by_a_relative_path(name: str) -> None:
    services = script(name).parents[1]
    command = [sys.executable, f"{name}/{name}.py"]
    by_hand = subprocess.run(command, cwd=services, capture_output=True, check=False)
    assert by_hand.returncode == 1
    assert by_hand.stdout == f"Usage: {name}/{name}.py PORT MAX_ROOM_SIZE\n".encode()
