"""What steps may do to a running scenario: lab.ports.Stage over live machines.

Law: every wait is for events, with a check first and a deadline last; nothing is decided but
whether an expectation given to it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial

from msgspec.structs import replace

from lab.events import Fact, NodeObservation, ProcessRecord, State
from lab.executor.asking import ask
from lab.executor.beginning import begin
from lab.executor.links import LiveLinks
from lab.executor.loop import Loop
from lab.executor.machine import Machine
from lab.executor.site import Site
from lab.executor.watched import Watched
from lab.frames import NODE_PROGRAM
from lab.model import Node
from lab.ports import Agent, Expectation, StepFailed, peers_of
from lab.verdict import Judgement, Verdict

Wanted = tuple[str, Expectation]
_LIMIT = 60.0  # seconds for the holder to begin a program: the lab's own work


class LiveStage:
    """The running scenario, as steps see it."""

    def __init__(
        self,
        loop: Loop,
        agent: Agent,
        site: Site,
        ends: Mapping[str, Sequence[Expectation]],
        deadline: float,
    ) -> None:
        """`ends`: for each node, what must be true of its program once that has ended.

        `deadline`, on the loop's clock, is that of the whole run: no wait goes past it.
        """
        self._loop = loop
        self._last = deadline
        self._agent = agent
        self._site = site
        self._machines = site.machines
        self._bindings = site.bindings
        self._ends = ends
        self._runs: dict[str, tuple[Machine, int]] = {
            name: (machine, NODE_PROGRAM) for name, machine in site.machines.items()
        }

    @property
    def links(self) -> LiveLinks:
        """What may be done to the nodes' links."""
        return self._site.wires

    # -- acting

    def release(self, nodes: Sequence[str]) -> None:
        """Let held programs begin together, ended ones again, and wait until each has."""
        machines = [self._machines[name] for name in nodes]
        orders = [(m, NODE_PROGRAM, self._site.argv(m.node)) for m in machines]
        begin(self._loop, self._agent, orders)

    def run(self, node: str, argv: Sequence[str], name: str = "") -> str:
        """Begin another program on the node; the key it is observed under."""
        machine = self._machines[node]
        process, key = machine.visited(name)
        self._runs[key] = (machine, process)
        begin(self._loop, self._agent, [(machine, process, argv)])
        return key

    def command(self, node: str, service: str) -> Sequence[str] | None:
        """What a node of that service runs, before its arguments; None for other nodes."""
        own = self._machines[node].node
        return self._site.command(own) if own.service == service else None

    def collect(self) -> None:
        """Have what the agent took down of all programs by now."""
        for machine in self._machines.values():
            machine.collect(self._agent)

    def forget(self, key: str) -> None:
        """A program that run() began is over, and nobody asks for it any more."""
        machine, process = self._runs.pop(key)
        machine.forget(process)

    def send(self, node: str, data: bytes) -> None:
        """Bytes for the program's standard input."""
        machine, process = self._runs[node]
        machine.send(data, process)

    def close_input(self, node: str) -> None:
        """End of the program's standard input."""
        machine, process = self._runs[node]
        machine.close_input(process)

    def signal(self, node: str, number: int) -> None:
        """A signal for the program's main process."""
        machine, process = self._runs[node]
        machine.signal(number, process)

    def signal_group(self, node: str, number: int) -> None:
        """A signal for the program and its children."""
        machine, process = self._runs[node]
        machine.signal_group(number, process)

    def kill(self, node: str) -> None:
        """SIGKILL for every process on the node."""
        self._machines[node].kill()

    def bindings(self) -> Mapping[str, str]:
        """What `${...}` references stand for."""
        return self._bindings

    # -- waiting

    def wait(self, expectations: Iterable[Wanted], within: float) -> None:
        """Until all hold. Raises StepFailed when they cannot, or do not in time."""
        with self.watching(tuple(expectations)) as seen:
            waited = self._wait(seen, lambda: seen.met() or seen.doomed(), within)
        if worst := seen.unmet():
            blamed = next((j for j in worst if j.final), worst[0])
            raise StepFailed(_late(blamed, waited) if waited else blamed)

    def wait_ready(self, nodes: Sequence[str], within: float) -> None:
        """Until each is ready, or its program ended as its exit expectations allow.

        A node of which nothing is asked is ready as it has begun, whatever becomes of it then.
        """
        began = self._loop.clock.now()
        for node in (self._machines[name].node for name in nodes):
            if node.ready:
                self._wait_ready(node, began, within)

    def _wait_ready(self, node: Node, began: float, within: float) -> None:
        wanted = [(node.name, expectation) for expectation in node.ready]
        tracker = self._machines[node.name].tracker()

        def settled() -> bool:
            return tracker.state is State.ENDED or tracker.over() or seen.met()

        with self.watching(wanted, latest=True) as seen:
            waited = self._wait(seen, settled, within, began)
        if tracker.state is State.ENDED:
            self._check_end(node)
        elif unmet := seen.unmet():
            raise StepFailed(_not_ready(unmet[0], node, waited))

    def _check_end(self, node: Node) -> None:
        for expectation in self._ends.get(node.name, ()):
            judgement = self.judge([(node.name, expectation)])[0]
            if judgement.verdict is not Verdict.PASS:
                raise StepFailed(judgement)

    def _wait(
        self,
        seen: Watched,
        settled: Callable[[], bool],
        within: float,
        began: float | None = None,
    ) -> str:
        """Turn the loop until it is settled; how long that was tried for, if it was in vain.

        Raises EngineError where that may be because nothing gets through from a node any more.
        """
        began = self._loop.clock.now() if began is None else began
        if self._loop.until(settled, min(began + within, self._last)):
            return ""
        going = [m for m in self._machines.values() if m.released and not m.over()]
        ask(self._loop, self._site.pulse, going)
        seen.anew()
        if settled():
            return ""
        if began + within <= self._last:
            return f"waited {within:g} s"
        left = max(self._last - began, 0)
        return f"waited {left:.2g} s, then the scenario's timeout was over"

    # -- looking

    def has_begun(self, key: str) -> bool:
        """Whether the program of a node (or run key) has ever begun."""
        machine, process = self._runs[key]
        return machine.released or process != NODE_PROGRAM

    def judge(self, wanted: Iterable[Wanted], *, latest: bool = False) -> tuple[Judgement, ...]:
        """What each expectation says of what is known now."""
        return tuple(self._judge(key, each, latest=latest) for key, each in wanted)

    def observe(
        self,
        key: str,
        facts: frozenset[Fact],
        peers: Iterable[str] = (),
        *,
        latest: bool = False,
    ) -> NodeObservation:
        """Everything known of a node (or run key), facts looked up anew; and of these peers.

        `latest`: only what the program wrote since it last began.
        """
        machine, process = self._runs[key]
        found = machine.look(self._agent, facts)
        seen = machine.observe(process, found, latest=latest)
        records = {peer: self._record(peer) for peer in peers}
        return replace(seen, peers=records) if records else seen

    def _record(self, key: str) -> ProcessRecord:
        machine, process = self._runs[key]
        return machine.record(process)

    def _judge(self, key: str, expectation: Expectation, *, latest: bool) -> Judgement:
        seen = self.observe(key, expectation.needs, peers_of(expectation), latest=latest)
        return _about(expectation.judge(seen, self._bindings), key, expectation.span)

    @contextmanager
    def watching(self, wanted: Sequence[Wanted], *, latest: bool = False) -> Iterator[Watched]:
        """What these expectations come to, kept up to date while entered; changes turn the loop."""
        seen = Watched([partial(self._judge, key, each, latest=latest) for key, each in wanted])
        with ExitStack() as until:
            facts: dict[str, frozenset[Fact]] = {}
            about: dict[str, list[int]] = {}
            for at, (key, expectation) in enumerate(wanted):
                touch = partial(seen.touch, at)
                for machine in {self._runs[name][0] for name in (key, *peers_of(expectation))}:
                    machine.heed(touch)
                    until.callback(machine.ignore, touch)
                if expectation.needs:
                    name = self._runs[key][0].name
                    facts[name] = facts.get(name, frozenset()) | expectation.needs
                    about.setdefault(name, []).append(at)
            for name, needed in facts.items():
                self._agent.watch(name, needed, partial(self._told, seen, about[name]))
                until.callback(self._agent.unwatch, name)
            yield seen

    def _told(self, seen: Watched, places: Sequence[int]) -> None:
        """A fact has changed; from any thread."""
        for at in places:
            self._loop.post(partial(seen.touch, at))


def _late(judgement: Judgement, waited: str) -> Judgement:
    return replace(judgement, reason=f"{judgement.reason} ({waited})", final=True)


def _not_ready(judgement: Judgement, node: Node, waited: str) -> Judgement:
    unready = replace(judgement, reason=f"not ready: {judgement.reason}")
    if waited and not unready.final:
        unready = _late(unready, waited)
    return _about(unready, node.name, node.span)


def _about(judgement: Judgement, subject: str, span: object) -> Judgement:
    """The judgement with what it is about, where it does not say so itself."""
    return replace(
        judgement,
        subject=judgement.subject or subject,
        span=judgement.span or span,
    )
