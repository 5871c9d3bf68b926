"""Ignores every signal there is, closes all it has, and leaves children that nobody knows."""

import os
import signal
import time

for number in range(1, signal.NSIG):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.closerange(0, 1024)
        time.sleep(10_000)
os.write(1, b"deaf\n")
os.closerange(0, 1024)
time.sleep(10_000)
