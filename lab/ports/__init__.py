"""What the lab needs of the world outside, and of its kinds, as Protocols.

A Protocol has the plain name; implementations an adjective (DockerEngine, FakeEngine).
"""

from lab.ports.agent import Agent
from lab.ports.clock import Clock
from lab.ports.engine import (
    Abilities,
    Capacity,
    Engine,
    Image,
    Leftover,
    LinkSpec,
    MountSpec,
    NetworkSpec,
    NodeSpec,
    Route,
    ShareSpec,
    Started,
    SubnetTakenError,
)
from lab.ports.kinds import Expectation, Relation, Stage, Step, StepFailed, peers_of

__all__ = [
    "Abilities",
    "Agent",
    "Capacity",
    "Clock",
    "Engine",
    "Expectation",
    "Image",
    "Leftover",
    "LinkSpec",
    "MountSpec",
    "NetworkSpec",
    "NodeSpec",
    "Relation",
    "Route",
    "ShareSpec",
    "Stage",
    "Started",
    "Step",
    "StepFailed",
    "SubnetTakenError",
    "peers_of",
]
