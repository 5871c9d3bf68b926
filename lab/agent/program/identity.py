"""Whether a process belongs to a container: pure functions of what the kernel says of it.

Law: only what a node cannot write counts: the names of its control groups, and where its mounts
come from. Both carry the container's id. Namespaces that merely differ from ours prove nothing:
with an engine in a virtual machine the same process id is some other program here.
"""

HEX = frozenset("0123456789abcdef")


def is_container_id(text: str) -> bool:
    """Whether it is a full container id: 64 hexadecimal digits."""
    return len(text) == 64 and HEX.issuperset(text)


def in_control_group(cgroup: str, container: str) -> bool:
    """Whether /proc/PID/cgroup names the container, version 1, 2 or both.

    Cgroup drivers write `.../<id>` or `.../docker-<id>.scope`; from another cgroup namespace
    it reads `/../<id>`.
    """
    paths = (line.split(":", 2)[-1] for line in cgroup.splitlines())
    return any(container in path for path in paths)


def in_mounts(mountinfo: str, container: str) -> bool:
    """Whether a mount's source is a folder of the container's, as /etc/hostname's always is."""
    return any(container in source.split("/") for source, *_ in _mounts(mountinfo))


def proc_device(mountinfo: str) -> tuple[int, int] | None:
    """The device of the process's own /proc, None where something else or nothing is there."""
    found = None
    for _, target, device, kind in _mounts(mountinfo):
        if target == "/proc":
            major, _, minor = device.partition(":")
            found = (int(major), int(minor)) if kind == "proc" else None
    return found


def _mounts(mountinfo: str) -> list[tuple[str, str, str, str]]:
    """(source folder, target, device, file system) of each line; see proc_pid_mountinfo(5)."""
    found = []
    for line in mountinfo.splitlines():
        mount, _, rest = line.partition(" - ")
        _, _, device, source, target, *_ = mount.split(" ")
        found.append((source, target, device, rest.split(" ")[0]))
    return found
