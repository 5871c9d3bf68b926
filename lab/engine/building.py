"""One build by the engine's own (legacy) builder, told in plain words.

Law: shows what it was told to and nothing else; a build that fails says at which step, and with
which last words.
"""

from __future__ import annotations

import io
import os
import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from docker import APIClient
from msgspec import Struct

from lab.errors import EngineError
from lab.image.recipe import Recipe, steps

_SILENCE_LIMIT = 900  # seconds; apt-get says nothing while it works
_STEP = re.compile(r"Step (\d+)/(\d+) : ")
_LAST_LINES = 15
_PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy")
_LOCAL = re.compile(r"//(localhost|127\.|\[::1\])")
_NO_NETWORK = re.compile(
    r"temporary failure resolving|could not resolve|unable to connect|failed to fetch|"
    r"network is unreachable",
    re.IGNORECASE,
)


class Ingredients(Struct, frozen=True):
    """`wanted` is the base's name as asked for, `base` what stands for it, `tag` the result's."""

    wanted: str
    base: str
    tag: str


def build(
    client: APIClient,
    recipe: Recipe,
    ingredients: Ingredients,
    report: Callable[[str], None],
    *,
    force: bool = False,
) -> None:
    """Build the recipe on a base and tag it; `force` uses no earlier layer. Raises EngineError."""
    proxies = _proxies(os.environ)
    progress = Progress(steps(recipe.dockerfile), report)
    stream = client.build(
        fileobj=io.BytesIO(recipe.context()),
        custom_context=True,
        tag=ingredients.tag,
        buildargs={"BASE": ingredients.base, "BASE_NAME": ingredients.wanted, **proxies},
        network_mode="host" if any(map(_LOCAL.search, proxies.values())) else None,
        nocache=force,
        rm=True,
        forcerm=True,
        decode=True,
        timeout=_SILENCE_LIMIT,
    )
    for message in stream:
        progress.take(message)


def _proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """The proxies of the environment, as the arguments every Dockerfile has."""
    found = {}
    for name in _PROXIES:
        value = environment.get(name) or environment.get(name.upper())
        if value:
            found[name] = found[name.upper()] = value
    return found


class Progress:
    """Where a build stands, from the builder's messages."""

    def __init__(self, words: tuple[str, ...], report: Callable[[str], None]) -> None:
        self._words = words
        self._report = report
        self._step = ""
        self._last: deque[str] = deque(maxlen=_LAST_LINES)

    def take(self, message: Mapping[str, Any]) -> None:
        """One message of the builder. Raises EngineError when it is about failure."""
        if message.get("error"):
            raise self._failure(str(message["error"]))
        text = str(message.get("stream") or "")
        found = _STEP.match(text)
        if found:
            self._begin(int(found[1]), int(found[2]), text[found.end() :])
        else:
            self._last.extend(line for line in text.splitlines() if line.strip())

    def _begin(self, number: int, of: int, instruction: str) -> None:
        words = self._words[number - 1] if number <= len(self._words) else ""
        self._step = words or instruction.strip()
        self._last.clear()
        if words:
            self._report(f"[{number}/{of}] {words}")

    def _failure(self, error: str) -> EngineError:
        said = "\n".join(f"  {line}" for line in (*self._last, error.strip()))
        advice = "the lab's own files are in order? then report this, with the lines above"
        if _NO_NETWORK.search(said):
            advice = (
                "the build installs Debian packages: can containers of this engine reach Debian's "
                "mirrors? http_proxy and https_proxy are passed on to it"
            )
        return EngineError(f"the image could not be built: {self._step}:\n{said}", help=advice)
