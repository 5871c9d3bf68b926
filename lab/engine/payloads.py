"""What a network, a share and a node are in the words of the Engine API (v1.41 to v1.52).

Law: pure; the same spec and abilities give the same payload, and golden files compare it. Source:
Docker Engine API reference: ContainerCreate, NetworkCreate, VolumeCreate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lab.model import Family
from lab.ports import Abilities, LinkSpec, MountSpec, NetworkSpec, NodeSpec, ShareSpec

Json = dict[str, Any]

HOLDER = "/.lab/holder"
AGENT = ("python3", "-S", "-E", "/lab/agent")
SEVERAL_NETWORKS = (1, 44)  # from here on a container is created on several networks at once
ISOLATED_GATEWAY = (1, 48)  # from here on a bridge can be without an address of the host
_GROUP = 65534
NOBODY = f"65534:{_GROUP}"
_STAYS = "240"  # seconds at most until a holder ends whose lab died: nodes end in turns (turns.py)
_SCRATCH = "mode=1777,nosuid,nodev"  # for anybody to write to, as in mount(8)

# The engine looks up names it does not know itself at other servers: there are none behind a
# network without a way out, and nobody has time to find that out. Port 53 of lo is closed.
_NO_RESOLVER = {"Dns": ["127.0.0.1"], "DnsOptions": ["timeout:1", "attempts:1"]}

# The C library takes only the first line of a name in /etc/hosts unless told otherwise: Debian's
# /etc/host.conf does, an image with nothing but a program has none (host.conf(5)).
_ALL_ADDRESSES = ("RESOLV_MULTI=on",)

# What entering and changing other network, mount and UTS namespaces, looking at their processes
# and capturing there takes. Not `privileged`: an engine in a container may not give everything.
_AGENT_CAPABILITIES = (
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "NET_ADMIN",
    "NET_RAW",
    "SYS_ADMIN",
    "SYS_CHROOT",
    "SYS_PTRACE",
)

_SYSCTLS = {
    # ::1 is on every machine's lo; engines before 28 take it away from IPv4-only ones.
    "net.ipv6.conf.lo.disable_ipv6": "0",
    # No duplicate address detection: link-local addresses are of use at once. Engines that move
    # the interface into the node instead of making it there (before 28) keep their host's value.
    "net.ipv6.conf.all.accept_dad": "0",
    "net.ipv6.conf.default.accept_dad": "0",
    # ping and traceroute without a raw socket (icmp(7)): rootless engines leave that to nobody.
    "net.ipv4.ping_group_range": f"{_GROUP} {_GROUP}",
}

# What outlives the programs of a node that made it (sysvipc(7)) must leave its holder room.
_LASTING = {
    "kernel.msgmni": "64",  # message queues, of 16 KiB each
    "kernel.sem": "250 8000 32 128",  # semaphores of a set, in all, at once, sets
}
_PAGE = 4096  # bytes at least: shmall counts pages

_FORWARDING = {
    "net.ipv4.ip_forward": "1",
    "net.ipv6.conf.all.forwarding": "1",
    "net.ipv6.conf.default.forwarding": "1",
}


def network(spec: NetworkSpec, abilities: Abilities) -> Json:
    """Arguments for APIClient.create_network."""
    options = {}
    if spec.network.mtu is not None:
        options["com.docker.network.driver.mtu"] = str(spec.network.mtu)
    if without_ipv4(spec):
        options["com.docker.network.enable_ipv4"] = "false"
    if spec.transit:
        # An engine drops what crosses an internal network from others, even inside its bridge.
        # The agent takes the way out away from the nodes instead, and nothing is masqueraded.
        # Engines from 28 drop it on other networks too, unless those are routed.
        options["com.docker.network.bridge.enable_ip_masquerade"] = "false"
        options.update(_gateway_mode("routed"))
    elif spec.network.internal and abilities.api >= ISOLATED_GATEWAY:
        options.update(_gateway_mode("isolated"))
    return {
        "name": spec.name,
        "driver": "bridge",
        "options": options,
        "ipam": {"Driver": "default", "Config": [{"Subnet": subnet} for subnet in spec.subnets]},
        "labels": dict(spec.labels),
        "enable_ipv6": spec.network.family is not Family.IPV4,
        "internal": spec.network.internal and not spec.transit,
    }


def _gateway_mode(mode: str) -> dict[str, str]:
    return {f"com.docker.network.bridge.gateway_mode_ipv{version}": mode for version in (4, 6)}


def without_ipv4(spec: NetworkSpec) -> bool:
    """Whether the engine itself is to leave IPv4 out."""
    return spec.network.family is Family.IPV6 and all(":" in subnet for subnet in spec.subnets)


def share(spec: ShareSpec) -> Json:
    """Arguments for APIClient.create_volume: in memory, and anybody's to write to, as /tmp is."""
    mounted = f"size={spec.size},{_SCRATCH},noexec"
    return {
        "name": spec.name,
        "driver": "local",
        "driver_opts": {"type": "tmpfs", "device": "tmpfs", "o": mounted},
        "labels": dict(spec.labels),
    }


