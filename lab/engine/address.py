"""Where an engine may be, in the order they are tried.

Law: nothing is asked here; only the command line's choice, the environment and Docker's own
configuration are read. Sources: docker(1), "Environment variables"; Docker docs, "contexts".
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from docker.errors import DockerException
from docker.utils import kwargs_from_env
from msgspec import Struct

from lab.errors import EngineError, UsageError

if TYPE_CHECKING:
    from docker.tls import TLSConfig

MODERN = "modern"
_DEFAULT = "unix:///var/run/docker.sock"
_SCHEMES = ("unix://", "tcp://", "http://", "https://", "npipe://")


class EngineAddress(Struct, frozen=True):
    """A place where an engine may answer; `source` says who named it, for messages."""

    url: str
    source: str
    tls: TLSConfig | None = None
    named: bool = True  # by somebody, so that no other one will do


def addresses(choice: str | None, environment: Mapping[str, str]) -> Iterator[EngineAddress]:
    """The addresses to try, best first: one if somebody named it, else all the usual ones.

    Raises UsageError for one that cannot be used, EngineError where `modern` is not running.
    """
    for name, source in ((choice, "--engine"), (environment.get("LAB_ENGINE"), "LAB_ENGINE")):
        if name:
            yield _chosen(name, source)
            return
    if environment.get("DOCKER_HOST"):
        yield _from_environment(environment)
        return
    context = _context(environment)
    if context is not None:
        yield context
        return
    yield from _usual(environment)


def packed(address: EngineAddress) -> str:
    """An address as text, for another process of this machine; unpacked() is the inverse."""
    tls = address.tls
    keys = None if tls is None else {"cert": tls.cert, "ca": tls.ca_cert, "verify": tls.verify}
    return json.dumps({"url": address.url, "source": address.source, "tls": keys})


def unpacked(text: str) -> EngineAddress:
    """The address that packed() wrote."""
    from docker.tls import TLSConfig  # noqa: PLC0415 - for a watchdog only

    found = json.loads(text)
    keys = found["tls"]
    if keys is None:
        return EngineAddress(found["url"], found["source"])
    pair = tuple(keys["cert"]) if keys["cert"] else None
    tls = TLSConfig(client_cert=pair, ca_cert=keys["ca"], verify=keys["verify"])
    return EngineAddress(found["url"], found["source"], tls)


def _chosen(name: str, source: str) -> EngineAddress:
    if name == MODERN:
        found = _private(named=True)
        if found is None:
            raise EngineError(
                "the private engine is not running", help="start it: make modern-engine"
            )
        return found
    return EngineAddress(_usable(name, source), source)


def _usable(url: str, source: str) -> str:
    if url.startswith("ssh://"):
        raise UsageError(
            f"{source}: {url}: the lab cannot speak to an engine over ssh://",
            help="forward its socket: ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock HOST\n"
            "and name that: unix:///tmp/docker.sock",
        )
    if not url.startswith(_SCHEMES):
        raise UsageError(
            f"{source}: {url!r} is no address of an engine",
            help=f"write unix:///path/to/docker.sock, tcp://host:port or {MODERN}",
        )
    return url


def _from_environment(environment: Mapping[str, str]) -> EngineAddress:
    url = _usable(environment["DOCKER_HOST"], "DOCKER_HOST")
    try:
        settings = kwargs_from_env(environment=dict(environment))
    except (DockerException, OSError) as error:
        raise EngineError(
            f"DOCKER_HOST={url}: TLS cannot be set up: {error}",
            help="DOCKER_CERT_PATH must hold ca.pem, cert.pem and key.pem",
        ) from error
    return EngineAddress(str(settings.get("base_url", url)), "DOCKER_HOST", settings.get("tls"))


def _context(environment: Mapping[str, str]) -> EngineAddress | None:
    name = environment.get("DOCKER_CONTEXT") or _current_context(environment)
    if name in ("", "default"):
        return None
    from docker.context import ContextAPI  # noqa: PLC0415 - only for those who use contexts

    source = f"docker context {name!r}"
    try:
        context = ContextAPI.get_context(name)
    except (DockerException, OSError, ValueError, LookupError) as error:
        raise EngineError(f"{source} cannot be read: {error}") from error
    if context is None or not context.Host:
        raise EngineError(
            f"{source} does not exist", help="docker context ls shows those there are"
        )
    tls = context.TLSConfig
    return EngineAddress(_usable(context.Host, source), source, tls or None)


def _current_context(environment: Mapping[str, str]) -> str:
    home = environment.get("DOCKER_CONFIG") or str(Path.home() / ".docker")
    try:
        settings = json.loads((Path(home) / "config.json").read_bytes())
    except (OSError, ValueError):
        return ""
    return str(settings.get("currentContext", "")) if isinstance(settings, dict) else ""


def _usual(environment: Mapping[str, str]) -> Iterator[EngineAddress]:
    if sys.platform == "win32":
        yield EngineAddress("npipe:////./pipe/docker_engine", "the default pipe", named=False)
        return
    yield EngineAddress(_DEFAULT, "the default socket", named=False)
    runtime = environment.get("XDG_RUNTIME_DIR")
    others = [Path(runtime) / "docker.sock"] if runtime else []  # rootless Docker
    others.append(Path.home() / ".docker/run/docker.sock")  # Docker Desktop
    for path in others:
        if _is_there(path):
            yield EngineAddress(f"unix://{path}", "a socket of yours", named=False)
    private = _private(named=False)
    if private is not None:
        yield private


def _is_there(path: Path) -> bool:
    return os.access(path, os.F_OK)


def _private(*, named: bool) -> EngineAddress | None:
    from lab.private_engine import endpoint  # noqa: PLC0415 - rarely needed

    url = endpoint()
    return None if url is None else EngineAddress(url, "the private engine", named=named)
