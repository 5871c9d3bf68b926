"""Traces, and what is expected of the calls in them: cases of test_verdicts."""

from __future__ import annotations

from lab.events import NodeObservation
from tests.corpus.observed import held, lost, traced, wrote

SERVED = (
    "socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3<socket:[1]>",
    "setsockopt(3<socket:[1]>, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0",
    'bind(3<socket:[1]>, {sa_family=AF_INET, sin_port=htons(3490), sin_addr=inet_addr("0.0.0.0")},'
    " 16) = 0",
    "listen(3<socket:[1]>, 10) = 0",
    "accept4(3<socket:[1]>, {sa_family=AF_INET}, [16], 0) = 4<socket:[2]>",
    'read(4<socket:[2]>, "hi", 99) = 2',
    'sendto(4<socket:[2]>, "hi", 2, 0, NULL, 0) = 2',
    "close(4<socket:[2]>) = 0",
    "close(3<socket:[1]>) = 0",
)
PROBED = (  # getaddrinfo's own, before the program's
    "socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_ROUTE) = 3<socket:[8]>",
    "bind(3<socket:[8]>, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}, 12) = 0",
    "close(3<socket:[8]>) = 0",
    "socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = 3<socket:[9]>",
    "connect(3<socket:[9]>, {sa_family=AF_INET, sin_port=htons(3490)}, 16) = 0",
    "getsockname(3<socket:[9]>, {sa_family=AF_INET}, [28 => 16]) = 0",
    "close(3<socket:[9]>) = 0",
)
ORDER = "calls: {order: [socket, {setsockopt: SO_REUSEADDR}, bind, listen, accept, recv, send]}"
FORKED = (
    *SERVED[:5],
    "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD) = 2 /* 8 in strace's PID NS */",
    '8 sendto(4<socket:[2]>, "hi", 2, 0, NULL, 0) = 2',
    "8 close(4<socket:[2]>) = 0",
)
THREADED = (
    *SERVED[:5],
    "clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD}, 88) = 2 /* 8 in strace's PID NS */",
    "8 close(4<socket:[2]>) = 0",
)
MORE = "it made more than the 100000 calls that are kept"
POLLS = ("poll([{fd=3<socket:[1]>, events=POLLIN}], 1, 0) = 0 (Timeout)",) * 99

