"""One adopted node: its holder and the sockets the agent has in its network namespace.

Law: nothing is done to a process before it is known to be the container's (identity), and no
answer about a node is given once its holder has ended: then every method raises Refusal "gone".
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from . import addresses, diag, identity, proc_net, processes, tracing, ways
from .bpf import Line
from .capture import Budget, Capture
from .holder import Holder
from .links import Links, Networks
from .namespaces import enter, inside
from .netlink import ROUTE, SOCK_DIAG, Netlink
from .refusal import FAILED, GONE, NOT_HERE, UNKNOWN, Refusal
from .subnets import Subnet
from .table import Row, pending
from .wiring import Wiring

SOCKETS, PROCESSES, ADDRESSES, CALLS, PACKETS = FACTS = (
    "sockets",
    "processes",
    "addresses",
    "calls",
    "packets",
)
Facts = dict[str, Sequence[object]]

# What a kernel without sock_diag for a transport answers
_CANNOT = frozenset({errno.ENOENT, errno.EPROTONOSUPPORT, errno.EOPNOTSUPP, errno.EINVAL})


class Node:
    """A node, from adoption until it is forgotten. Raises Refusal "not-here" for another's pid."""

    def __init__(self, pid: int, container: str) -> None:
        if not identity.is_container_id(container):
            raise Refusal(UNKNOWN, f"{container!r} is no container id")
        self._holder = Holder(pid)
        self._first = pid
        self.traces: list[tracing.Trace] = []
        self._netlinks: list[Netlink] = []
        self._wiring = Wiring(lambda: self._route, self._inside, self._leave)
        self.captured: Capture | None = None
        try:
            with self._looking():
                self._proc_device = _identify(self._holder, pid, container)
                status = self._holder.read("status").decode(errors="replace")
                self._pid = processes.namespace_pid(status)
                self._shared = _shares(self._holder, "net")
                self._enter()
        except BaseException:
            self.close()
            raise

    def _enter(self) -> None:
        with self._inside():
            self._route = self._open(ROUTE)
            self._sockets = _fastest(self._holder, self._open)

    @contextmanager
    def _inside(self) -> Iterator[None]:
        """Be in its network namespace."""
        namespace = self._holder.open("ns/net")
        try:
            with inside(namespace):
                yield
        finally:
            os.close(namespace)

    def _open(self, protocol: int) -> Netlink:
        self._netlinks.append(Netlink(protocol))
        return self._netlinks[-1]

    def look(self, facts: Sequence[str]) -> Facts:
        """The facts, named as in FACTS, as they are now; of packets, how many there were."""
        return self._gather(facts, self._sockets)

    def glance(self, facts: Sequence[str]) -> Facts:
        """As look, but for SOCKETS no more than how many there are of each sort."""
        return self._gather(facts, self._counts)

    def _gather(self, facts: Sequence[str], sockets: Callable[[], Sequence[object]]) -> Facts:
        known: dict[str, Callable[[], Sequence[object]]] = {
            SOCKETS: sockets,
            PROCESSES: self._processes,
            ADDRESSES: lambda: addresses.addresses(self._route),
            CALLS: lambda: [trace.size() for trace in self.traces],
            PACKETS: lambda: [self.captured.count if self.captured else 0],
        }
        with self._looking():
            return {fact: known[fact]() for fact in facts}

    def flush(self, subnets: Sequence[str]) -> None:
        """Delete the addresses within these subnets, from every interface but loopback ones."""
        self._own_network()
        with self._looking():
            addresses.flush(self._route, [Subnet(text) for text in subnets])

    def name(self, hostname: str) -> None:
        """Give it a host name (sethostname(2))."""
        if _shares(self._holder, "uts"):
            raise Refusal(FAILED, "the node has no name of its own: it uses its host's")
        namespace = self._holder.open("ns/uts")
        try:
            with self._looking(), inside(namespace, "uts"):
                socket.sethostname(hostname)
        finally:
            os.close(namespace)

    def route(self, routes: Sequence[tuple[str, str]], *, only: bool) -> None:
        """Add routes (destination, gateway); `only`: take the default routes away before."""
        self._own_network()
        with self._looking():
            if only:
                ways.close_in(self._route)
            for destination, gateway in routes:
                ways.add(self._route, destination, gateway)

    @contextmanager
    def wired(self) -> Iterator[Wiring]:
        """What can be done to its links, while that is done."""
        self._own_network()
        with self._looking():
            yield self._wiring

    def _leave(self) -> None:
        enter(self._holder.open("ns/net"))

    def capture(self, program: Sequence[Line], networks: Networks, budget: Budget) -> Capture:
        """Take down what crosses its links, from now on; `networks` says what those are called."""
        self._own_network()
        with self._looking(), self._inside():
            self.captured = Capture(program, Links(self._route, networks), budget)
        return self.captured

    def _own_network(self) -> None:
        if self._shared:
            raise Refusal(FAILED, "the node has no network of its own: it uses its host's")

    def trace(self, strace: str, pid: int) -> int:
        """Trace a child of its holder, which has the number `pid` there; the trace's number."""
        with self._looking():
            here, process = tracing.find(self._holder, self._first, pid)
            try:
                trace = tracing.Trace(strace, here)
                self.traces.append(trace)
                if tracing.field(process, "TracerPid") != str(trace.tracer):
                    raise Refusal(FAILED, f"process {pid} of the node ended before it was traced")
            finally:
                process.close()
        return len(self.traces) - 1

    def asleep(self) -> frozenset[processes.Task] | None:
        """All its threads if all are asleep, else None (see processes.asleep)."""
        with self._looking(), self._proc() as proc:
            return processes.asleep(proc)

    def expects(self) -> bool:
        """Whether anything is outstanding on one of its sockets (see table.pending), or held."""
        with self._looking():
            if any(map(pending, self._sockets())):
                return True
        return self._wiring.holds()

    def close(self) -> None:
        """Let go of everything; what is traced goes on."""
        for trace in self.traces:
            trace.close()
        if self.captured is not None:
            self.captured.close()
        self._wiring.close()
        for netlink in self._netlinks:
            netlink.close()
        self._holder.close()

    def _processes(self) -> list[processes.Row]:
        with self._proc() as proc:
            return processes.processes(proc, self._pid)

    def _counts(self) -> list[list[tuple[str, str]]]:
        texts = (self._holder.read(f"net/{name}") for name in proc_net.COUNTS)
        return [proc_net.counts(text.decode()) for text in texts]

    @contextmanager
    def _proc(self) -> Iterator[int]:
        """The node's own /proc, made sure to be the one the engine mounted."""
        proc = self._holder.open("root/proc", os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            device = os.fstat(proc).st_dev
            if (os.major(device), os.minor(device)) != self._proc_device:
                raise Refusal(FAILED, "the node has no /proc of its own to read its processes in")
            yield proc
        finally:
            os.close(proc)

    @contextmanager
    def _looking(self) -> Iterator[None]:
        """Turns what fails, or what was read in vain, because the node ended into a Refusal."""
        try:
            yield
        except OSError as error:
            if self._holder.lives():
                raise Refusal(FAILED, str(error)) from error
        if not self._holder.lives():
            raise Refusal(GONE, "the node has ended")


def _identify(holder: Holder, pid: int, container: str) -> tuple[int, int] | None:
    """Make sure the process is the container's; the device of its /proc."""
    mounts = holder.read("mountinfo").decode(errors="replace")
    cgroup = holder.read("cgroup").decode(errors="replace")
    if identity.in_control_group(cgroup, container) or identity.in_mounts(mounts, container):
        return identity.proc_device(mounts)
    raise Refusal(
        NOT_HERE,
        f"process {pid} is not container {container[:12]}: neither its control groups nor its "
        "mounts name it",
    )


def _shares(holder: Holder, kind: str) -> bool:
    """Whether the holder is in the agent's own namespace of a kind (net, uts)."""
    own = os.stat(f"/proc/self/ns/{kind}")  # noqa: PTH116 - pathlib would double the start
    return holder.identity(f"ns/{kind}") == (own.st_dev, own.st_ino)


def _fastest(holder: Holder, open_netlink: Callable[[int], Netlink]) -> Callable[[], list[Row]]:
    """How to list sockets here: by sock_diag if this kernel has it, else from /proc."""
    try:
        netlink = open_netlink(SOCK_DIAG)
        diag.sockets(netlink)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        return lambda: _from_texts(holder)
    return lambda: diag.sockets(netlink)


def _from_texts(holder: Holder) -> list[Row]:
    found = []
    for name in proc_net.TABLES:
        try:
            text = holder.read(f"net/{name}").decode()
        except FileNotFoundError:  # a kernel without IPv6
            continue
        found += proc_net.sockets(name[:3], text)
    return found
