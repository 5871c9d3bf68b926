"""Networks on the engine: made as asked or not at all, removed once nothing is on them.

Law: waits for the engine's own events, never for time; bounded.
"""

from __future__ import annotations

from collections.abc import Iterator

from docker import APIClient
from docker.errors import APIError

from lab.engine import following, payloads
from lab.engine.errors import explanation, is_overlap, status
from lab.errors import EngineError
from lab.ports import Abilities, NetworkSpec, SubnetTakenError

_SHOWN = 12  # digits of an id
_LEAVE_LIMIT = 10  # seconds for the last nodes to leave a network that is to be removed


def create(client: APIClient, spec: NetworkSpec, abilities: Abilities) -> str:
    """Make it; its bridge. Raises SubnetTakenError, EngineError, and what docker-py raises."""
    try:
        made = client.create_network(**payloads.network(spec, abilities))
    except APIError as error:
        if is_overlap(error):
            raise SubnetTakenError(f"{', '.join(spec.subnets)}: {explanation(error)}") from error
        raise
    if payloads.without_ipv4(spec):
        _verify(client, spec)
    return f"br-{str(made['Id'])[:_SHOWN]}"  # what the engine calls it, where no option does


def _verify(client: APIClient, spec: NetworkSpec) -> None:
    """Engines that do not know the option ignore it: look whether there is IPv4 all the same."""
    config = client.inspect_network(spec.name)["IPAM"]["Config"] or ()
    subnets = [str(part.get("Subnet", "")) for part in config]
    unasked = [subnet for subnet in subnets if subnet and ":" not in subnet]
    if unasked:
        remove(client, spec.name)
        raise EngineError(
            f"{spec.name}: the engine gives an IPv6-only network IPv4 ({', '.join(unasked)})",
            help="Docker Engine 28 or newer has IPv6-only networks of its own",
        )


def remove(client: APIClient, name: str, *, wait: bool = True) -> None:
    """Remove it; `wait` for nodes that are just leaving. Gone already is no error."""
    try:
        client.remove_network(name)
    except APIError as error:
        if status(error) == 404:
            return
        if not (wait and _in_use(error)):
            raise
        _remove_when_left(client, name, error)


def _in_use(error: APIError) -> bool:
    return "active endpoints" in explanation(error)


def _remove_when_left(client: APIClient, name: str, refusal: APIError) -> None:
    for _ in _departures(client, name, refusal):
        if _removed(client, name):
            return
    if _let_go(client, name) and _removed(client, name):
        return
    raise _held(client, name)


def _held(client: APIClient, network: str) -> EngineError:
    """Who keeps it: somebody, or a count that the engine got wrong."""
    found = client.inspect_network(network)
    name, on_it = found.get("Name", network), found["Containers"] or {}
    names = ", ".join(sorted(str(one.get("Name", key)) for key, one in on_it.items()))
    if names:
        return EngineError(
            f"cannot remove network {name}: {names} is connected to it",
            help="disconnect that (docker network disconnect), then: lab clean",
        )
    return EngineError(
        f"cannot remove network {name}: no container is on it, but the engine lost count",
        help="it counts anew when it is restarted: do that when nobody needs it, then: lab clean",
    )


def _removed(client: APIClient, name: str) -> bool:
    """Try once more; whether it is gone."""
    try:
        client.remove_network(name)
    except APIError as error:
        if status(error) != 404 and not _in_use(error):
            raise
        return status(error) == 404
    return True


def _let_go(client: APIClient, name: str) -> bool:
    """Take away what the engine still counts as connected, of containers that are gone.

    Engine 20.10 may leave an end behind of a container that was removed while it was started.
    """
    there = client.inspect_network(name).get("Containers") or {}
    strays = [str(end["Name"]) for key, end in there.items() if key.startswith("ep-")]
    for stray in strays:
        client.disconnect_container_from_network(stray, name, force=True)
    return bool(strays)


def _departures(client: APIClient, name: str, refusal: APIError) -> Iterator[object]:
    """One item for every node that left since the refusal, for at most _LEAVE_LIMIT seconds."""
    refused = 0 if refusal.response is None else following.dated(refusal.response)
    told = {"type": "network", "event": "disconnect", "network": name}
    return following.looks(client, told, since=refused - 1, until=refused + _LEAVE_LIMIT)
