"""A scenario as a printable graph of operations.

Law: planning never touches Docker; it decides everything an executor would have to decide.
"""

from lab.plan.operations import (
    AdoptNode,
    AttachNode,
    CreateNetwork,
    CreateNode,
    CreateShare,
    FlushShadow,
    Operation,
    PerformStep,
    Plan,
    PrepareImage,
    RemoveNetwork,
    RemoveNode,
    RemoveShare,
    RouteNode,
    StartNode,
)
from lab.plan.planning import plan, shadowed

__all__ = [
    "AdoptNode",
    "AttachNode",
    "CreateNetwork",
    "CreateNode",
    "CreateShare",
    "FlushShadow",
    "Operation",
    "PerformStep",
    "Plan",
    "PrepareImage",
    "RemoveNetwork",
    "RemoveNode",
    "RemoveShare",
    "RouteNode",
    "StartNode",
    "plan",
    "shadowed",
]
