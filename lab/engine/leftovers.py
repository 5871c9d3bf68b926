"""What is on the engine under the lab's labels.

Law: found by label alone, never by name; removing what is gone is no error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from docker import APIClient
from docker.errors import APIError

from lab.engine import networks, payloads
from lab.engine.errors import explanation, status
from lab.errors import EngineError
from lab.ports import Leftover

MADE = {"type": ["container", "network", "volume"], "event": "create"}  # of what find() finds


def find(client: APIClient, labels: Mapping[str, str]) -> tuple[Leftover, ...]:
    """Containers, networks and volumes that carry all the labels, in an order to remove them."""
    wanted = payloads.filters(labels)
    return (
        *_containers(client.containers(all=True, filters=wanted)),
        *_networks(client.networks(filters=wanted)),
        *_volumes(client.volumes(filters=wanted)["Volumes"] or ()),
    )


def _containers(found: Any) -> Iterator[Leftover]:
    for one in found:
        name = next(iter(one.get("Names") or ()), one["Id"]).lstrip("/")
        running = one.get("State") == "running"
        yield Leftover("container", one["Id"], name, one["Labels"] or {}, running)


def _networks(found: Any) -> Iterator[Leftover]:
    for one in found:
        yield Leftover("network", one["Id"], one["Name"], one["Labels"] or {})


def _volumes(found: Any) -> Iterator[Leftover]:
    for one in found:
        yield Leftover("volume", one["Name"], one["Name"], one["Labels"] or {})


def settle(client: APIClient, leftover: Leftover) -> None:
    """Wait for a container's start: the engine tells of it (its lock) once that is over."""
    _ignoring_gone(client.inspect_container, leftover.id)


def remove(client: APIClient, leftover: Leftover, *, wait: bool = True) -> None:
    """Remove one, by its id; `wait` for nodes that are just leaving a network."""
    match leftover.what:
        case "container":
            remove_container(client, leftover.id)
        case "network":
            networks.remove(client, leftover.id, wait=wait)
        case "volume":
            remove_volume(client, leftover.id)
        case "image":
            _ignoring_gone(client.remove_image, leftover.id)
        case what:
            raise EngineError(f"{leftover.name}: there is no way to remove a {what}")


def remove_container(client: APIClient, name: str) -> None:
    """Kill and remove it with its volumes, or wait until somebody else has.

    The engine refuses (409) while another removal of the same container is under way.
    """
    try:
        client.remove_container(name, v=True, force=True)
    except APIError as error:
        if status(error) == 404:
            return
        if status(error) != 409 or "already in progress" not in explanation(error):
            raise
        _ignoring_gone(client.wait, name, condition="removed")


def remove_volume(client: APIClient, name: str) -> None:
    """Remove it with all that is in it. The engine refuses while a container has it."""
    _ignoring_gone(client.remove_volume, name, force=True)


def _ignoring_gone(call: Any, *args: Any, **options: Any) -> None:
    try:
        call(*args, **options)
    except APIError as error:
        if status(error) != 404:
            raise
