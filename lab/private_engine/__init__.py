"""A private, modern Docker Engine beside (or instead of) the machine's own.

Law: it is made of Debian packages, lives in namespaces of its own, and is found, started and
stopped without ever touching another engine. Nothing here speaks the Docker API beyond asking
whether somebody answers and which version it is.

    endpoint()       the URL of its socket if it answers now, else None
    possible()       why this machine cannot have one, in a sentence, or None where it can
    start(report)    makes it if need be, starts it, returns the URL of its socket
    no_engine()      the error that tells a user without any engine how to get one
"""

from .daemon import endpoint, start
from .errors import PrivateEngineError, no_engine
from .machine import possible

__all__ = ["PrivateEngineError", "endpoint", "no_engine", "possible", "start"]
