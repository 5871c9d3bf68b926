"""What the lab's things are called on the engine, and whose they are.

Law: everything made carries these labels before it exists, and is found again by them.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from msgspec import Struct

from lab.owner import owned


class RunNames(Struct, frozen=True):
    """Names and labels of one run: `lab-<run>-<what>`."""

    run: str
    scenario: str
    keeper: str = ""  # for whom its things stay when the lab goes away
    seconds: float = 0.0  # it takes at most

    @property
    def lasting(self) -> bool:
        """Whether its things stay when the lab goes away."""
        return bool(self.keeper)

    def of(self, what: str) -> str:
        """The engine's name for a node or network."""
        return f"lab-{self.run}-{what}"

    def labels(self, node: str = "") -> Mapping[str, str]:
        """The labels of a node, or of something that is none."""
        labels = {"lab.run": self.run, "lab.scenario": self.scenario, **owned(self.seconds)}
        if self.lasting:
            labels["lab.lasting"] = self.keeper
        return {**labels, "lab.node": node} if node else labels


def agent_labels() -> Mapping[str, str]:
    """The labels of an agent's container, which belongs to a process and not to one run."""
    return new_run("agent").labels()


def new_run(scenario: str, *, keeper: str = "", seconds: float = 0.0) -> RunNames:
    """Names no other run has."""
    return RunNames(secrets.token_hex(4), scenario, keeper, seconds)
