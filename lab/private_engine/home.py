"""Where the private engine keeps its files, and the names made from that place.

Law: pure; paths and names only, nothing is looked at or made. One home is one engine: every
name that must not clash on the machine (link, firewall comment) is made from the home's path.
"""

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

DEFAULT_HOME = "/var/lib/socketlab/engine"
HOME_VARIABLE = "LAB_PRIVATE_ENGINE_HOME"


class Home(Struct, frozen=True):
    """The folder of one private engine, and all that lies in it."""

    path: Path

    @property
    def tree(self) -> Path:
        """The root tree the daemon runs in."""
        return self.path / "root"

    @property
    def data(self) -> Path:
        """The daemon's images, containers and volumes."""
        return self.path / "data"

    @property
    def run(self) -> Path:
        """What lives only as long as the daemon: /run mirrors /var/lib, as in the FHS."""
        state = Path("/var/lib")
        if self.path.is_relative_to(state):
            return Path("/run") / self.path.relative_to(state)
        return self.path / "run"

    @property
    def socket(self) -> Path:
        """The Unix socket the daemon answers on."""
        return self.run / "docker.sock"

    @property
    def url(self) -> str:
        """The socket as DOCKER_HOST wants it."""
        return f"unix://{self.socket}"

    @property
    def exec_root(self) -> Path:
        """The daemon's and its containerd's sockets and state."""
        return self.run / "exec"

    @property
    def pid_file(self) -> Path:
        """Written by the daemon; its path on the command line is what the daemon is known by."""
        return self.path / "dockerd.pid"

    @property
    def log(self) -> Path:
        """What the daemon of the latest start said."""
        return self.path / "dockerd.log"

    @property
    def tree_log(self) -> Path:
        """What mmdebstrap said while it made the tree."""
        return self.path / "mmdebstrap.log"

    @property
    def forwarding_note(self) -> Path:
        """Which interfaces did not forward packets before the daemon was started."""
        return self.run / "forwarding"

    @property
    def lock(self) -> Path:
        """Held by whoever makes, starts, stops or removes this engine."""
        return self.path / "lock"

    @property
    def name(self) -> str:
        """At most 15 characters, the longest name Linux gives a network interface."""
        return f"slab{sha256(bytes(self.path)).hexdigest()[:8]}"


def chosen(environment: Mapping[str, str] = os.environ) -> Home:
    """The home named by LAB_PRIVATE_ENGINE_HOME, else the default one."""
    return Home(Path(environment.get(HOME_VARIABLE) or DEFAULT_HOME).absolute())
