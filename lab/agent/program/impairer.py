"""The process that impairs one node's packets, from its first impairment until the node is
forgotten or the agent ends.

Law: a child of the agent, so that nothing else the agent does delays a packet. It lives in the
node's network namespace and speaks JSON over one socket, whose end is its end. Should it die, no
packet goes on unimpaired: what the kernel queues for it is lost, what the kernel impairs stays
impaired; and the agent says so.
"""

import json
import os
import signal
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress

from .refusal import FAILED, Refusal

ROOM = 1 << 20  # bytes of one message
_PATIENCE = 10.0  # seconds for an answer; they take milliseconds
_GONE = "the process that impairs the node's packets has ended"


class Impairer:
    """The agent's side. `enter` leaves the agent's network namespace for the node's."""

    def __init__(self, enter: Callable[[], None], interfaces: list[int]) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._pid = os.fork()
        if not self._pid:
            _live(theirs, enter, interfaces)
        theirs.close()
        self._socket.settimeout(_PATIENCE)
        try:
            self._answer()
        except BaseException:
            self.close()
            raise

    def set(self, impairments: Mapping[str, object], *, kernel: bool) -> None:
        """Have these impairments and no others; `kernel`: it may do it where it can."""
        self._ask({"set": dict(impairments), "kernel": kernel})

    def report(self) -> dict[str, object]:
        """`counts` of each impairment, `by` which ways it went, `held`, and `trouble` if any."""
        found: dict[str, object] = self._ask({})
        return found

    def close(self) -> None:
        """End it."""
        self._socket.close()
        os.waitpid(self._pid, 0)

    def _ask(self, request: dict[str, object]) -> dict[str, object]:
        try:
            self._socket.sendall(json.dumps(request).encode())
        except OSError as error:
            raise Refusal(FAILED, _GONE) from error
        return self._answer()

    def _answer(self) -> dict[str, object]:
        try:
            said = self._socket.recv(ROOM)
        except OSError as error:
            raise Refusal(FAILED, _GONE) from error
        if not said:
            raise Refusal(FAILED, _GONE)
        answer: dict[str, object] = json.loads(said)
        if "error" in answer:
            raise Refusal(FAILED, f"packets cannot be impaired: {answer['error']}")
        return answer


def _live(theirs: socket.socket, enter: Callable[[], None], interfaces: list[int]) -> None:
    """The child: nothing of the agent's is left to it but the one socket."""
    try:
        from .impairing import Impairing  # noqa: PLC0415 - most runs impair nothing

        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _keep_only(theirs, enter)
        _hurry()
        try:
            Impairing(theirs, interfaces).run()
        except OSError as error:
            with suppress(OSError):
                theirs.send(json.dumps({"error": str(error)}).encode())
    finally:
        os._exit(0)


def _keep_only(theirs: socket.socket, enter: Callable[[], None]) -> None:
    """Enter the node's network, then close all other files."""
    enter()
    kept = theirs.fileno()
    os.closerange(0, kept)
    os.closerange(kept + 1, 1 << 16)
    for number in range(3):
        if number != kept:
            os.open("/dev/null", os.O_RDWR)


def _hurry() -> None:
    """Be woken before others, as far as that is allowed here: a late wake-up is a late packet."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, -20)
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
