"""The agent's program: the lab's only privileged part, on the engine's host.

Law: standard library only, nothing of the lab's; Python 3.11 or newer, Debian's python3-minimal
included from 3.12 on. One thread. It believes the kernel and its own starter, never a node.
It is run as a directory (`python3 -S -E <this directory>`) and ends when its input ends.
"""
