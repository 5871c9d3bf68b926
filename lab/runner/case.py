"""One case, from plan to verdict: make its machines, perform the steps, settle, judge, remove.

Law: judged from what was observed alone; and whatever happens, everything made is removed. The
verdict is told as soon as it is known, removal goes on behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module

from msgspec.structs import replace

from lab.errors import LabError
from lab.events import Capture, Fact, Observation, merged
from lab.executor.deployment import Deployment
from lab.executor.loop import Loop
from lab.executor.names import new_run
from lab.executor.settling import Settling
from lab.executor.stage import LiveStage
from lab.judge import judge, judge_impairments, summarize
from lab.model import Scenario
from lab.plan import asks_for_packets
from lab.ports import Abilities, Expectation, peers_of
from lab.progress import Narrator
from lab.requirements import missing, tried
from lab.result import ImpairmentResult, Listener, ScenarioResult, Timing
from lab.runner.making import Making
from lab.runner.timeline import Timeline
from lab.runner.world import World
from lab.strays import judge_families
from lab.verdict import Judgement, Verdict, skipped, unknown

DISSECTION = "lab.dissection.layers"  # slow to import, which is done while the engine makes things


def run_case(
    scenario: Scenario, world: World, loop: Loop, listen: Listener, *, keep: bool = False
) -> ScenarioResult:
    """Run one case; the result is told to `listen` before removal begins.

    `keep` leaves the nodes up. Raises CancelledRun once everything is removed; what goes wrong
    with the engine or the agent becomes an ERROR verdict.
    """
    return _Case(scenario, world, loop, Narrator(scenario, listen), keep=keep).run()


def stand_up(scenario: Scenario, world: World, loop: Loop, listen: Listener) -> None:
    """Make a case's machines, held, and leave them standing.

    Raises LabError, CancelledRun; then nothing is left.
    """
    _Case(scenario, world, loop, Narrator(scenario, listen), keep=True).stand_up()


class _Case:
    def __init__(
        self, scenario: Scenario, world: World, loop: Loop, narrator: Narrator, *, keep: bool
    ) -> None:
        self._scenario = scenario
        self._world = world
        self._loop = loop
        self._narrator = narrator
        self._keep = keep
        names = new_run(
            scenario.name, keeper=world.keeper if keep else "", seconds=scenario.timeout
        )
        self._names = names
        self._making = Making(scenario, world, loop, names, narrator.changed)
        self._timeline = Timeline(scenario, world.clock, narrator)
        self._bindings: Mapping[str, str] = {}
        self._impairments: tuple[ImpairmentResult, ...] = ()
        self._began = world.clock.now()
        self._phases: list[tuple[str, float]] = []

    def run(self) -> ScenarioResult:
        self._narrator.began()
        troubles: tuple[str, ...] = ()
        verdict = Verdict.ERROR
        try:
            result = self._verdict()
            verdict = result.verdict
            self._narrator.ended(result)
        finally:
            troubles = self._finish(verdict)
            self._narrator.removed(troubles)
        self._narrator.complain()
        return replace(result, troubles=troubles)

    def stand_up(self) -> None:
        self._narrator.began()
        self._narrator.phase("making")
        try:
            deployment = self._making.make()
            self._narrator.complain()
            self._world.spare(self._names.run)
            deployment.leave()
        except BaseException:
            self._making.remove(doubtful=True)
            raise

    def _finish(self, verdict: Verdict) -> tuple[str, ...]:
        """Remove everything, or leave up what can be used and was asked for."""
        if self._keep and self._making.done and not self._loop.cancelled:
            self._world.spare(self._names.run)
            self._making.leave()
            return ()
        self._narrator.phase("removing")
        passed = verdict is Verdict.PASS
        return self._making.remove(doubtful=verdict is Verdict.ERROR, passed=passed)

    # -- from plan to verdict

    def _verdict(self) -> ScenarioResult:
        try:
            if lack := missing(self._scenario.requires, self._abilities()):
                return self._result((skipped(lack),))
            self._phase("making")
            if asks_for_packets(self._scenario):
                self._world.pool.submit(import_module, DISSECTION)
            deployment = self._making.make()
            self._phase("running")
            return self._result(self._play(deployment))
        except LabError as error:
            deaths = self._making.casualties()
            return self._result(deaths or (unknown(error.what),), help_text=error.help)

    def _abilities(self) -> Abilities:
        """What the engine can do, and of its host's kernel what this scenario requires."""
        abilities = self._world.engine.abilities()
        if words := tried(self._scenario.requires):
            features = abilities.features | self._world.agent.features(words)
            return replace(abilities, features=features)
        return abilities

    def _play(self, deployment: Deployment) -> Sequence[Judgement]:
        deadline = self._world.clock.now() + self._scenario.timeout
        stage = LiveStage(self._loop, self._world.agent, deployment.site, self._exits(), deadline)
        self._bindings = stage.bindings()
        try:
            return self._perform(stage, deployment, deadline)
        finally:
            stage.collect()

    def _perform(
        self, stage: LiveStage, deployment: Deployment, deadline: float
    ) -> Sequence[Judgement]:
        failure = self._timeline.perform(stage, deployment.casualties, deadline)
        if failure is not None:
            with suppress(LabError):  # what failed says more than that this cannot be told
                self._impairments = stage.links.impairing.results()
            return (failure,)
        self._phase("collecting")
        machines = tuple(deployment.site.machines.values())
        happened = self._narrator.happened
        pulse = deployment.site.pulse
        settling = Settling(
            self._loop, self._world.agent, stage, pulse, machines, happened=happened
        )
        wanted = [(each.node, each.expectation) for each in self._scenario.expectations]
        cut_short = settling.settle(wanted, deadline)
        families = judge_families(self._scenario.topology, self._crossed())
        judgements = (*self._timeline.judgements(), *self._judge(stage), *families)
        self._impairments = stage.links.impairing.results()
        if not cut_short:
            judgements = (*judgements, *judge_impairments(self._impairments))
        else:
            judgements = tuple(j for j in judgements if j.final or j.verdict is Verdict.PASS)
        return deployment.deaths() or judgements

    def _judge(self, stage: LiveStage) -> Sequence[Judgement]:
        needs: dict[str, frozenset[Fact]] = {}
        peers: dict[str, tuple[str, ...]] = {}
        for wanted in self._scenario.expectations:
            needs[wanted.node] = needs.get(wanted.node, frozenset()) | wanted.expectation.needs
            peers[wanted.node] = (*peers.get(wanted.node, ()), *peers_of(wanted.expectation))
        nodes = {node: stage.observe(node, facts, peers[node]) for node, facts in needs.items()}
        return judge(self._scenario.expectations, Observation(nodes, stage.bindings()))

    def _crossed(self) -> Mapping[str, Capture]:
        """What crossed the links of each node of which that was captured."""
        machines = self._making.machines()
        recordings = {name: m.recording for name, m in machines.items() if m.recording}
        return {name: recording.last() for name, recording in recordings.items()}

    def _capture(self, verdict: Verdict) -> Capture | None:
        """Of all links, where everything was captured, and is kept for that verdict."""
        keep = self._world.packets
        everything = keep.captures or asks_for_packets(self._scenario)
        if not everything or not keep(verdict) or not self._making.done:
            return None
        return merged(self._crossed())

    def _exits(self) -> dict[str, list[Expectation]]:
        """What must be true of each node's program once that has ended."""
        exits: dict[str, list[Expectation]] = {}
        for wanted in self._scenario.expectations:
            if wanted.expectation.kind == "exit":
                exits.setdefault(wanted.node, []).append(wanted.expectation)
        return exits

    def _result(self, judgements: Sequence[Judgement], help_text: str = "") -> ScenarioResult:
        verdict, reason = summarize(judgements)
        return ScenarioResult(
            scenario=self._scenario.name.partition("[")[0],
            case=self._scenario.name,
            path=self._scenario.path,
            intent=self._scenario.intent,
            verdict=verdict,
            reason=reason,
            seconds=self._world.clock.now() - self._began,
            steps=self._timeline.results(),
            nodes=self._making.nodes(),
            judgements=tuple(judgements),
            help=help_text,
            bindings=self._bindings,
            networks=self._making.networks(),
            timing=Timing(self._began, tuple(self._phases), self._making.ahead()),
            capture=self._capture(verdict),
            impairments=self._impairments,
            seed=self._scenario.seed if self._impairments else "",
        )

    def _phase(self, name: str) -> None:
        self._phases.append((name, self._world.clock.now()))
        self._narrator.phase(name)
