"""What is done to the links of one node: cables, addresses, impairments.

Law: a link is known by an address its interface had when one was first asked for, whatever it has
later.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing

from . import addresses, cables, ways
from .impairer import Impairer
from .namespaces import inside
from .netlink import Netlink
from .refusal import FAILED, UNKNOWN, Refusal

_LOOPBACK = frozenset({"127.0.0.1", "::1"})


class Wiring:
    """`route` gives a route socket of the node's network namespace, `within` is to be there.

    `leave` goes there for good.
    """

    def __init__(
        self,
        route: Callable[[], Netlink],
        within: Callable[[], AbstractContextManager[None]],
        leave: Callable[[], None],
    ) -> None:
        self._route = route
        self._within = within
        self._leave = leave
        self._homes: dict[str, int] = {}
        self._impairer: Impairer | None = None

    def renumber(self, address: str, new: Sequence[str]) -> None:
        """Give the interface that had an address at first these (CIDR); its routes stay."""
        index = self._interface(address)
        routes = ways.by(self._route(), index)
        addresses.exchange(self._route(), index, list(new))
        ways.again(self._route(), routes)

    def plug(self, address: str, outside: int, *, on: bool) -> None:
        """Plug or pull the cable of the interface that had an address at first.

        `outside` is the namespace where the cable ends. Returns once both ends know.
        """
        index = self._interface(address)
        peer = cables.links(self._route())[index].peer
        with self._within():
            near = cables.End(index)
        with closing(near):
            with inside(outside):
                far = cables.End(peer)
            with closing(far):
                far.switch(on=on)
                near.settle(on=on)
                far.settle(on=on)

    def impair(self, impairments: dict[str, dict[str, object]], *, kernel: bool) -> None:
        """Have these impairments and no others; `addresses` say on which interfaces each is.

        `kernel`: it may do what it can of it.
        """
        written = {
            name: {**each, "interfaces": [self._interface(a) for a in _addresses(each)]}
            for name, each in impairments.items()
        }
        if self._impairer is None:
            outside = {i for a, i in self._known().items() if a not in _LOOPBACK}
            self._impairer = Impairer(self._leave, sorted(outside))
        self._impairer.set(written, kernel=kernel)

    def impaired(self) -> dict[str, object]:
        """What came of the impairments there ever were (see impairer)."""
        return (
            self._impairer.report() if self._impairer else {"counts": {}, "by": {}, "trouble": ""}
        )

    def holds(self) -> bool:
        """Whether a packet waits to go on."""
        return self._impairer is not None and bool(self._impairer.report()["held"])

    def close(self) -> None:
        """End what impairs."""
        if self._impairer is not None:
            self._impairer.close()

    def _interface(self, address: str) -> int:
        if address not in self._known():
            raise Refusal(FAILED, f"no interface of the node has the address {address}")
        return self._known()[address]

    def _known(self) -> dict[str, int]:
        self._homes = self._homes or addresses.homes(self._route())
        return self._homes


def _addresses(written: dict[str, object]) -> list[str]:
    found = written.get("addresses")
    if not isinstance(found, list):
        raise Refusal(UNKNOWN, "an impairment says by addresses which interfaces it is on")
    return found
