"""What is waited for is looked at anew where something happened, and nowhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.events import State
from lab.executor.loop import Loop
from lab.executor.stage import LiveStage
from lab.executor.watched import Outstanding, Watched
from lab.result import NodeChanged, PhaseBegan, Progress
from lab.verdict import Judgement, Verdict, failed, passed
from tests.unit.cases import bench, case

JUDGEMENTS = (passed(), passed(final=True), failed("no"), failed("never", final=True))


class Script:
    """Judgements that change as told; counts how often each is asked for."""

    def __init__(self, *said: Judgement) -> None:
        self.said = list(said)
        self.asked: Counter[int] = Counter()
        self.watched = Watched([partial(self._judge, at) for at in range(len(said))])

    def _judge(self, at: int) -> Judgement:
        self.asked[at] += 1
        return self.said[at]

    def change(self, at: int, judgement: Judgement) -> None:
        self.said[at] = judgement
        self.watched.touch(at)


def test_only_what_was_touched_is_looked_at_again() -> None:
    script = Script(*[failed("not yet")] * 400)
    assert not script.watched.met()
    script.change(7, passed())
    assert not script.watched.met()
    assert script.asked.pop(7) == 2
    assert set(script.asked.values()) == {1}


def test_anew_looks_at_all_of_them() -> None:
    script = Script(failed("not yet"), failed("not yet"))
    assert not script.watched.met()
    script.said = [passed(), passed()]
    assert not script.watched.met()
    script.watched.anew()
    assert script.watched.met()


def test_nothing_to_wait_for_is_met_and_decided() -> None:
    watched = Watched([])
    assert (watched.met(), watched.doomed(), watched.decided()) == (True, False, True)


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(JUDGEMENTS))))
def test_whatever_changes_it_says_what_all_of_them_come_to(
    changes: list[tuple[int, Judgement]],
) -> None:
    script = Script(*[failed("not yet")] * 5)
    for at, judgement in changes:
        script.change(at, judgement)
        unmet = [said for said in script.said if said.verdict is not Verdict.PASS]
        assert script.watched.unmet() == tuple(unmet)
        assert script.watched.met() == (not unmet)
        assert script.watched.doomed() == any(said.final for said in unmet)
        assert script.watched.decided() == all(said.final for said in unmet)


def test_a_condition_that_was_true_is_not_asked_again() -> None:
    asked: Counter[int] = Counter()
    true: set[int] = set()

    def condition(at: int) -> Callable[[], bool]:
        def asks() -> bool:
            asked[at] += 1
            return at in true

        return asks

    outstanding = Outstanding(condition(at) for at in range(400))
    assert not outstanding()
    true.update(range(200, 400))
    assert not outstanding()
    before = asked.total()
    assert not outstanding()
    assert asked.total() == before + 1
    true.update(range(200))
    assert outstanding()
    assert outstanding()


NODES = 200
EACH = 25  # judgements of one node: of three expectations, at first, at its events and at last


def test_a_run_judges_as_much_for_each_node_however_many_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged = 0
    judge = LiveStage._judge

    def counted(*args: object, **options: object) -> Judgement:
        nonlocal judged
        judged += 1
        return judge(*args, **options)  # type: ignore[arg-type]

    scenario = case(
        "intent: it must\n"
        "timeout: 60s\n"
        "networks: {lan: {family: ipv6}}\n"
        f"nodes: {{a: {{image: any, args: [cat], networks: [lan], count: {NODES}}}}}\n"
        "steps: [{start: a}]\n"
        'expect: {a: {stdout: ""}}\n'
    )
    with bench() as lab:

        def one_after_another(event: Progress, _: Loop) -> None:
            collecting = isinstance(event, PhaseBegan) and event.phase == "collecting"
            if collecting or (isinstance(event, NodeChanged) and event.state is State.ENDED):
                for node in islice(lab.engine.nodes.values(), *turn):
                    assert node.holder is not None
                    node.holder.processes[0].end_input()
                turn[:] = [turn[1], turn[1] + 1]

        turn = [0, 1]
        monkeypatch.setattr(LiveStage, "_judge", counted)
        assert lab.run(scenario, one_after_another).verdict is Verdict.PASS
    assert judged < EACH * NODES
