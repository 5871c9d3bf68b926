"""The wire between the host and the private engine's network namespace.

Law: chooses addresses that collide with nothing on the host, and makes or removes the host's end
of one veth pair; packet filters are another module's.
"""

import json
import subprocess
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, ip_address
from itertools import chain
from pathlib import Path

from msgspec import Struct

from .errors import PrivateEngineError

INSIDE = "outside"  # the link's name in the engine's namespace: what leads out
# Outside Docker's default pools (172.17-31.*, 192.168.*) and the usual home networks.
CANDIDATES = (IPv4Network("10.213.77.0/24"), IPv4Network("100.127.77.0/24"))


class Link(Struct, frozen=True):
    """A veth pair: `name` on the host with the subnet's first address, INSIDE with the second."""

    name: str
    subnet: IPv4Network
    mtu: int  # bytes

    @property
    def host_address(self) -> IPv4Address:
        """The host's end, and the engine's way out."""
        return self.subnet[1]

    @property
    def engine_address(self) -> IPv4Address:
        """The engine's end."""
        return self.subnet[2]


def choose(name: str) -> Link:
    """A link under `name` with the MTU of the host's uplink and a subnet nothing here uses."""
    taken = [*networks(ip("route", "show", "table", "all")), *nameserver_networks()]
    return Link(name, free_subnet(taken), uplink_mtu())


def free_subnet(taken: Iterable[IPv4Network]) -> IPv4Network:
    """The first /30 of the candidates that overlaps none taken. Raises PrivateEngineError."""
    used = list(taken)
    for subnet in chain.from_iterable(pool.subnets(new_prefix=30) for pool in CANDIDATES):
        if not any(subnet.overlaps(other) for other in used):
            return subnet
    raise PrivateEngineError(
        "no free subnet for the link to the private engine: this machine has routes to all of "
        + " and ".join(map(str, CANDIDATES))
    )


def networks(routes: Sequence[dict[str, str]]) -> list[IPv4Network]:
    """Where `ip -json -4 route` entries lead, the default route (everywhere) left out."""
    found = (route.get("dst", "default") for route in routes)
    return [IPv4Network(where, strict=False) for where in found if where != "default"]


def nameserver_networks(resolver: Path = Path("/etc/resolv.conf")) -> list[IPv4Network]:
    """The host's IPv4 name servers, each a network of one."""
    text = resolver.read_text() if resolver.exists() else ""
    addresses = (ip_address(server) for server in nameservers(text))
    return [IPv4Network(address) for address in addresses if isinstance(address, IPv4Address)]


def nameservers(text: str) -> list[str]:
    """The addresses on `nameserver` lines (resolv.conf(5)), scopes left out."""
    lines = (line.split() for line in text.splitlines())
    return [words[1].split("%")[0] for words in lines if words[:1] == ["nameserver"] and words[1:]]


def reachable_resolver(paths: Sequence[Path]) -> str:
    """The first of the resolv.conf files that a namespace of its own can use, "" if none can.

    A name server on the host's loopback (systemd-resolved's stub) is out of its reach.
    """
    for path in paths:
        text = path.read_text() if path.exists() else ""
        servers = [ip_address(server) for server in nameservers(text)]
        if servers and not any(server.is_loopback for server in servers):
            return text
    return ""


def uplink() -> str | None:
    """The interface the host's IPv4 default route leaves by, None where there is none."""
    routes = sorted(ip("route", "show", "default"), key=lambda route: int(route.get("metric", 0)))
    return next((route["dev"] for route in routes if "dev" in route), None)


def uplink_mtu() -> int:
    """The MTU of the uplink in bytes; Ethernet's 1500 where there is no uplink."""
    name = uplink()
    return int(Path(f"/sys/class/net/{name}/mtu").read_text()) if name else 1500


def make(link: Link, pid: int) -> None:
    """Make the pair, the other end in the network namespace of process `pid`."""
    run("link", "add", link.name, "mtu", str(link.mtu), "type", "veth",
        "peer", "name", INSIDE, "mtu", str(link.mtu), "netns", str(pid))  # fmt: skip
    run("addr", "add", f"{link.host_address}/{link.subnet.prefixlen}", "dev", link.name)
    run("link", "set", link.name, "up")


def inside_commands(link: Link) -> list[list[str]]:
    """What the engine's own namespace runs to be on the link."""
    address = f"{link.engine_address}/{link.subnet.prefixlen}"
    return [
        ["ip", "link", "set", "lo", "up"],
        ["ip", "addr", "add", address, "dev", INSIDE],
        ["ip", "link", "set", INSIDE, "up"],
        ["ip", "route", "add", "default", "via", str(link.host_address)],
    ]


def remove(name: str) -> None:
    """Remove the pair if it is there."""
    if Path(f"/sys/class/net/{name}").exists():
        subprocess.run(["ip", "link", "delete", name], check=False, capture_output=True)


def ip(*arguments: str) -> list[dict[str, str]]:
    """What ip-route(8) and its siblings say, as JSON entries of IPv4."""
    command = ["ip", "-json", "-4", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    entries: list[dict[str, str]] = json.loads(done.stdout or "[]")
    return entries


def run(*arguments: str) -> None:
    """Run ip(8). Raises PrivateEngineError with what it complained about."""
    done = subprocess.run(["ip", *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        raise PrivateEngineError(f"`ip {' '.join(arguments)}` failed: {done.stderr.strip()}")
