"""When a case went through what, and on which networks, as JSON and back.

Law: decoding what was encoded gives the same; a record that has none of it is an older one, and
what it does not say is not known.
"""

from __future__ import annotations

from typing import Any

from lab.events import Capture, Exit, Life, ProcessRecord
from lab.result import LinkResult, NetworkResult, NodeResult, ScenarioResult, Timing

Json = dict[str, Any]


def of_case(result: ScenarioResult) -> Json:
    """Its networks and times."""
    return {
        "networks": [[net.name, net.family, list(net.subnets)] for net in result.networks],
        "timing": None if result.timing is None else _timing(result.timing),
        "capture": None if result.capture is None else _capture(result.capture),
    }


def _capture(capture: Capture) -> Json:
    """What of it is not in the file of its packets."""
    return {"gap": capture.gap, "epoch": capture.epoch}


def _timing(timing: Timing) -> Json:
    ahead = None if timing.ahead is None else list(timing.ahead)
    return {"began": timing.began, "phases": [list(p) for p in timing.phases], "ahead": ahead}


def of_node(node: NodeResult) -> Json:
    """Where it was."""
    links = [[link.network, list(link.addresses)] for link in node.links]
    return {"links": links, "forwards": node.forwards}


def of_program(program: ProcessRecord) -> Json:
    """Each of its lives."""
    return {"lives": [[life.began, life.ended, exit_json(life.exit)] for life in program.lives]}


def exit_json(ended: Exit | None) -> Json | None:
    """How a program ended."""
    return None if ended is None else {"status": ended.status, "signal": ended.signal}


# -- and back --------------------------------------------------------------------------------


def to_networks(found: Json) -> tuple[NetworkResult, ...]:
    """Of a case."""
    return tuple(
        NetworkResult(name, family, tuple(nets)) for name, family, nets in found.get("networks", ())
    )


def to_timing(found: Json) -> Timing | None:
    """Of a case."""
    if (timing := found.get("timing")) is None:
        return None
    phases = tuple((name, at) for name, at in timing["phases"])
    ahead = timing["ahead"]
    return Timing(timing["began"], phases, None if ahead is None else (ahead[0], ahead[1]))


def to_links(found: Json) -> tuple[LinkResult, ...]:
    """Of a node."""
    return tuple(LinkResult(network, tuple(given)) for network, given in found.get("links", ()))


def to_lives(found: Json) -> tuple[Life, ...]:
    """Of a program."""
    return tuple(Life(began, end, to_exit(how)) for began, end, how in found.get("lives", ()))


def to_exit(found: Json | None) -> Exit | None:
    """How a program ended."""
    return None if found is None else Exit(found["status"], found["signal"])
