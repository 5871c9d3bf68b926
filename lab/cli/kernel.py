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
    "tbf": ("sch_tbf", "CONFIG_NET_SCH_TBF"),
    "nfqueue": ("nfnetlink_queue", "CONFIG_NETFILTER_NETLINK_QUEUE"),
}


class Has(Enum):
    """Whether the kernel has it."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


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
