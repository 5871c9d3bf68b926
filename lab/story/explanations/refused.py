"""A connection, or a datagram, was refused: nobody had bound that port.

Law: said where a program wrote so, a system call of it gave ECONNREFUSED, or its node was sent
a reset in answer to a SYN, or an ICMP port unreachable.
"""

from __future__ import annotations

from lab.story.evidence import Evidence, failing

_WHY = (
    "nothing was bound to that address and port at that moment: is the server ready before its "
    "client, on this port, and in this address family?"
)


def explain(evidence: Evidence) -> str | None:
    """The sentence."""
    if found := evidence.called("ECONNREFUSED"):
        return f"{found[0].name} was refused ({failing(found[1])}): {_WHY}"
    if wrote := evidence.wrote("Connection refused", "ECONNREFUSED"):
        return f"{wrote[0].name} was refused; it wrote {wrote[1]}: {_WHY}"
    if told := evidence.told("RST", "port unreachable"):
        said = "a reset" if told[1] == "RST" else f"ICMP {told[1]}"
        return f"{told[0].name} was refused; its node was sent {said}: {_WHY}"
    return None
