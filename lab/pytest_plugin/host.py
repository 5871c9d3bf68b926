"""A node as testinfra sees it, through the lab's own stream to the machine.

Law: no call of the engine and no docker command: what testinfra runs is one more program that the
node's holder begins, with the rights, limits and networks that all programs there have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from testinfra.backend.base import BaseBackend, CommandResult  # type: ignore[import-untyped]
from testinfra.host import Host  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from lab.pytest_plugin.node import RunningNode

_WITHIN = 60.0  # seconds a command may take


class NodeBackend(BaseBackend):  # type: ignore[misc]
    """testinfra's way to a node."""

    NAME = "lab"

    def __init__(self, node: RunningNode) -> None:
        super().__init__(node.name)
        self._node = node

    def run(self, command: str, *args: str, **_: Any) -> CommandResult:
        """A command line for the machine's shell."""
        __tracebackhide__ = True
        line = self.get_command(command, *args)
        done = self._node.run("/bin/sh", "-c", line, within=_WITHIN)
        return self.result(done.status, self.encode(line), done.stdout, done.stderr)


def host(node: RunningNode) -> Host:
    """The node as testinfra's Host."""
    backend = NodeBackend(node)
    made = Host(backend)
    backend.set_host(made)
    return made
