"""Which agent works beside an engine: a child of ours, or a container of the engine's.

Law: a child where the lab is root beside the engine, or where a rootless engine is its own user's:
it is there at once, and can do what is asked for. A container everywhere else. LAB_AGENT=child or
LAB_AGENT=container decides it by hand. LAB_IMPAIR=nfqueue keeps the kernel from impairing links
itself, so that both ways can be compared.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from typing import Protocol

from lab.agent.child import ChildAgent, engine_beside, may_be_child, rootless
from lab.agent.client import JsonAgent
from lab.agent.container import ContainerAgent
from lab.agent.failures import NoTracerError
from lab.errors import UsageError
from lab.ports import Image

VARIABLE = "LAB_AGENT"
WAY_VARIABLE = "LAB_IMPAIR"


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
    *,
    traces: bool = False,
) -> JsonAgent:
    """An agent that works beside the engine; `early` if it can. Raises EngineError, UsageError.

    `traces`: it will have to, so a child is of no use where there is no strace.
    """
    kernel = _kernel_may(environment)
    agent = _open(engine, labels, early, environment, traces=traces)
    agent.kernel = kernel
    return agent


def _kernel_may(environment: Mapping[str, str]) -> bool:
    """Whether the kernel may impair links. Raises UsageError."""
    way = environment.get(WAY_VARIABLE, "")
    if way not in ("", "nfqueue"):
        raise UsageError(
            f"{WAY_VARIABLE} is {way!r}", help=f"say {WAY_VARIABLE}=nfqueue, or nothing"
        )
    return not way


def _open(
    engine: Host,
    labels: Mapping[str, str],
    early: ChildAgent | None,
    environment: Mapping[str, str],
    *,
    traces: bool,
) -> JsonAgent:
    beside = engine_beside(engine.url)
    chosen = environment.get(VARIABLE) or ("container" if beside is None else "child")
    if chosen == "child" and beside is not None and rootless(beside):
        return _within(beside, early)
    if chosen == "child":
        agent = early or ChildAgent()
        agent.locate_engine(beside)
        if environment.get(VARIABLE) or not traces or _can_trace(agent):
            return agent
        early, chosen = agent, "container"
    if early is not None:
        early.close()
    if chosen != "container":
        raise UsageError(
            f"{VARIABLE} is '{chosen}'", help=f"say {VARIABLE}=child or {VARIABLE}=container"
        )
    name = f"lab-{secrets.token_hex(4)}-agent"
    attached = engine.start_agent(engine.image(None).reference, name, labels)
    return ContainerAgent(attached, lambda: engine.remove_node(name))


def _within(engine: int, early: ChildAgent | None) -> ChildAgent:
    """A child where a rootless engine is, whose containers are shown no processes but their own."""
    if early is not None:
        early.close()
    return ChildAgent(engine, within=engine)


def _can_trace(agent: JsonAgent) -> bool:
    try:
        agent.tracer()
    except NoTracerError:
        return False
    return True
