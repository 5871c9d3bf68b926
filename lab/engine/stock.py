"""The images that were asked for so far: each made ready once, however many threads ask.

Law: nothing is built that is there; what failed is tried again by the next who asks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from lab.engine import images
from lab.engine.clients import Clients
from lab.errors import EngineError
from lab.image.recipe import Recipe, read
from lab.ports import Image

# Beside the package in a checkout of the lab.
OWN_SERVICES = Path(__file__).parents[2] / "services"

_SILENCE_LIMIT = 900.0  # seconds; a registry or a builder may say nothing for long


class Stock:
    """Images of one engine; `services` is the folder that goes into the lab's own."""

    def __init__(
        self,
        clients: Clients,
        services: Path,
        report: Callable[[str], None],
        recipe: Recipe | None = None,
    ) -> None:
        """`recipe`: that of the services, if it is known already."""
        self._clients = clients
        self._services = services
        self._report = report
        self._known = recipe
        self._ready: dict[str | None, Future[Image]] = {}
        self._lock = threading.Lock()
        self._glance: Future[None] = Future()
        self._glance.set_result(None)

    def glance(self) -> None:
        """See whether the lab's own image is there, while the caller does something else."""
        self._glance = Future()
        threading.Thread(target=self._look, name="glance", daemon=True).start()

    def _look(self) -> None:
        try:
            recipe, client = self._recipe(), self._clients.mine()
            found = images.present(client, recipe)
            if found is not None:
                self._ready.setdefault(None, Future()).set_result(Image(found, (), ()))
        except EngineError:
            return  # whoever asks for the image is told
        finally:
            self._glance.set_result(None)

    def image(self, reference: str | None) -> Image:
        """An image made ready to be held; None is the lab's own. Raises EngineError."""
        self._glance.result()
        with self._lock:
            first = reference not in self._ready
            future = self._ready.setdefault(reference, Future())
        if first:
            self._make(reference, future)
        return future.result()

    def _make(self, reference: str | None, future: Future[Image]) -> None:
        try:
            future.set_result(self._made(reference))
        except BaseException as error:  # noqa: BLE001 - given to all who wait, not swallowed
            with self._lock:
                del self._ready[reference]
            future.set_exception(error)

    def _made(self, reference: str | None) -> Image:
        recipe = self._recipe()
        with self._clients.patient(_SILENCE_LIMIT) as client:
            if reference is None:
                return Image(images.ensure(client, recipe, self._report), (), ())
            own = self.image(None).reference
            return images.held(client, recipe, reference, own, self._report)

    def _recipe(self) -> Recipe:
        try:
            self._known = self._known or read(self._services)
        except OSError as error:
            raise EngineError(
                f"cannot read what the lab's image is made of: {error}",
                help="a project has a folder services/ beside scenarios/; it may be empty",
            ) from error
        return self._known
