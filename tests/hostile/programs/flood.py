"""Writes 10 GB, as fast as it can, without a newline."""

import os

part = b"x" * (1 << 20)
for _ in range(10 * 1024):
    os.write(1, part)
