"""Networks on the engine: made as asked or not at all, removed once nothing is on them.

Law: waits for the engine's own events, never for time; bounded.
"""

from __future__ import annotations

import email.utils
from collections.abc import Iterator

from docker import APIClient
from docker.errors import APIError

from lab.engine import payloads
from lab.engine.errors import explanation, is_overlap, status
from lab.errors import EngineError
from lab.ports import Abilities, NetworkSpec, SubnetTakenError

_LEAVE_LIMIT = 10  # seconds for the last nodes to leave a network that is to be removed


def create(client: APIClient, spec: NetworkSpec, abilities: Abilities) -> None:
    """Make it. Raises SubnetTakenError, EngineError, and what docker-py raises."""
    try:
        client.create_network(**payloads.network(spec, abilities))
    except APIError as error:
        if is_overlap(error):
            raise SubnetTakenError(f"{', '.join(spec.subnets)}: {explanation(error)}") from error
        raise
    if payloads.without_ipv4(spec):
        _verify(client, spec)


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
        try:
            client.remove_network(name)
        except APIError as error:
            if status(error) == 404:
                return
            if not _in_use(error):
                raise
        else:
            return
    raise EngineError(
        f"cannot remove network {name}: {explanation(refusal)}",
        help="something else is connected to it; disconnect that, then: lab clean",
    )


def _departures(client: APIClient, name: str, refusal: APIError) -> Iterator[object]:
    """One item for every node that left since the refusal, for at most _LEAVE_LIMIT seconds.

    The engine's own clock says since when, and its engine ends the stream: nothing is missed
    between the refusal and the first look, and a silent network ends too.
    """
    refused = _engine_time(refusal)
    yield from client.events(
        since=refused - 1,
        until=refused + _LEAVE_LIMIT,
        filters={"type": "network", "event": "disconnect", "network": name},
        decode=True,
    )
    yield "the last try"


def _engine_time(error: APIError) -> int:
    if error.response is None:
        return 0
    return int(email.utils.parsedate_to_datetime(error.response.headers["Date"]).timestamp())
