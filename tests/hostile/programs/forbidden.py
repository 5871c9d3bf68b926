"""Tries what no program of a node may do, one thing after another, and tells how each went.

A line for each: `refused NAME (why)` or `DONE NAME`. Nothing it does outlives it or changes
anything outside where it succeeds: what cannot be tried harmlessly is only opened.
"""

import array
import ctypes
import errno
import os
import platform
import resource
import socket
import struct
import subprocess
import time

libc = ctypes.CDLL(None, use_errno=True)

PTRACE_SEIZE = 0x4206
CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWNET = 0x10000000, 0x00020000, 0x40000000
# Numbers of calls that the C library has no name for: of x86-64 and of all others.
NUMBERS = {
    "add_key": (248, 217),
    "bpf": (321, 280),
    "ioprio_set": (251, 30),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "prlimit64": (302, 261),
    "process_vm_writev": (311, 271),
    "sched_setattr": (314, 274),
}


def call(function, *arguments):
    """A C function; its failure as an OSError."""
    ctypes.set_errno(0)
    answer = function(*arguments)
    if answer == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer


def syscall(name, *arguments):
    """A system call by its name."""
    number = NUMBERS[name][platform.machine() != "x86_64"]
    return call(libc.syscall, ctypes.c_long(number), *arguments)


def opens(path, flags=os.O_RDONLY):
    """Whether a file can be opened is all that is tried."""
    os.close(os.open(path, flags))


def writes(path):
    return lambda: opens(path, os.O_WRONLY)


def reads(path):
    def read():
        with open(path, "rb", buffering=0) as file:
            file.read(1)

    return read


def creates(folder):
    def create():
        path = f"{folder}/hostile"
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        os.unlink(path)

    return create


# -- the holder --------------------------------------------------------------------------------


def attach():
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    call(libc.ptrace, PTRACE_SEIZE, 1, None, None)


def borrow_descriptor():
    syscall("pidfd_getfd", os.pidfd_open(1), 1, 0)


def write_its_memory():
    class Part(ctypes.Structure):
        _fields_ = (("at", ctypes.c_void_p), ("size", ctypes.c_size_t))

    buffer = ctypes.create_string_buffer(b"X")
    mine, its = Part(ctypes.addressof(buffer), 1), Part(0x400000, 1)
    syscall("process_vm_writev", 1, ctypes.byref(mine), ctypes.c_ulong(1), ctypes.byref(its),
            ctypes.c_ulong(1), ctypes.c_ulong(0))  # fmt: skip


def descriptors():
    opens("/proc/1/fd")


def environment():
    with open("/proc/1/environ", "rb") as file:
        file.read()


def limit_it():
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.prlimit(1, resource.RLIMIT_NOFILE, files)


def slow_it(which, whose):
    """No less than it has: nothing is changed, and yet it must be refused."""
    return lambda: os.setpriority(which, whose, os.getpriority(which, whose))


def slow_its_disk():
    syscall("ioprio_set", 1, 1, 0)


def reschedule_it():
    os.sched_setscheduler(1, os.SCHED_OTHER, os.sched_param(0))


def change_its_schedule():
    os.sched_setparam(1, os.sched_param(0))


def move_it():
    os.sched_setaffinity(1, os.sched_getaffinity(1))


def change_its_attributes():
    attributes = struct.pack("=IIQiIQQQ", 48, 0, 0, 0, 0, 0, 0, 0)
    syscall("sched_setattr", 1, attributes, 0)


# -- privileges --------------------------------------------------------------------------------


def namespace(kind):
    def unshare():
        child = os.fork()
        if not child:
            os._exit(0 if libc.unshare(kind) == 0 else ctypes.get_errno() or 1)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status:
            raise OSError(status, os.strerror(status))

    return unshare


def setuid_program():
    """A program of root's with the set-user-ID bit: as whom it runs, said by its loader."""
    asked = {"LD_SHOW_AUXV": "1"}
    said = subprocess.run(["/usr/bin/su", "--version"], env=asked, capture_output=True, check=True)
    if f"AT_EUID:              {os.getuid()}\n" in said.stdout.decode() and os.getuid():
        raise OSError(errno.EPERM, "it runs as whoever began it")


def mount():
    call(libc.mount, b"none", b"/tmp", b"tmpfs", 0, None)
    call(libc.umount, b"/tmp")


def chroot():
    child = os.fork()
    if not child:
        try:
            os.chroot("/tmp")
        except OSError as error:
            os._exit(error.errno)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status:
        raise OSError(status, os.strerror(status))


def device():
    os.mknod("/tmp/hostile", 0o600 | 0o020000, os.makedev(1, 1))
    os.unlink("/tmp/hostile")


def nicer():
    os.setpriority(os.PRIO_PROCESS, 0, os.getpriority(os.PRIO_PROCESS, 0) - 1)


def realtime():
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def more_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard + 1))


def host_name():
    name = socket.gethostname()
    socket.sethostname(name)


