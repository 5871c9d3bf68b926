"""The emulated machine: what it is booted with, and what its program says.

Law: its time is that of the instructions it has done (QEMU's icount), so what is measured in it is
the same however busy the real one is. It has no disk and no network.
"""

import json
import lzma
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.kernel.tree import TREE

ROOT = Path(__file__).parents[2]
LIBRARIES = TREE / "usr/lib/x86_64-linux-gnu"
LOADER = "ld-linux-x86-64.so.2"
MODULES = ("sch_netem", "sch_prio", "veth", "nft_queue", "nfnetlink_queue", "tcp_diag", "udp_diag")
SHARED = ("libc.so.6", "libm.so.6", "libz.so.1", "libexpat.so.1", "libcrypto.so.3", "libffi.so.8")
COMMAND_LINE = "console=ttyS0 quiet panic=-1 random.trust_cpu=on rdinit=/init.sh"
PATIENCE = 300  # seconds; it takes ten where nothing else is done

Files = Iterator[tuple[str, int, bytes]]  # path, mode, content


def run(folder: Path) -> dict[str, dict[str, object]]:
    """Boot it; what each trial told. `folder` has room for what it is booted with."""
    image = folder / "initramfs"
    image.write_bytes(archive(files()))
    [kernel] = (TREE / "boot").glob("vmlinuz-*")
    emulator = [str(LIBRARIES / LOADER), "--library-path", f"{LIBRARIES}:{TREE / 'usr/lib'}"]
    emulator += [str(TREE / "usr/bin/qemu-system-x86_64"), "-L", str(TREE / "usr/share/qemu")]
    emulator += ["-L", str(TREE / "usr/share/seabios"), "-accel", "tcg", "-cpu", "max"]
    emulator += ["-icount", "shift=0,sleep=off", "-m", "512", "-nodefaults", "-nic", "none"]
    emulator += ["-display", "none", "-serial", "stdio", "-no-reboot"]
    emulator += ["-kernel", str(kernel), "-initrd", str(image), "-append", COMMAND_LINE]
    done = subprocess.run(
        emulator, check=False, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE
    )
    found: dict[str, dict[str, object]] = {}
    for line in done.stdout.decode(errors="replace").splitlines():
        if line.startswith("{"):
            found |= json.loads(line)
    if not found:
        raise RuntimeError((done.stdout + done.stderr).decode(errors="replace")[-4000:])
    return found


def files() -> Files:
    """All that is in the machine's memory when it begins."""
    yield from ((name, 0o41777, b"") for name in ("proc", "sys", "tmp", "dev"))
    yield from ((name, 0o120777, f"usr/{name}".encode()) for name in ("lib", "lib64", "bin"))
    python = next((TREE / "usr/lib").glob("python3.*"))
    yield "usr/bin/python3", 0o100755, (TREE / "usr/bin" / python.name).read_bytes()
    yield f"usr/lib64/{LOADER}", 0o100755, (LIBRARIES / LOADER).read_bytes()
    for name in SHARED:
        yield f"usr/lib/x86_64-linux-gnu/{name}", 0o100755, (LIBRARIES / name).read_bytes()
    for path in python.rglob("*"):
        if path.is_file() and not path.is_symlink():
            yield str(path.relative_to(TREE)), 0o100644, path.read_bytes()
    for at, content in enumerate(modules()):
        yield f"modules/{at:02}.ko", 0o100644, content
    yield from ((f"{name}/__init__.py", 0o100644, b"") for name in ("lab", "lab/agent", "tests"))
    for path in [*(ROOT / "lab/agent/program").glob("*.py"), *Path(__file__).parent.glob("*.py")]:
        yield str(path.relative_to(ROOT)), 0o100644, path.read_bytes()
    yield "init.sh", 0o100755, b"#!/usr/bin/python3 /tests/kernel/guest.py\n"


def modules() -> list[bytes]:
    """The kernel's, each behind those it depends on."""
    there = {p.name.partition(".")[0].replace("-", "_"): p for p in TREE.rglob("*.ko.xz")}
    found: dict[str, bytes] = {}

    def add(name: str) -> None:
        if name in found:
            return
        content = lzma.decompress(there[name].read_bytes())
        needed = content.partition(b"\0depends=")[2].partition(b"\0")[0].decode()
        for each in filter(None, needed.split(",")):
            add(each.replace("-", "_"))
        found[name] = content

    for name in MODULES:
        add(name)
    return list(found.values())


def archive(content: Files) -> bytes:
    """As a cpio archive of the format newc (cpio(5)), folders included."""
    parts: list[bytes] = []
    folders: set[str] = set()

    def add(name: str, mode: int, data: bytes) -> None:
        numbers = (len(parts), mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % each for each in numbers) + os.fsencode(name) + b"\0"
        parts.append(head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4))

    for name, mode, data in content:
        for folder in reversed(Path(name).parents[:-1]):
            if str(folder) not in folders:
                folders.add(str(folder))
                add(str(folder), 0o40755, b"")
        folders.add(name)
        add(name, mode, data)
    add("TRAILER!!!", 0, b"")
    return b"".join(parts)
