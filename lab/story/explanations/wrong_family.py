"""A program asked for an address of a family that its peer, or its own socket, does not have.

Law: said where a program wrote so, or a system call of it gave EAFNOSUPPORT or EADDRNOTAVAIL; the
families of the node's networks are named.
"""

from __future__ import annotations

from lab.story.evidence import Evidence, failing
from lab.story.output import Writer

_PHRASES = (
    "Address family not supported",
    "Address family for hostname not supported",
    "No address associated with hostname",
    "Cannot assign requested address",
)


def explain(evidence: Evidence) -> str | None:
    """The sentence."""
    if found := evidence.called("EAFNOSUPPORT", "EADDRNOTAVAIL"):
        return f"{found[0].name} used the wrong address family ({failing(found[1])}): " + _why(
            evidence, found[0]
        )
    if wrote := evidence.wrote(*_PHRASES):
        said = f"{wrote[0].name} used the wrong address family; it wrote {wrote[1]}: "
        return said + _why(evidence, wrote[0])
    return None


def _why(evidence: Evidence, writer: Writer) -> str:
    on = {
        link.network
        for node in evidence.result.nodes
        if node.node == writer.node
        for link in node.links
    }
    families = [f"{net.name} is {net.family}" for net in evidence.result.networks if net.name in on]
    has = ", ".join(families)
    return f"{has}; AF_UNSPEC takes what there is" if has else "AF_UNSPEC takes what there is"
