"""Everything of a lab that was killed, and nothing else, also what is still being made."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from lab.cleaning import journal
from lab.cleaning.hunt import hunt
from lab.cleaning.journal import Journal, Record
from lab.cleaning.sweep import sweep
from lab.errors import EngineError
from lab.owner import marks, owned
from lab.ports import Leftover
from tests.unit.cli_fakes import FoundEngine

MARKS = {"lab.owner": "me@box:8", "lab.process": "here/80"}
ENDED = {**marks(os.getpid()), "lab.owner": "me@here:999999999"}


def thing(name: str, what: str = "container", run: str = "1", **labels: str) -> Leftover:
    """One of the killed lab's."""
    return Leftover(what, name, name, {**MARKS, "lab.run": run, **labels})


@dataclass
class MakingEngine(FoundEngine):
    """Still makes these things, one after another, for whoever waits for them."""

    to_come: Sequence[Leftover] = ()
    waits: int = field(default=0)

    def creations(self, seconds: float) -> Iterator[object]:
        """One for each, and the last one."""

        def told() -> Iterator[object]:
            for one in self.to_come:
                self.waits += 1
                self.things.append(one)
                yield one
            self.waits += 1
            yield "last"

        return told()


def hunted(engine: MakingEngine, record: Record) -> bool:
    return hunt(engine, MARKS, record)  # type: ignore[arg-type]


def test_all_of_it_goes_and_nothing_else() -> None:
    others = [
        replace(thing("a"), labels={**MARKS, "lab.process": "here/81"}),
        replace(thing("b"), labels={**MARKS, "lab.owner": "you@box:8"}),
        replace(thing("c"), labels={}),
    ]
    engine = MakingEngine([thing("d"), *others, thing("e", "network")])
    assert hunted(engine, Record())
    assert engine.things == others


def test_nothing_is_waited_for_that_was_not_asked_for() -> None:
    engine = MakingEngine([thing("a")], to_come=[thing("never")])
    assert hunted(engine, Record())
    assert engine.waits == 0


def test_what_is_there_by_now_is_not_waited_for() -> None:
    engine = MakingEngine([thing("a")])
    assert hunted(engine, Record(frozenset({"a"})))
    assert (engine.things, engine.waits) == ([], 0)


def test_what_is_still_being_made_is_waited_for() -> None:
    strange = replace(thing("x"), labels={})
    engine = MakingEngine([thing("a")], to_come=[strange, thing("b"), thing("c"), thing("d")])
    assert hunted(engine, Record(frozenset({"a", "b", "c"})))
    assert (engine.things, engine.waits) == ([strange], 3)


def test_what_never_comes_is_not_waited_for_for_ever() -> None:
    engine = MakingEngine([thing("a")])
    assert not hunted(engine, Record(frozenset({"b"})))
    assert (engine.things, engine.waits) == ([], 1)


def test_what_cannot_be_removed_is_tried_again() -> None:
    engine = MakingEngine([thing("a"), thing("b")], frozenset({"a"}), to_come=[thing("c")])
    assert not hunted(engine, Record())
    assert [one.name for one in engine.things] == ["a"]
    engine.stuck = frozenset()
    assert hunted(engine, Record())
    assert engine.things == []


@dataclass
class FailingEngine(MakingEngine):
    """Fails the first time it is asked, and then where it has something to tell."""

    asked: int = 0
    silent: bool = False

    def find(self, labels: Mapping[str, str]) -> tuple[Leftover, ...]:
        """Not the first time."""
        self.asked += 1
        if self.asked == 1:
            raise EngineError("no such volume")
        return super().find(labels)

    def creations(self, seconds: float) -> Iterator[object]:
        """Nothing, where it is silent."""
        if not self.silent:
            yield from super().creations(seconds)
            return
        raise EngineError("it ended the stream")


@pytest.mark.parametrize("silent", [False, True])
def test_an_engine_that_fails_once_is_asked_again(silent: bool) -> None:
    engine = FailingEngine([thing("a")], silent=silent)
    assert hunted(engine, Record())
    assert (engine.things, engine.asked) == ([], 3)


@dataclass
class ListingEngine(MakingEngine):
    """Lists `half`, but knows nothing of it when it is to be removed, until it is made."""

    half: str = ""

    def remove(self, leftover: Leftover, *, wait: bool = True) -> None:
        """What is gone, as it says, is no error."""
        if leftover.name != self.half or self.waits:
            super().remove(leftover, wait=wait)


def test_what_cannot_be_removed_yet_is_waited_for() -> None:
    strange = replace(thing("x"), labels={})
    engine = ListingEngine([thing("half")], to_come=[strange], half="half")
    assert hunted(engine, Record(frozenset({"half"})))
    assert (engine.things, engine.waits) == ([strange], 1)


def test_runs_that_are_to_stay_do() -> None:
    engine = MakingEngine([thing("a", run="1"), thing("b", run="2")])
    assert hunted(engine, Record(spared=frozenset({"2"})))
    assert [one.name for one in engine.things] == ["b"]


# -- what was asked for


def test_a_journal_knows_what_was_not_answered() -> None:
    written = Journal()
    assert journal.read(written.descriptor) == Record()
    for name in ("a", "b", "c"):
        written.ask(name, answered=False)
    written.ask("b", answered=True)
    written.spare("1f")
    assert journal.read(written.descriptor) == Record(frozenset({"a", "c"}), frozenset({"1f"}))
    assert journal.read(written.descriptor).awaited == {"a", "c"}  # reading changes nothing
    os.write(written.descriptor, b"?half of a na")
    assert journal.read(written.descriptor).awaited == {"a", "c"}
    written.close()


def test_a_journal_of_many_threads_and_many_things() -> None:
    written = Journal()

    def work(number: int) -> None:
        for count in range(1000):
            written.ask(f"lab-{number}-{count}", answered=False)
            written.ask(f"lab-{number}-{count}", answered=True)
        written.ask(f"lab-{number}-last", answered=False)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert journal.read(written.descriptor).awaited == {f"lab-{n}-last" for n in range(8)}
    written.close()


def test_a_journal_that_cannot_be_written_disturbs_nobody() -> None:
    written = Journal()
    written.close()
    written.ask("a", answered=False)
    written.spare("1")


def test_without_memory_files_it_is_a_file_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create")
    written = Journal()
    written.ask("a", answered=False)
    assert journal.read(written.descriptor).awaited == {"a"}
    written.close()


# -- in passing


def test_a_sweep_takes_what_is_left_behind_and_disturbs_nobody() -> None:
    mine = Leftover("container", "mine", "mine", {**owned(), "lab.run": "2"})
    left = [Leftover("container", n, n, {**ENDED, "lab.run": "3"}) for n in ("gone", "stuck")]
    engine = FoundEngine([mine, *left], frozenset({"stuck"}))
    assert sweep(engine) == 1  # type: ignore[arg-type]
    assert [one.name for one in engine.things] == ["mine", "stuck"]
    engine.stuck = frozenset()
    assert sweep(engine) == 1  # type: ignore[arg-type]
    assert engine.things == [mine]


def test_an_engine_that_fails_disturbs_no_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> tuple[Leftover, ...]:
        raise EngineError("it is gone")

    monkeypatch.setattr(FoundEngine, "find", fail)
    assert sweep(FoundEngine()) == 0  # type: ignore[arg-type]
