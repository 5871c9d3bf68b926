"""What a guide's C program gets from the C library, for its Python counterpart.

Importing this package first gives the process the signals a C program starts with: Ctrl-C and
writing to a pipe nobody reads end it silently, by the signal. (Python would print a traceback.)
A signal its parent had ignored stays ignored. Nothing else happens on import.

Modules: stdio (printf, perror), failure (system calls that may or must not fail),
netdb (getaddrinfo), arguments (the command line). None imports more than it needs: a service's
start-up time is paid in every scenario.
"""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
