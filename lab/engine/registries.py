"""Images out of registries, in bounded time.

Law: a registry that cannot be reached is a reason within seconds, never a hang.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from docker import APIClient, auth
from docker.errors import APIError
from docker.utils import parse_repository_tag

from lab.engine.clients import CONNECT_LIMIT
from lab.engine.errors import ESCAPING, cause, explanation, status
from lab.errors import EngineError

_ANSWER_LIMIT = 8.0  # seconds for a registry to say that it has an image
_SILENCE_LIMIT = 120.0  # seconds without any progress of a pull


def inspect(client: APIClient, reference: str) -> dict[str, Any] | None:
    """What the engine knows of an image; None where it has none of that name."""
    try:
        return dict(client.inspect_image(reference))  # type: ignore[no-untyped-call]
    except APIError as error:
        if status(error) == 404:
            return None
        raise


def refusal(client: APIClient, reference: str) -> str | None:
    """Why an image's registry does not offer it, in a few words; None where it does."""
    try:
        with patience(client, _ANSWER_LIMIT):
            client.inspect_distribution(reference)  # type: ignore[no-untyped-call]
    except APIError as error:
        return explanation(error)
    except ESCAPING:
        return f"its registry did not answer within {_ANSWER_LIMIT:g} s"
    return None


def pull(client: APIClient, reference: str, report: Callable[[str], None]) -> str | None:
    """Fetch an image; None when it is there, otherwise why not, in a few words."""
    reason = refusal(client, reference)
    if reason is not None:
        return reason
    report(f"pulling {reference}")
    try:
        return _fetch(client, reference)
    except ESCAPING as error:
        return f"it was not fetched to its end ({cause(error)})"


@contextmanager
def patience(client: APIClient, seconds: float) -> Iterator[None]:
    """Let requests of this client be silent so long, meanwhile."""
    before = client.timeout
    client.timeout = (CONNECT_LIMIT, seconds)  # type: ignore[assignment]
    try:
        yield
    finally:
        client.timeout = before


def _fetch(client: APIClient, reference: str) -> str | None:
    """POST /images/create; docker-py's own pull() waits for ever."""
    repository, tag = parse_repository_tag(reference)
    registry, _ = auth.resolve_repository_name(repository)
    header = auth.get_config_header(client, registry)
    answer = client.post(
        f"{client.base_url}/v{client.api_version}/images/create",
        params={"fromImage": repository, "tag": tag or "latest"},
        headers={"X-Registry-Auth": header} if header else {},
        stream=True,
        timeout=(CONNECT_LIMIT, _SILENCE_LIMIT),
    )
    with answer:
        if not answer.ok:
            return " ".join(answer.text.split())
        for line in answer.iter_lines():
            failure = json.loads(line).get("error")
            if failure:
                return str(failure)
    return None


def missing(reference: str, reason: str) -> EngineError:
    """The error for an image that is neither on the engine nor in a registry."""
    return EngineError(
        f"there is no image {reference} on the engine, and it cannot be pulled: {reason}",
        help=f"build it, or load it (docker load), under the name {reference}",
    )
