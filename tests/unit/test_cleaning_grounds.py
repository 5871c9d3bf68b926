"""What is left behind, told from what is needed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lab.cleaning.grounds import Ground, Whose, grounds, in_order
from lab.cleaning.removal import remove
from lab.errors import EngineError
from lab.owner import Surroundings
from lab.ports import Leftover
from tests.unit.cli_fakes import FoundEngine

NOW = 1000.0
SEEN = Surroundings("here", lambda pid, start: (pid, start) == (7, "70"))

ALIVE = {"lab.owner": "me@box:7", "lab.process": "here/70"}
DEAD = {"lab.owner": "me@box:8", "lab.process": "here/80"}
REUSED = {"lab.owner": "me@box:7", "lab.process": "here/60"}
FAR = {"lab.owner": "me@box:7", "lab.process": "elsewhere/70"}
OTHER_FAR = {"lab.owner": "you@box:7", "lab.process": "elsewhere/70"}
OVER, LATER = {"lab.expires": "999"}, {"lab.expires": "1000"}


def thing(
    run: str, *labels: Mapping[str, str], what: str = "container", running: bool = False
) -> Leftover:
    """One of a run."""
    carried = {"lab.run": run, "lab.scenario": "s"}
    for more in labels:
        carried.update(more)
    return Leftover(what, f"{what}-{run}", f"{what}-{run}", carried, running)


def found(*things: Leftover) -> dict[str, Whose]:
    """Whose each run is."""
    return {ground.run: ground.whose for ground in _grounds(*things)}


def _grounds(*things: Leftover) -> tuple[Ground, ...]:
    return grounds(FoundEngine(list(things)), seen=SEEN, now=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("lease", [OVER, LATER, {}], ids=["over", "later", "none"])
@pytest.mark.parametrize(
    ("owner", "expected"), [(ALIVE, Whose.RUNNING), (DEAD, Whose.LEFT), (REUSED, Whose.LEFT)]
)
def test_whether_an_owner_that_is_seen_runs_is_all_that_counts(
    owner: dict[str, str], lease: dict[str, str], expected: Whose
) -> None:
    assert found(thing("1", owner, lease, running=True)) == {"1": expected}


def test_an_owner_that_is_not_seen_has_what_it_needs_until_its_lease_is_over() -> None:
    assert found(thing("1", FAR, LATER)) == {"1": Whose.RUNNING}
    assert found(thing("1", FAR, OVER)) == {"1": Whose.LEFT}
    assert found(thing("1", FAR)) == {"1": Whose.LEFT}
    assert found(thing("1", FAR, {"lab.expires": "soon"})) == {"1": Whose.LEFT}


def test_a_lease_is_renewed_by_all_that_its_owner_makes() -> None:
    things = thing("1", FAR, OVER), thing("2", FAR, LATER), thing("3", OTHER_FAR, OVER)
    assert found(*things) == {"1": Whose.RUNNING, "2": Whose.RUNNING, "3": Whose.LEFT}


def test_a_container_that_runs_has_an_owner_that_holds_it() -> None:
    agent = thing("1", FAR, OVER, running=True)
    assert found(agent, thing("2", FAR, OVER)) == {"1": Whose.RUNNING, "2": Whose.RUNNING}


def test_what_stands_runs_without_anybody() -> None:
    up = thing("1", FAR, OVER, {"lab.lasting": "yes"}, running=True)
    assert found(up, thing("2", FAR, OVER)) == {"1": Whose.STANDING, "2": Whose.LEFT}
    assert found(thing("1", DEAD, {"lab.lasting": "yes"})) == {"1": Whose.STANDING}


def test_what_has_no_owner_is_none_of_ours() -> None:
    assert found(thing("1"), thing("2", {"lab.expires": "1"})) == {}


def test_what_is_of_no_run_is_its_owners() -> None:
    assert found(thing("", DEAD)) == {"me@box:8": Whose.LEFT}


def test_containers_are_removed_before_networks_of_other_runs_too() -> None:
    both = _grounds(
        thing("1", DEAD, what="network"), thing("2", DEAD), thing("1", DEAD, what="volume")
    )
    assert [each.what for each in in_order(both)] == ["container", "network", "volume"]


def test_nothing_is_removed_while_anything_may_be_starting() -> None:
    removed_by_then = list[int]()

    class Starting(FoundEngine):
        def settle(self, leftover: Leftover) -> None:
            super().settle(leftover)
            removed_by_then.append(len(things) - len(self.things))
            raise EngineError("it does not answer")  # then its removal says so, or does not

    things = [
        thing("1", DEAD, running=True),
        thing("2", DEAD),
        thing("3", DEAD),
        thing("4", DEAD, what="network"),
    ]
    engine = Starting(list(things))
    assert remove(engine, things) == 4  # type: ignore[arg-type]
    assert sorted(engine.settled) == ["container-2", "container-3"]
    assert removed_by_then == [0, 0]
    assert engine.things == []


def test_what_cannot_be_removed_keeps_nothing_else() -> None:
    things = [thing(str(number), DEAD) for number in range(20)]
    engine = FoundEngine(list(things), frozenset({"container-3", "container-17"}))
    with pytest.raises(EngineError) as raised:
        remove(engine, things)  # type: ignore[arg-type]
    assert [left.name for left in engine.things] == ["container-3", "container-17"]
    assert "container-3: device" in raised.value.what
    assert "container-17: device" in raised.value.what