def node(spec: NodeSpec, abilities: Abilities) -> Json:
    """The body of ContainerCreate: a held node on its networks.

    Engines that take one network only get the first; later_links() are to be connected.
    The hostname is the agent's to set: the engine's DNS server knows each container by the one it
    was created with, and answers with every address it ever gave it, taken away since or not.
    """
    links = spec.links if abilities.api >= SEVERAL_NETWORKS else spec.links[:1]
    return {
        "Image": spec.image,
        "Entrypoint": [HOLDER],
        "Cmd": [_STAYS] if links else [],
        "Env": [*_ALL_ADDRESSES, *(f"{key}={value}" for key, value in spec.env)],
        "User": NOBODY,
        "Labels": dict(spec.labels),
        "Healthcheck": {"Test": ["NONE"]},
        **_streams(once=not spec.lasting),
        "HostConfig": _host(spec),
        "NetworkingConfig": {"EndpointsConfig": {link.network: _endpoint(link) for link in links}},
    }


def later_links(spec: NodeSpec, abilities: Abilities) -> tuple[LinkSpec, ...]:
    """The links that node() had to leave out."""
    return () if abilities.api >= SEVERAL_NETWORKS else spec.links[1:]


def agent(image: str, labels: Mapping[str, str]) -> Json:
    """The body of ContainerCreate for the agent, in the engine host's pid and net namespaces."""
    return {
        "Image": image,
        "Entrypoint": list(AGENT),
        "Cmd": [],
        "User": "0:0",
        "Labels": dict(labels),
        "Healthcheck": {"Test": ["NONE"]},
        **_streams(once=True),
        "HostConfig": {
            "CapDrop": ["ALL"],
            "CapAdd": list(_AGENT_CAPABILITIES),
            "SecurityOpt": ["apparmor=unconfined", "seccomp=unconfined", "label=disable"],
            "UsernsMode": "host",  # else engines that map users refuse the next line
            "PidMode": "host",
            "NetworkMode": "host",
            "AutoRemove": True,
            "ReadonlyRootfs": True,
            "LogConfig": {"Type": "none"},
        },
    }


def _streams(*, once: bool) -> Json:
    return {
        "Tty": False,
        "OpenStdin": True,
        "StdinOnce": once,  # the end of the attached stream is the end of stdin
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
    }


def _host(spec: NodeSpec) -> Json:
    scratch = min(spec.tmpfs, spec.memory // 8)  # in memory, and counted; three times
    return {
        "NetworkMode": spec.links[0].network if spec.links else "none",
        "ExtraHosts": [f"{name}:{address}" for name, address in spec.hosts],
        **({} if spec.outside else _NO_RESOLVER),
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges"],
        "ReadonlyRootfs": True,
        "Tmpfs": {"/tmp": f"size={scratch},{_SCRATCH}"},
        "ShmSize": scratch,
        **({"Mounts": [_mount(each) for each in spec.mounts]} if spec.mounts else {}),
        "Memory": spec.memory,
        "MemorySwap": spec.memory,
        "PidsLimit": spec.pids,
        **({} if spec.cpus is None else {"NanoCpus": int(spec.cpus * 1e9)}),
        "Ulimits": [
            {"Name": "nofile", "Soft": 1024, "Hard": 16384},
            {"Name": "core", "Soft": 0, "Hard": 0},
        ],
        "Init": False,
        "RestartPolicy": {"Name": "no"},
        "LogConfig": _log(lasting=spec.lasting),
        "Sysctls": {
            **_SYSCTLS,
            **_LASTING,
            "kernel.shmall": str(max(scratch // _PAGE, 1)),
            **(_FORWARDING if spec.forwards else {}),
        },
    }


def _mount(spec: MountSpec) -> Json:
    # What the image has at that path stays out of it: a share begins empty, whoever comes first.
    return {
        "Type": "volume",
        "Source": spec.share,
        "Target": spec.path,
        "VolumeOptions": {"NoCopy": True},
    }


def _log(*, lasting: bool) -> Json:
    # `local` keeps bytes as they are; json-file would make text of them.
    if lasting:
        return {
            "Type": "local",
            "Config": {"max-size": "32m", "max-file": "1", "compress": "false"},
        }
    return {"Type": "none"}


def _endpoint(link: LinkSpec) -> Json:
    return {"IPAMConfig": ipam(link)}


def ipam(link: LinkSpec) -> dict[str, str]:
    """The fixed addresses of a link."""
    given = {"IPv4Address": link.ipv4, "IPv6Address": link.ipv6}
    return {key: address for key, address in given.items() if address}


def filters(labels: Mapping[str, str]) -> dict[str, list[str]]:
    """A filter for things that carry all these labels; '' stands for any value."""
    return {"label": _terms(labels.items())}


def _terms(labels: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{key}={value}" if value else key for key, value in labels]
