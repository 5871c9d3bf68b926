"""When the agent's program says idle, and when it says changed, of nodes that follow a script."""

from collections.abc import Sequence
from typing import cast

import pytest

from lab.agent.program.idle import idle
from lab.agent.program.node import Facts, Node
from lab.agent.program.processes import Task
from lab.agent.program.refusal import FAILED, GONE, Refusal
from lab.agent.program.watches import FULL, Watches

A = frozenset({("7", "7", "S", "12 3 ")})
A_THAT_RAN = frozenset({("7", "7", "S", "13 3 ")})
ENDED = Refusal(GONE, "the node has ended")


class ScriptedNode:
    """Answers from lists, the last answer again and again; a Refusal is raised."""

    def __init__(self, asleep: Sequence[frozenset[Task] | Refusal | None], *, busy: bool = False):
        self._asleep = list(asleep)
        self._busy = busy
        self.number = 0
        self.state = "ESTAB"
        self.ended = False
        self.looked = 0

    def asleep(self) -> frozenset[Task] | None:
        answer = self._asleep.pop(0) if len(self._asleep) > 1 else self._asleep[0]
        if isinstance(answer, Refusal):
            raise answer
        return answer

    def expects(self) -> bool:
        return self._busy

    def look(self, facts: Sequence[str]) -> Facts:
        self.looked += 1
        if self.ended:
            raise ENDED
        return {fact: [self.number, self.state] for fact in facts}

    def glance(self, facts: Sequence[str]) -> Facts:
        if self.ended:
            raise ENDED
        return {fact: [self.number] for fact in facts}


def is_idle(*nodes: ScriptedNode) -> bool:
    return idle([cast("Node", node) for node in nodes])


def test_asleep_twice_with_nothing_outstanding_is_idle() -> None:
    assert is_idle(ScriptedNode([A]), ScriptedNode([frozenset()]))


@pytest.mark.parametrize(
    "node",
    [
        ScriptedNode([None]),
        ScriptedNode([A, None]),
        ScriptedNode([A, A_THAT_RAN]),
        ScriptedNode([A, frozenset()]),
        ScriptedNode([A], busy=True),
    ],
    ids=["runs", "woke", "ran in between", "ended in between", "outstanding"],
)
def test_one_node_at_work_is_enough(node: ScriptedNode) -> None:
    assert not is_idle(ScriptedNode([A]), node)


def test_a_node_that_ended_is_idle() -> None:
    assert is_idle(ScriptedNode([ENDED]), ScriptedNode([A]))


def test_a_node_that_cannot_be_told_is_not_passed_over() -> None:
    with pytest.raises(Refusal, match="no"):
        is_idle(ScriptedNode([Refusal(FAILED, "no")]))


class Watched:
    """Watches of one scripted node, and what they told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.node = ScriptedNode([A])
        self.watches = Watches(self.told.append)
        self.watches.add("x", cast("Node", self.node), ["sockets"])

    def passes(self, count: int) -> None:
        """Have it make so many passes, each when it is due."""
        for _ in range(count):
            while self.watches.pause():
                pass
            self.watches.look()


def test_nothing_watched_needs_no_pass() -> None:
    assert Watches(lambda _: None).pause() is None


def test_nothing_changed_tells_nothing() -> None:
    watched = Watched()
    watched.passes(2 * FULL)
    assert watched.told == []


def test_a_glance_is_all_it_takes_while_nothing_changes() -> None:
    watched = Watched()
    before = watched.node.looked
    watched.passes(2 * FULL)
    assert watched.node.looked == before + 2


def test_however_many_are_watched_each_is_looked_at_as_often() -> None:
    nodes = [ScriptedNode([A]) for _ in range(50)]
    watched = Watched()
    for at, node in enumerate(nodes):
        watched.watches.add(f"n{at}", cast("Node", node), ["sockets"])
    before = [node.looked for node in nodes]
    watched.passes(2 * FULL)
    assert [node.looked for node in nodes] == [looked + 2 for looked in before]


def test_a_change_in_number_is_told_at_the_next_pass_and_once() -> None:
    watched = Watched()
    watched.passes(1)
    watched.node.number = 1
    watched.passes(1)
    assert watched.told == ["x"]
    watched.passes(2 * FULL)
    assert watched.told == ["x"]


def test_a_change_that_leaves_the_number_is_told_in_turn() -> None:
    watched = Watched()
    watched.passes(1)
    watched.node.state = "CLOSE-WAIT"
    watched.passes(FULL)
    assert watched.told == ["x"]


def test_a_node_that_ends_is_told_once_and_watched_no_more() -> None:
    watched = Watched()
    watched.node.ended = True
    watched.passes(1)
    assert watched.told == ["x"]
    assert watched.watches.pause() is None


def test_a_watch_removed_tells_nothing_more() -> None:
    watched = Watched()
    watched.passes(1)
    watched.node.number = 1
    watched.watches.remove("x")
    watched.watches.remove("x")
    assert watched.watches.pause() is None
    watched.watches.look()
    assert watched.told == []
