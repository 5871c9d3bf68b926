"""A scenario as a printable graph of operations.

Law: planning never touches Docker; it decides everything an executor would have to decide.
"""

from lab.plan.operations import (
    AdoptNode,
    AttachNode,
    CaptureNode,
    CreateNetwork,
    CreateNode,
    CreateShare,
    FlushShadow,
    ImpairNode,
    IsolateNetwork,
    Operation,
    PerformStep,
    Plan,
    PrepareImage,
    RemoveNetwork,
    RemoveNode,
    RemoveShare,
    RouteNode,
    StartNode,
    TraceNode,
)
from lab.plan.planning import asks_for_packets, plan, shadowed

__all__ = [
    "AdoptNode",
    "AttachNode",
    "CaptureNode",
    "CreateNetwork",
    "CreateNode",
    "CreateShare",
    "FlushShadow",
    "ImpairNode",
    "IsolateNetwork",
    "Operation",
    "PerformStep",
    "Plan",
    "PrepareImage",
    "RemoveNetwork",
    "RemoveNode",
    "RemoveShare",
    "RouteNode",
    "StartNode",
    "TraceNode",
    "asks_for_packets",
    "plan",
    "shadowed",
]
