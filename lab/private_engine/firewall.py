"""The host's packet rules that let the private engine out.

Law: adds only rules that carry the engine's comment, and removes exactly those; rules of the
machine's own Docker or of anyone else are never touched.
"""

import shlex
import shutil
import subprocess
from ipaddress import IPv4Network
from pathlib import Path

from msgspec import Struct

from .errors import PrivateEngineError
from .machine import PATH

FORWARDING = "/proc/sys/net/ipv4"


class Rule(Struct, frozen=True):
    """One rule: its table, its chain, and the words of iptables(8) that describe it."""

    table: str
    chain: str
    words: tuple[str, ...]


def rules(name: str, subnet: IPv4Network) -> list[Rule]:
    """The rules for the link `name`: its subnet is masqueraded, its packets and answers pass.

    Docker sets the policy of FORWARD to DROP, so the accepts are needed beside it.
    """
    mark = ("-m", "comment", "--comment", comment(name))
    answers = ("-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED")
    masquerade = ("-s", str(subnet), "!", "-o", name, *mark, "-j", "MASQUERADE")
    return [
        Rule("nat", "POSTROUTING", masquerade),
        Rule("filter", "FORWARD", ("-i", name, *mark, "-j", "ACCEPT")),
        Rule("filter", "FORWARD", ("-o", name, *answers, *mark, "-j", "ACCEPT")),
    ]


def comment(name: str) -> str:
    """What the rules of one engine are known by."""
    return f"socketlab:{name}"


def add(name: str, subnet: IPv4Network, tree: Path) -> None:
    """Insert the rules. Raises PrivateEngineError if iptables refuses one."""
    for rule in rules(name, subnet):
        done = iptables(tree, "-t", rule.table, "-I", rule.chain, *rule.words)
        if done.returncode:
            raise PrivateEngineError(
                f"iptables refused a rule for the private engine: {done.stderr.strip()}"
            )


def remove(name: str, tree: Path) -> None:
    """Delete every rule with this engine's comment, however it came there."""
    for table in ("nat", "filter"):
        for words in marked(iptables(tree, "-t", table, "-S").stdout, name):
            iptables(tree, "-t", table, "-D", *words)


def marked(listing: str, name: str) -> list[list[str]]:
    """The rules in `iptables -S` output that carry the comment, without their leading -A."""
    added = (shlex.split(line) for line in listing.splitlines() if line.startswith("-A "))
    return [words[1:] for words in added if comment(name) in words]


def iptables(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the host's iptables (the kind its other rules were made by), else the tree's."""
    own = shutil.which("iptables", path=PATH)
    command = [own] if own else ["/usr/sbin/chroot", str(tree), "/usr/sbin/iptables"]
    return subprocess.run([*command, "-w", *arguments], check=False, capture_output=True, text=True)


def forward(interfaces: list[str], note: Path) -> None:
    """Let IPv4 through the interfaces, noting in `note` those where that was off.

    The switch for the whole machine is left as it is: it would reach further than our link.
    """
    off = [name for name in interfaces if forwarding(name).read_text().strip() == "0"]
    note.write_text("\n".join(off))
    for name in off:
        forwarding(name).write_text("1")


def unforward(note: Path) -> None:
    """Undo `forward`, unless all forwarding was switched on since, by another's wish."""
    names = note.read_text().split() if note.exists() else []
    if Path(FORWARDING, "ip_forward").read_text().strip() == "1":
        return
    for name in names:
        if forwarding(name).exists():
            forwarding(name).write_text("0")


def forwarding(interface: str) -> Path:
    """The switch of one interface (ip-sysctl: conf/INTERFACE/forwarding)."""
    return Path(FORWARDING, "conf", interface, "forwarding")
