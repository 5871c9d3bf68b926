"""Which agent works beside an engine: a child of ours, or a container of the engine's.

Law: a child where the lab is root beside the engine, for it is there at once; a container
everywhere else. LAB_AGENT=child or LAB_AGENT=container decides it by hand.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from typing import Protocol

from lab.agent.child import ChildAgent, engine_beside, may_be_child
from lab.agent.client import JsonAgent
from lab.agent.container import ContainerAgent
from lab.errors import UsageError
from lab.ports import Image

VARIABLE = "LAB_AGENT"


class Host(Protocol):
    """What an agent's choice needs of an engine."""

    @property
    def url(self) -> str:
        """Where it answers, as in DOCKER_HOST."""
        ...

    def image(self, reference: str | None) -> Image:
        """The lab's own image, for None."""
        ...

    def start_agent(self, image: str, name: str, labels: Mapping[str, str]) -> socket.socket:
        """Start the agent's container; its stream."""
        ...

    def remove_node(self, node: str) -> None:
        """Remove a container."""
        ...


def early_agent(environment: Mapping[str, str] = os.environ) -> ChildAgent | None:
    """A child begun before an engine is known, so that it is up once one is; None: no use."""
    chosen = environment.get(VARIABLE, "child")
    return ChildAgent() if chosen == "child" and may_be_child() else None


def open_agent(
    engine: Host,
    labels: Mapping[str, str],
    early: ChildAgent | None = None,
    environment: Mapping[str, str] = os.environ,
) -> JsonAgent:
    """An agent that works beside the engine; `early` if it can. Raises EngineError, UsageError."""
    beside = engine_beside(engine.url)
    chosen = environment.get(VARIABLE) or ("container" if beside is None else "child")
    if chosen == "child":
        agent = early or ChildAgent()
        agent.locate_engine(beside)
        return agent
    if early is not None:
        early.close()
    if chosen != "container":
        raise UsageError(
            f"{VARIABLE} is '{chosen}'", help=f"say {VARIABLE}=child or {VARIABLE}=container"
        )
    name = f"lab-{secrets.token_hex(4)}-agent"
    attached = engine.start_agent(engine.image(None).reference, name, labels)
    return ContainerAgent(attached, lambda: engine.remove_node(name))
