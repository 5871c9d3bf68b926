"""What the lab needs of the world outside, and of its kinds, as Protocols.

A Protocol has the plain name; implementations an adjective (DockerEngine, FakeEngine).
"""

from lab.ports.agent import Agent, Crossing, Fallen, Impaired, Networks, Spare, Traced
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
from lab.ports.kinds import Expectation, Links, Relation, Stage, Step, StepFailed, peers_of

__all__ = [
    "Abilities",
    "Agent",
    "Capacity",
    "Clock",
    "Crossing",
    "Engine",
    "Expectation",
    "Fallen",
    "Image",
    "Impaired",
    "Leftover",
    "LinkSpec",
    "Links",
    "MountSpec",
    "NetworkSpec",
    "Networks",
    "NodeSpec",
    "Relation",
    "Route",
    "ShareSpec",
    "Spare",
    "Stage",
    "Started",
    "Step",
    "StepFailed",
    "SubnetTakenError",
    "Traced",
    "peers_of",
]
