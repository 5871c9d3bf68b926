"""What this machine's kernel can do to packets: for `lab doctor`, which only reports it.

Law: reads files and loads nothing; what cannot be read is unknown, not missing. Sources: proc(5),
modules.builtin and modules.dep of kmod.
"""

from __future__ import annotations

import gzip
import platform
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

# what for -> (module, option of the kernel's configuration)
ABILITIES: Mapping[str, tuple[str, str]] = {
    "netem": ("sch_netem", "CONFIG_NET_SCH_NETEM"),
    "prio": ("sch_prio", "CONFIG_NET_SCH_PRIO"),
    "nfqueue": ("nfnetlink_queue", "CONFIG_NETFILTER_NETLINK_QUEUE"),
}


class Has(Enum):
    """Whether the kernel has it."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def ways(found: Mapping[str, Has]) -> str:
    """How links are impaired, by what the kernel has (lab/agent/program/both_ways.py)."""
    if found["nfqueue"] is Has.NO:
        return "links cannot be impaired: scenarios that ask for it are skipped"
    doubt = ", where it is tried and found" if found["nfqueue"] is Has.UNKNOWN else ""
    if found["netem"] is found["prio"] is Has.YES:
        return f"constant delay and rate are netem's, links are else impaired by nfqueue{doubt}"
    return f"links are impaired by nfqueue{doubt}"


def abilities(root: Path = Path("/")) -> dict[str, Has]:
    """For each ability, whether the kernel of this machine has it."""
    return {name: _has(root, *where) for name, where in ABILITIES.items()}


def _has(root: Path, module: str, option: str) -> Has:
    configured = _configuration(root)
    if configured is not None:
        return Has.YES if f"\n{option}=" in configured else Has.NO
    modules = root / "lib/modules" / platform.release()
    lists = [_read(modules / name) for name in ("modules.builtin", "modules.dep")]
    loaded = _read(root / "proc/modules")
    if f"/{module}.ko" in "".join(lists) or f"\n{module} " in f"\n{loaded}":
        return Has.YES
    return Has.NO if all(lists) else Has.UNKNOWN


def _configuration(root: Path) -> str | None:
    try:
        return "\n" + gzip.decompress((root / "proc/config.gz").read_bytes()).decode()
    except (OSError, EOFError, ValueError):
        return None


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
