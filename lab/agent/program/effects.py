"""What becomes of a packet: lost, spoilt, doubled, late, overtaken, held up by a slow link.

Law: pure; the time is told, never looked at. A packet meets every impairment it matches, in their
order. What is chosen depends on the seed and on how many matching packets came before.
"""

from collections.abc import Mapping

from .chance import Chooser, chooser, fraction
from .packets import Packet
from .refusal import UNKNOWN, Refusal

CHOSEN = ("loss", "corrupt", "duplicate", "reorder")
PATIENCE = 0.2  # seconds a packet waits at most for another to overtake it
_BITS = 8


class Fate:
    """Of one packet: when it goes on, `lost` or not, `twice` or not, with which bytes."""

    def __init__(self, data: bytes, due: float) -> None:
        self.data = data
        self.due = due
        self.lost = False
        self.twice = False
        self.behind: Impairment | None = None  # it waits for the next packet of this one


class Impairment:
    """One impairment of one node's packets, as lab.executor.impairing writes it.

    `counts` tells of each effect how many packets it fell on, and under `seen` how many matched.
    """

    def __init__(self, written: Mapping[str, object]) -> None:
        self._seed = _text(written, "seed")
        self._interfaces = written.get("interfaces")
        self._to = written.get("to")
        self._transport = written.get("transport")
        self._port = written.get("port")
        effects = written.get("effects")
        if not isinstance(effects, dict) or not isinstance(self._interfaces, list):
            raise Refusal(UNKNOWN, "an impairment has effects, and interfaces they fall on")
        self._choosers: dict[str, Chooser] = {
            word: chooser(effects[word], f"{self._seed}/{word}")
            for word in CHOSEN
            if word in effects
        }
        self._delay = float(effects.get("delay", 0))
        self._jitter = float(effects.get("jitter", 0))
        self._rate = float(effects.get("rate", 0))
        self._free = 0.0  # when the link has sent what it has
        self.counts = {"seen": 0, **dict.fromkeys(effects, 0)}

    def matches(self, packet: Packet, interface: int) -> bool:
        """Whether the packet is one of those meant."""
        return (
            interface in self._interfaces  # type: ignore[operator]  # a list, as was made sure
            and (self._to is None or packet.destination in self._to)  # type: ignore[operator]
            and self._transport in (None, packet.transport)
            and (self._port is None or self._port in packet.ports)
        )

    def meet(self, fate: Fate, packet: Packet) -> None:
        """Have it fall on a packet that matches."""
        self.counts["seen"] += 1
        if self._chosen("loss"):
            fate.lost = True
            return
        if self._chosen("corrupt"):
            fate.data = spoilt(fate.data, packet, self._seed, self.counts["seen"])
        if self._chosen("duplicate"):
            fate.twice = True
        self._retard(fate)
        if "reorder" in self._choosers and self._choosers["reorder"](self.counts["seen"]):
            fate.behind = self  # counted once it was overtaken

    def _chosen(self, word: str) -> bool:
        if word not in self._choosers or not self._choosers[word](self.counts["seen"]):
            return False
        self.counts[word] += 1
        return True

    def busy_until(self, when: float) -> None:
        """Its slow link sends until then what another way began."""
        self._free = when

    def _retard(self, fate: Fate) -> None:
        """First the slow link sends it, then it is on its way (as with netem)."""
        if self._rate:
            begun = max(self._free, fate.due)
            fate.due = self._free = begun + len(fate.data) * _BITS / self._rate
            self.counts["rate"] += 1
        if self._delay or self._jitter:
            swing = 2 * fraction(f"{self._seed}/jitter", self.counts["seen"]) - 1
            fate.due += max(0.0, self._delay + self._jitter * swing)
            for word in ("delay", "jitter"):
                if word in self.counts:
                    self.counts[word] += 1


def spoilt(data: bytes, packet: Packet, seed: str, number: int) -> bytes:
    """With one bit turned over in what the transport carries, or in its last byte where that is
    nothing. Checksums stay as they are, so the receiver's kernel sees it, and throws it away."""
    start = min(packet.start, len(data) - 1)
    bit = int(fraction(f"{seed}/bit", number) * (len(data) - start) * 8)
    at, turned = start + bit // 8, 1 << bit % 8
    return data[:at] + bytes([data[at] ^ turned]) + data[at + 1 :]


def _text(written: Mapping[str, object], name: str) -> str:
    value = written.get(name)
    if not isinstance(value, str):
        raise Refusal(UNKNOWN, f"{name!r} of an impairment must be a string")
    return value
