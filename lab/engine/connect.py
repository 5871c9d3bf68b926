"""Finding an engine that answers, and saying exactly why none does.

Law: bounded (10 s for an engine that accepts and says nothing), and asks one thing: GET /version.
"""

from __future__ import annotations

import errno
import os
import ssl
from collections.abc import Mapping

import requests
from docker import APIClient
from docker.errors import APIError
from msgspec import Struct

from lab.engine.address import EngineAddress, addresses
from lab.engine.clients import Clients, new_client
from lab.engine.errors import ESCAPING, NoEngineError, cause, explanation, os_error
from lab.engine.turns import REMEMBERS_WRONG
from lab.errors import EngineError
from lab.ports import Abilities

OLDEST = (1, 41)  # Engine 20.10
IPV6_ONLY = (1, 48)  # Engine 28.0: networks without IPv4
ANSWER_LIMIT = 10.0  # seconds

_GET_DOCKER = "install Docker and start it; `docker version` shows a Server section once it answers"
_JOIN = (
    'let yourself use it: sudo usermod -aG docker "$USER", then log in again; or run the lab '
    "with sudo"
)


class Connection(Struct, frozen=True):
    """An engine that answered: what it is, and clients for it."""

    clients: Clients
    abilities: Abilities


def connect(choice: str | None, environment: Mapping[str, str] = os.environ) -> Connection:
    """The engine somebody named, else the first of the usual ones that answers.

    Raises EngineError; NoEngineError where nobody named one and none of the usual ones is there.
    """
    refusals: list[EngineError] = []
    for address in addresses(choice, environment):
        try:
            return ask(address)
        except EngineError as error:
            if address.named:  # no other engine will do
                raise EngineError(error.what, help=error.help) from error
            refusals.append(error)
    raise next((e for e in refusals if not isinstance(e, NoEngineError)), refusals[0])


def ask(address: EngineAddress) -> Connection:
    """The engine at this address. Raises EngineError."""
    client: APIClient | None = None
    try:
        client = new_client(address, "1.41", ANSWER_LIMIT)
        answer = client.version(api_version=False)
        version = str(answer["Version"])
        api = _numbers(str(answer["ApiVersion"]))
    except ESCAPING as error:
        raise _refusal(address, error) from error
    finally:
        if client is not None:
            client.close()
    if api < OLDEST:
        raise EngineError(
            f"the engine at {address.url} is too old: {version} (API {_dotted(api)})",
            help="Docker Engine 20.10 (API 1.41) or newer is needed",
        )
    abilities = Abilities(
        version,
        api,
        api >= IPV6_ONLY,
        str(answer.get("KernelVersion", "")),
        networks_last=api < REMEMBERS_WRONG,
    )
    return Connection(Clients(address, _dotted(api)), abilities)


def _numbers(version: str) -> tuple[int, int]:
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def _dotted(api: tuple[int, int]) -> str:
    return f"{api[0]}.{api[1]}"


def _refusal(address: EngineAddress, error: Exception) -> EngineError:
    where = f"{address.url} ({address.source})"
    if isinstance(error, APIError):
        return EngineError(
            f"the engine at {where} refused: {explanation(error)}",
            help="`docker version` shows whether it refuses Docker itself, too",
        )
    # An SSLError is an OSError too, and a ConnectionError of requests may hold a timeout.
    inner = os_error(error)
    if isinstance(error, requests.exceptions.SSLError) or isinstance(inner, ssl.SSLError):
        return EngineError(
            f"no TLS with the engine at {where}: {cause(error)}",
            help="do DOCKER_TLS_VERIFY and DOCKER_CERT_PATH fit this engine?",
        )
    if isinstance(error, requests.Timeout) or isinstance(inner, TimeoutError):
        return EngineError(
            f"the engine at {where} did not answer within {ANSWER_LIMIT:g} s",
            help="is it hanging? try: docker version; sudo systemctl restart docker",
        )
    if inner is None:
        return EngineError(
            f"what answers at {where} is no Docker Engine",
            help="is that the right address? `docker version` names the one Docker itself uses",
        )
    return _unreachable(where, inner)


def _unreachable(where: str, error: OSError) -> EngineError:
    if error.errno in (errno.EACCES, errno.EPERM):
        return EngineError(f"you may not speak to the engine at {where}", help=_JOIN)
    if error.errno == errno.ENOENT:
        return NoEngineError(f"no Docker Engine: there is no socket {where}", help=_GET_DOCKER)
    if error.errno == errno.ECONNREFUSED:
        return NoEngineError(
            f"no Docker Engine listens at {where}",
            help=f"start it: sudo systemctl start docker; or {_GET_DOCKER}",
        )
    return NoEngineError(
        f"no Docker Engine at {where}: {error.strerror or error}", help=_GET_DOCKER
    )
