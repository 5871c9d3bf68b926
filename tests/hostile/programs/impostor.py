"""Tries to end its node as only somebody outside may, and to end or stop all else on it."""

import ctypes
import fcntl
import os
import platform
import signal
import struct

libc = ctypes.CDLL(None, use_errno=True)
RT_SIGQUEUEINFO = 129 if platform.machine() == "x86_64" else 138
F_SETSIG = 10
SI_QUEUE = -1


def queued(number):
    """The signal with a sender of no number, as one from outside has."""
    info = struct.pack("=iiiiiI", number, 0, SI_QUEUE, 0, 0, 0).ljust(128, b"\0")
    libc.syscall(ctypes.c_long(RT_SIGQUEUEINFO), 1, number, info)


def kernels(number):
    """The signal from the kernel, as news of a pipe that the holder never asked for."""
    read, write = os.pipe()
    fcntl.fcntl(read, fcntl.F_SETOWN, 1)
    fcntl.fcntl(read, F_SETSIG, number)
    fcntl.fcntl(read, fcntl.F_SETFL, fcntl.fcntl(read, fcntl.F_GETFL) | os.O_ASYNC)
    os.write(write, b"x")


for number in range(1, signal.NSIG):
    for attempt in (lambda n: os.kill(1, n)), queued, kernels:
        try:
            attempt(number)
        except OSError:
            pass
for number in signal.SIGSTOP, signal.SIGKILL:
    try:
        os.kill(-1, number)
    except OSError:
        pass
print("its node is still there")
