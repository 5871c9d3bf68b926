"""The calls of one program, through all the times it was begun.

Law: it only takes down what the agent has of its traces; a part is asked for once.
"""

from __future__ import annotations

from itertools import chain

from msgspec.structs import replace

from lab.errors import EngineError
from lab.events import ProcessRecord
from lab.ports import Agent
from lab.strace import Reader


class _Life:
    """One trace, as far as it was asked for."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.reader = Reader()
        self.offset = 0
        self.over = False
        self.lost = ""


class Tracing:
    """Of one program of the node that the agent knows by `key`."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._lives: list[_Life] = []

    def begin(self, agent: Agent, pid: int) -> None:
        """It is about to begin, in the process that the node numbers so. Raises EngineError."""
        self._lives.append(_Life(agent.trace(self._key, pid)))

    def update(self, agent: Agent) -> None:
        """Ask for what is new; an agent that cannot tell any more is noted."""
        for life in self._lives:
            try:
                _update(life, agent, self._key)
            except EngineError as error:
                life.lost, life.over = life.lost or error.what, True

    def told(self, record: ProcessRecord) -> ProcessRecord:
        """The record with the calls that are known."""
        lives = [life.reader.calls for life in self._lives]
        return replace(
            record,
            calls=lives[0] if len(lives) == 1 else tuple(chain.from_iterable(lives)),
            calls_lost=next((why for why in map(_lost, self._lives) if why), ""),
            calls_over=all(life.over for life in self._lives),
        )


def _lost(life: _Life) -> str:
    return life.lost or life.reader.lost


def _update(life: _Life, agent: Agent, key: str) -> None:
    more = not life.over
    while more:
        part = agent.traced(key, life.number, life.offset)
        life.reader.feed(part.text, part.ahead)
        life.offset += part.size
        more = part.more
        life.over, life.lost = part.over and not more, part.lost
