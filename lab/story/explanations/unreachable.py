"""There was no way to where a program wanted to send.

Law: said where a program wrote so, a system call of it gave ENETUNREACH or EHOSTUNREACH, or its
node was sent such an ICMP message.
"""

from __future__ import annotations

from lab.story.evidence import Evidence, failing

_WHY = (
    "it has no route there: are both on one network, or is there a router between them, and is the "
    "address of a family that the network has?"
)


def explain(evidence: Evidence) -> str | None:
    """The sentence."""
    if found := evidence.called("ENETUNREACH", "EHOSTUNREACH"):
        return f"{found[0].name} could not get there ({failing(found[1])}): {_WHY}"
    if wrote := evidence.wrote("Network is unreachable", "No route to host"):
        return f"{wrote[0].name} could not get there; it wrote {wrote[1]}: {_WHY}"
    if told := evidence.told("host unreachable", "network unreachable", "prohibited"):
        return f"{told[0].name} could not get there; its node was sent ICMP {told[1]}: {_WHY}"
    return None
