"""What a socket may hold of what nobody has read yet (socket(7)).

Law: as much as was asked for, or as much as this process may have; what then does not fit, the
kernel counts, and whoever reads tells.
"""

import socket

_FORCE = getattr(socket, "SO_RCVBUFFORCE", 33)


def allow(one: socket.socket, size: int) -> None:
    """Have it hold `size` bytes.

    Root of a user namespace, as beside a rootless engine, gets no more than net.core.rmem_max.
    """
    try:
        one.setsockopt(socket.SOL_SOCKET, _FORCE, size)
    except PermissionError:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
