"""Entering a network or UTS namespace and coming back.

Law: whatever is done inside, the thread is back in its own namespace afterwards; if it cannot
come back the program ends on the spot, for it would work on the wrong machine from then on.
Sockets made inside stay there, so one visit per node is enough.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_ANY_KIND = 0  # the descriptor says which kind it is

if sys.version_info >= (3, 12):

    def enter(namespace: int) -> None:
        """Be in a namespace from now on, in this thread (setns(2))."""
        os.setns(namespace, _ANY_KIND)

else:

    def enter(namespace: int) -> None:
        """As above."""
        import ctypes  # noqa: PLC0415 - 3.12 and newer do without, and may not have it

        if ctypes.CDLL(None, use_errno=True).setns(namespace, _ANY_KIND):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))


@contextmanager
def inside(
    namespace: int, kind: str = "net", enter: Callable[[int], None] = enter
) -> Iterator[None]:
    """Be in a namespace of a kind (net, uts), given by a descriptor (setns(2))."""
    home = os.open(f"/proc/self/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        enter(namespace)
        try:
            yield
        finally:
            _return(home, enter)
    finally:
        os.close(home)


def _return(home: int, enter: Callable[[int], None]) -> None:
    try:
        enter(home)
    except OSError as error:
        sys.stderr.write(f"cannot return to the agent's own namespace: {error}\n")
        sys.stderr.flush()
        os._exit(1)
