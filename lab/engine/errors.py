"""What the engine, or the way to it, says: turned into errors a user can act on.

Law: no exception of docker, requests, urllib3 or the socket leaves the engine package; every
one becomes an EngineError that says what was being done, what happened and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import requests
import urllib3
from docker.errors import APIError, DockerException

from lab.errors import EngineError, LabError
from lab.ports import SubnetTakenError

ESCAPING: Final = (
    APIError,
    DockerException,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    OSError,
    ValueError,  # an answer that is no JSON
    LookupError,  # an answer without what the API promises
)

# The bridge driver and the address management of 20.10 to 29 each have their own words.
_OVERLAP = re.compile(r"overlap|conflicts with network", re.IGNORECASE)
_NO_IPV6 = re.compile(r"/proc/sys/net/ipv6\S*: no such file", re.IGNORECASE)
_FULL = re.compile(r"no space left on device", re.IGNORECASE)
_NO_IMAGE = re.compile(r"no such image", re.IGNORECASE)
_NO_POOLS = re.compile(r"address pools? .*(subnetted|among the defaults)", re.IGNORECASE)
_NO_HOLDER = re.compile(r"/\.lab/holder\S*:? .*no such file", re.IGNORECASE)

DOCTOR = "`lab doctor` looks at the engine and says what is wrong"


class NoEngineError(EngineError):
    """Nobody named an engine and none of the usual ones is there: install or start one."""


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Whatever goes wrong inside becomes an EngineError that begins with `cannot <doing>`."""
    try:
        yield
    except (LabError, SubnetTakenError):
        raise
    except ESCAPING as error:
        raise explained(doing, error) from error


def explained(doing: str, error: Exception) -> EngineError:
    """The EngineError for an exception of the layers below."""
    if isinstance(error, APIError):
        said = explanation(error)
        return EngineError(f"cannot {doing}: {said}", help=_help(said))
    if isinstance(error, (ValueError, LookupError)):  # also what requests says of no JSON
        return EngineError(
            f"cannot {doing}: the engine's answer makes no sense ({type(error).__name__}: {error})",
            help=f"is something else between the lab and the engine? {DOCTOR}",
        )
    if isinstance(error, (requests.Timeout, TimeoutError, urllib3.exceptions.TimeoutError)):
        return EngineError(
            f"cannot {doing}: the engine did not answer in time",
            help=f"is it overloaded or hanging? {DOCTOR}",
        )
    if isinstance(error, (requests.ConnectionError, OSError, urllib3.exceptions.HTTPError)):
        return EngineError(
            f"cannot {doing}: the connection to the engine broke ({cause(error)})",
            help=f"was it stopped or restarted? {DOCTOR}",
        )
    return EngineError(f"cannot {doing}: {type(error).__name__}: {error}", help=DOCTOR)


def explanation(error: APIError) -> str:
    """The engine's own words, on one line."""
    return " ".join(str(error.explanation or error).split())


def status(error: APIError) -> int:
    """The HTTP status of a refusal; 0 where there was none."""
    return error.status_code or 0


def is_overlap(error: APIError) -> bool:
    """Whether a network was refused because its addresses are taken."""
    return bool(_OVERLAP.search(explanation(error)))


def cause(error: BaseException) -> str:
    """The innermost reason of a chain of exceptions, for people."""
    found = os_error(error)
    if found is not None:
        return found.strerror or str(found)
    return str(error)


def os_error(error: BaseException) -> OSError | None:
    """The system's own error inside a chain of exceptions; requests and urllib3 nest it."""
    seen: set[int] = set()
    chain = [error]
    while chain:
        link = chain.pop()
        if id(link) in seen:
            continue
        seen.add(id(link))
        if isinstance(link, OSError) and not isinstance(link, requests.RequestException):
            return link
        around = (link.__cause__, link.__context__, *link.args, getattr(link, "reason", None))
        chain += [other for other in around if isinstance(other, BaseException)]
    return None


def _help(said: str) -> str:
    if _NO_IPV6.search(said):
        return "the engine's kernel has IPv6 turned off; boot it without ipv6.disable=1"
    if _FULL.search(said):
        return "free some space on the engine's host: docker system df, docker system prune"
    if _NO_IMAGE.search(said):
        return "somebody removed it meanwhile; `lab build` makes the lab's own again"
    if _NO_POOLS.search(said):
        return "remove networks nobody uses: docker network prune"
    if _NO_HOLDER.search(said):
        return "the image was not made ready to be held: run `lab build`"
    return ""
