"""What may be said of a program's system calls, and judging it from the calls alone.

Law: pure. A call counts once it has returned, and only if it did not fail, unless a failure or
the attempt itself is asked for.
"""
