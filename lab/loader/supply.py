"""Where nodes' programs come from: the catalog, and images that take the place of services."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from lab.catalog import Catalog
from lab.errors import UsageError
from lab.loader.words import image_fault
from lab.source.scope import did_you_mean


class Supply(Struct, frozen=True):
    """`use` maps a service to the image used for it wherever it is named."""

    catalog: Catalog
    use: Mapping[str, str]

    def check(self) -> None:
        """Raises UsageError for a service or an image that cannot be one."""
        for name, image in self.use.items():
            if name not in self.catalog.names:
                near = did_you_mean(name, self.catalog.names, "services are: ")
                raise UsageError(f'there is no service "{name}" to use "{image}" for', help=near)
            if wrong := image_fault(image):
                raise UsageError(f'"{image}" is not an image', help=wrong)