def clock():
    time.clock_settime(time.CLOCK_REALTIME, time.clock_gettime(time.CLOCK_REALTIME))


def kernel_log():
    call(libc.klogctl, 3, ctypes.create_string_buffer(64), 64)


def key():
    syscall("add_key", b"user", b"hostile", b"x", ctypes.c_ulong(1), ctypes.c_int(-3))


def perf():
    attributes = array.array("Q", [0] * 16)
    attributes[0] = 1 | 128 << 32
    address = attributes.buffer_info()[0]
    syscall("perf_event_open", ctypes.c_void_p(address), 0, -1, -1, ctypes.c_ulong(0))


def bpf():
    attributes = array.array("I", [2, 4, 4, 1] + [0] * 28)  # an array of one number
    address = attributes.buffer_info()[0]
    syscall("bpf", 0, ctypes.c_void_p(address), ctypes.c_uint(128))


# -- the network -------------------------------------------------------------------------------


def opens_socket(family, kind, protocol=0):
    return lambda: socket.socket(family, kind, protocol).close()


def address_of_its_own():
    route = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    header = struct.pack("=IHHII", 16 + 16, 16, 5, 1, 0)  # RTM_NEWLINK
    route.send(header + struct.pack("=BxHiII", 0, 0, 1, 1, 1))  # lo up, as it is
    answer = route.recv(4096)
    number = -struct.unpack_from("=i", answer, 16)[0]
    if number:
        raise OSError(number, os.strerror(number))


ATTEMPTS = {
    "write to the holder's stdout": writes("/proc/1/fd/1"),
    "read the holder's stdin": lambda: opens("/proc/1/fd/0"),
    "list the holder's descriptors": descriptors,
    "take a descriptor of the holder's": borrow_descriptor,
    "write the holder's memory as a file": lambda: opens("/proc/1/mem", os.O_RDWR),
    "write the holder's memory by a call": write_its_memory,
    "trace the holder": attach,
    "read the holder's environment": environment,
    "limit the holder": limit_it,
    "slow the holder": slow_it(os.PRIO_PROCESS, 1),
    "slow the holder's group": slow_it(os.PRIO_PGRP, 1),
    "slow all of its user": slow_it(os.PRIO_USER, os.getuid()),
    "slow the holder's disk": slow_its_disk,
    "reschedule the holder": reschedule_it,
    "change the holder's schedule": change_its_schedule,
    "change the holder's attributes": change_its_attributes,
    "move the holder": move_it,
    "see where the holder is": lambda: os.readlink("/proc/1/cwd"),
    "create in /": creates("/"),
    "create in /etc": creates("/etc"),
    "create in /lab": creates("/lab"),
    "create in /.lab": creates("/.lab"),
    "create in /usr/bin": creates("/usr/bin"),
    "create in /sys": creates("/sys/fs/cgroup"),
    "write /etc/hosts": writes("/etc/hosts"),
    "write /etc/resolv.conf": writes("/etc/resolv.conf"),
    "write /etc/passwd": writes("/etc/passwd"),
    "write a program of the image": writes("/usr/bin/python3"),
    "write the holder's program": writes("/.lab/holder"),
    "write /proc/sys": writes("/proc/sys/kernel/hostname"),
    "write a setting of the network": writes("/proc/sys/net/ipv4/ip_forward"),
    "write /proc/sysrq-trigger": writes("/proc/sysrq-trigger"),
    "write its own limits": writes("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
    "read /proc/kcore": reads("/proc/kcore"),
    "read the kernel's log": kernel_log,
    "read /dev/kmsg": lambda: opens("/dev/kmsg"),
    "read the machine's memory": lambda: opens("/dev/mem"),
    "mount": mount,
    "change its root": chroot,
    "have a user namespace": namespace(CLONE_NEWUSER),
    "have a mount namespace": namespace(CLONE_NEWNS),
    "have a network namespace": namespace(CLONE_NEWNET),
    "become root": lambda: os.setuid(0),
    "become root by a program": setuid_program,
    "make a device": device,
    "be nicer to itself": nicer,
    "run before all others": realtime,
    "have more files than allowed": more_files,
    "change the host's name": host_name,
    "set the clock": clock,
    "keep a key": key,
    "count events of the processor": perf,
    "load a program into the kernel": bpf,
    "see packets of the network": opens_socket(socket.AF_PACKET, socket.SOCK_RAW, 0x0300),
    "send packets of its own making": opens_socket(socket.AF_INET, socket.SOCK_RAW, 1),
    "the same over IPv6": opens_socket(socket.AF_INET6, socket.SOCK_RAW, 58),
    "change an interface": address_of_its_own,
}


def main():
    for name, attempt in ATTEMPTS.items():
        try:
            attempt()
        except (OSError, ValueError) as error:
            number = getattr(error, "errno", None)
            print("refused", name, f"({errno.errorcode.get(number, error)})")
        else:
            print("DONE", name)


main()