CALLS: dict[str, tuple[str, NodeObservation]] = {
    "calls-order-pass": (ORDER, traced(*SERVED)),
    "calls-order-pass-so-far": (ORDER, traced(*SERVED[:7], running=True)),
    "calls-order-other": ("calls: {order: [bind, {setsockopt: SO_REUSEADDR}]}", traced(*SERVED)),
    "calls-order-child-ahead-of-its-fork": (
        "calls: {order: [accept, fork, send]}",
        traced(
            *SERVED[:5],
            "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD <unfinished ...>",
            '8 sendto(4<socket:[2]>, "hi", 2, 0, NULL, 0) = 2',
            "<... clone resumed>) = 2 /* 8 in strace's PID NS */ <0.020000>",
            running=True,
        ),
    ),
    "calls-order-not-yet": (ORDER, traced(*SERVED[:3], running=True)),
    "calls-order-of-nothing": (ORDER, traced()),
    "calls-failed-does-not-count": (
        "calls: {must: [connect]}",
        traced(
            "socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3<socket:[1]>",
            "connect(3<socket:[1]>, {sa_family=AF_INET}, 16) = -1 ECONNREFUSED (Refused)",
        ),
    ),
    "calls-failed-as-asked": (
        "calls: {must: [{accept: EAGAIN}]}",
        traced("accept(3<socket:[1]>, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)"),
    ),
    "calls-must-with-other-words": (
        "calls: {must: [{socket: [AF_INET6, SOCK_STREAM]}]}",
        traced(*PROBED, *SERVED),
    ),
    "calls-whole-words": ("calls: {must: [{bind: 349}]}", traced(*SERVED)),
    "calls-reference": (
        'calls: {must: [{connect: "${talker.ip}"}]}',
        traced(
            "connect(3<socket:[1]>, {sa_family=AF_INET6, inet_pton(AF_INET6,"
            ' "2001:db8::2", &sin6_addr)}, 28) = -1 EINPROGRESS (Operation now in progress)'
        ),
    ),
    "calls-unknown-reference": ('calls: {must: [{connect: "${no.ip}"}]}', traced(*PROBED, *SERVED)),
    "calls-must-not-pass": ("calls: {must-not: [connect]}", traced(*PROBED, *SERVED)),
    "calls-must-not-so-far": ("calls: {must-not: [connect]}", traced(running=True)),
    "calls-must-not-though-it-failed": (
        "calls: {must-not: [{socket: AF_INET6}]}",
        traced("socket(AF_INET6, SOCK_STREAM, 0) = -1 EAFNOSUPPORT (Not supported)", running=True),
    ),
    "calls-write-to-a-file-is-no-send": (
        "calls: {must: [send]}",
        traced('write(1<pipe:[5]>, "hi", 2) = 2'),
    ),
    "calls-closed-pass": ("calls: {closed: all}", traced(*PROBED, *SERVED)),
    "calls-closed-never": ("calls: {closed: all}", traced(*SERVED[:7])),
    "calls-closed-accepted-pass": ("calls: {closed: accepted}", traced(*SERVED[:8], running=True)),
    "calls-closed-by-a-child-alone": ("calls: {closed: accepted}", traced(*FORKED, running=True)),
    "calls-closed-by-a-parent": (
        "calls: {closed: accepted}",
        traced(*FORKED, SERVED[7], running=True),
    ),
    "calls-closed-by-a-thread": ("calls: {closed: accepted}", traced(*THREADED)),
    "calls-closed-by-dup2": (
        "calls: {closed: accepted}",
        traced(*SERVED[:5], "dup2(3<socket:[1]>, 4<socket:[2]>) = 4<socket:[1]>"),
    ),
    "calls-closed-by-execve": (
        "calls: {closed: all}",
        traced(
            "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0) = 3<socket:[1]>",
            'execve("/q", ["q"], 0x2) = 0',
        ),
    ),
    "calls-busy-loop": ("calls: {busy-loop: none}", traced(*POLLS, *POLLS[:1], running=True)),
    "calls-busy-loop-one-less": ("calls: {busy-loop: none}", traced(*POLLS, running=True)),
    "calls-busy-loop-something-done": (
        "calls: {busy-loop: none}",
        traced(*POLLS[:60], SERVED[5], *POLLS[:60]),
    ),
    "calls-lost": ("calls: {must-not: [connect]}", traced(*SERVED, lost="the tracer ended")),
    "calls-lost-but-it-spun": ("calls: {busy-loop: none}", traced(*POLLS, *POLLS[:1], lost=MORE)),
    "calls-lost-but-it-was-called": ("calls: {must-not: [bind]}", traced(*SERVED, lost=MORE)),
    "calls-lost-after-all-was-seen": (
        "calls: {order: [socket, bind, listen], must: [accept]}",
        traced(*SERVED, lost=MORE),
    ),
    "calls-lost-before-all-was-seen": (
        "calls: {order: [bind, connect]}",
        traced(*SERVED, lost=MORE),
    ),
    "calls-lost-after-a-close": ("calls: {closed: accepted}", traced(*SERVED, lost=MORE)),
    "calls-lost-before-a-close": ("calls: {closed: all}", traced(*SERVED[:7], lost=MORE)),
    "calls-lost-and-two-claims": (
        "calls: {must: [connect], must-not: [bind]}",
        traced(*SERVED, lost=MORE),
    ),
    "calls-not-traced": ("calls: {must-not: [connect]}", wrote().ended()),
    "calls-of-a-held-one": ("calls: {must-not: [connect]}", held()),
    "calls-of-a-lost-one": ("calls: {must-not: [connect]}", lost()),
}
