"""What the kernel can do to packets: tried, in a network namespace that nobody else is in.

Law: a child process tries and takes the namespace with it when it ends, so nothing of it is ever
left, and the agent itself never leaves its own. Sources: linux/pkt_sched.h (tc_netem_qopt),
linux/netfilter/nfnetlink_queue.h.
"""

import errno
import json
import os
import struct
import sys
from collections.abc import Callable

from .netlink import CREATE, NETFILTER, ROUTE, Netlink, attribute
from .rules import lay

_CLONE_NEWNET = 0x40000000
_LO = 1  # the index of lo in a namespace
_NEW_QDISC, _QDISC_ROOT, _QDISC_KIND, _QDISC_OPTIONS = 36, 0xFFFFFFFF, 1, 2
_QDISC = struct.Struct("=BxHiIII")  # family, index, handle, parent, info
_NETEM = struct.Struct("=6I")  # latency, limit, loss, gap, duplicate, jitter
_CONFIGURE_QUEUE, _COMMAND = 3 << 8 | 2, 1  # NFNL_SUBSYS_QUEUE, NFQNL_MSG_CONFIG; NFQA_CFG_CMD
_QUEUE = struct.Struct("!BBH")  # family, version, queue
_BIND = struct.pack("!BxH", 1, 0)  # NFQNL_CFG_CMD_BIND

# What a kernel answers that lacks something, as against one that forbids it.
_LACKS = frozenset({errno.ENOENT, errno.EPROTONOSUPPORT, errno.EOPNOTSUPP, errno.EINVAL})


def _netem() -> None:
    """Delay nothing on lo."""
    options = attribute(_QDISC_OPTIONS, _NETEM.pack(0, 1000, 0, 0, 0, 0))
    kind = attribute(_QDISC_KIND, b"netem\0")
    _ask(ROUTE, _NEW_QDISC, _QDISC.pack(0, 0, _LO, 0, _QDISC_ROOT, 0) + kind + options, CREATE)


def _nfqueue() -> None:
    """Have queue 0, and hand it what leaves by lo."""
    _ask(NETFILTER, _CONFIGURE_QUEUE, _QUEUE.pack(0, 0, 0) + attribute(_COMMAND, _BIND))
    netlink = Netlink(NETFILTER)
    try:
        lay(netlink, [_LO])
    finally:
        netlink.close()


def _ask(protocol: int, kind: int, payload: bytes, flags: int = 0) -> None:
    netlink = Netlink(protocol)
    try:
        netlink.ask(kind, payload, flags)
    finally:
        netlink.close()


TRIALS: dict[str, Callable[[], None]] = {"netem": _netem, "nfqueue": _nfqueue}
"""By word; each raises OSError where the kernel does not do it."""


def features(words: list[str], apart: "Callable[[], None] | None" = None) -> list[str]:
    """Those of the words that the kernel can do. Raises OSError where it cannot be tried.

    `apart` leaves the namespace the agent is in; another one is for tests.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        _try_all(words, apart or _unshare, reader, writer)
    os.close(writer)
    try:
        said = b""
        while data := os.read(reader, 4096):
            said += data
    finally:
        os.close(reader)
        os.waitpid(child, 0)
    found = json.loads(said or b"0")
    if isinstance(found, int):
        raise OSError(found, os.strerror(found) if found else "the trial ended without a word")
    return [word for word in words if word in found]


def _try_all(words: list[str], apart: Callable[[], None], reader: int, writer: int) -> None:
    """The child: says what it found, or the number of the error, and ends."""
    try:
        os.close(reader)
        try:
            apart()
            found: object = [word for word in words if _works(TRIALS[word])]
        except OSError as error:
            found = error.errno
        os.write(writer, json.dumps(found).encode())
    finally:
        os._exit(0)


def _works(trial: Callable[[], None]) -> bool:
    try:
        trial()
    except OSError as error:
        if error.errno in _LACKS:
            return False
        raise
    return True


if sys.version_info >= (3, 12):

    def _unshare() -> None:
        os.unshare(os.CLONE_NEWNET)

else:

    def _unshare() -> None:
        import ctypes  # noqa: PLC0415 - 3.12 and newer do without, and may not have it

        if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
