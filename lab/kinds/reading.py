"""How steps and expectations are written, whatever their kinds.

A step is a mapping of one key, its kind, with `name`, `within` and `expect` beside it.
Expectations on one node are a mapping from kind to what is expected.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lab.kinds.action import Action, Step, Wanted
from lab.kinds.nodes import PROGRAM
from lab.kinds.registry import decode_action, decode_expectation, find, words
from lab.kinds.times import DURATION
from lab.ports import Expectation
from lab.source.excerpt import quote
from lab.source.located import Located, Mapping, Scalar, describe
from lab.source.scope import Scope, did_you_mean
from lab.source.shapes import Field, MapOf, Schema, Text, Unreadable, refused
from lab.source.shapes.advice import for_mapping, glued_colon
from lab.source.shapes.collections import attempt, entries

WITHIN = 10.0  # seconds a step may take unless it says otherwise
EXPECT = "expect"


class Expectations:
    """kind: what is expected, one or more; `beside` are keys that mean something else."""

    def __init__(self, beside: tuple[str, ...] = ()) -> None:
        self._beside = beside

    def read(self, value: Located, scope: Scope) -> tuple[Expectation, ...]:
        if isinstance(value, Scalar):
            what = f"a mapping of expectations belongs here, not {describe(value)}"
            raise refused(scope, value.span, what, _for_scalar(value))
        before = len(scope.problems)
        found = list(self._each(value, scope))
        if len(scope.problems) > before:
            raise Unreadable
        if not found:
            mend = "say what is expected: stdout, stderr, exit, listening, ..."
            raise refused(scope, value.span, "nothing is expected here", mend)
        return tuple(found)

    def _each(self, value: Located, scope: Scope) -> Iterator[Expectation]:
        known = words("expectations")
        for key, item in entries(value, scope, "a mapping of expectations"):
            if key.text in self._beside:
                continue
            if key.text not in known:
                what = f"there is no expectation {quote(key.text)}"
                choices = [*known, *self._beside]
                scope.problems.add(
                    key.span, what, did_you_mean(key.text, choices, "expectations are: ")
                )
                continue
            try:
                yield decode_expectation(key.text, item, scope)
            except Unreadable:
                continue

    def schema(self) -> Schema:
        return {
            "type": "object",
            "properties": {word: {"$ref": f"#/$defs/{word}"} for word in known_words()},
            "minProperties": 1,
            "additionalProperties": False,
        }


def _for_scalar(value: Scalar) -> str:
    if value.text == "running" or value.text.isdigit() or value.text.startswith("SIG"):
        return f"write {{exit: {value.text}}}"
    return glued_colon(value.text) or "write {exit: 0}, {stdout: ...}, {listening: ...}"


def definitions() -> Schema:
    """What the schema of expectations refers to, by word."""
    return {word: described("expectations", word) for word in known_words()}


def described(sort: str, word: str) -> Schema:
    """The schema of a kind, with what editors show of it."""
    kind = find(sort, word)
    return {**kind.shape.schema(), "description": kind.sentence}


def known_words() -> tuple[str, ...]:
    """The words of all expectations."""
    return words("expectations")


class NodeExpectations:
    """node: its expectations; those on a group are held against every member."""

    _map = MapOf(PROGRAM, Expectations(), "a mapping of nodes", at_least=1)

    def read(self, value: Located, scope: Scope) -> Wanted:
        found = self._map.read(value, scope)
        if not found:
            raise refused(
                scope,
                value.span,
                "nothing is expected here",
                "write server: {exit: running}, or leave expect out",
            )
        return tuple(
            (node, expectation)
            for _, nodes, expectations in found
            for node in nodes
            for expectation in expectations
        )

    def schema(self) -> Schema:
        return self._map.schema()


NAME = Field("name", Text("a name"), "what the step is called in reports")
TIME = Field("within", DURATION, "how long it may take, default 10s")
EXPECTED = Field(EXPECT, NodeExpectations(), "node: what must be seen once the step is done")
BESIDE_FIELDS: tuple[Field[Any], ...] = (NAME, TIME, EXPECTED)
_BESIDE = tuple(field.name for field in BESIDE_FIELDS)


_EVENTS = "write wait: {for: server, stdout: ...}: the lab waits for what is seen, never for time"
HINTS = {
    "sleep": _EVENTS,
    "delay": _EVENTS,
    "pause-for": _EVENTS,
    "exec": "write run: {on: client, command: [program, argument]}",
    "command": "write run: {on: client, command: [program, argument]}",
    "stdin": "write send: {to: client, line: hello}",
    "write": "write send: {to: client, line: hello}",
    "assert": "write expect: {server: {stdout: ...}}",
    "check": "write expect: {server: {stdout: ...}}",
    "stdout": "write expect: {server: {stdout: ...}}, or wait: {for: server, stdout: ...}",
    "exit": "write expect: {client: {exit: 0}}, or wait: {for: client, exit: 0}",
    "terminate": "write stop: server",
    "close": "write close-stdin: client",
    "eof": "write close-stdin: client",
    "continue": "write resume: server",
    "freeze": "write pause: server",
    "loss": "write impair: {network: lan, loss: 20%}",
    "drop": "write impair: {from: client, to: server, loss: {nth: 2}}",
    "latency": "write impair: {network: lan, delay: 50ms}",
    "split": "write partition: [server, client]",
    "unplug": "write disconnect: client",
    "link-down": "write disconnect: client",
    "plug": "write connect: client",
    "reconnect": "write connect: client",
    "link-up": "write connect: client",
    "readdress": "write renumber: client",
    "change-address": "write renumber: client",
}
"""Words that people write for steps, and what to write instead."""


class AnyStep:
    """A step of any kind."""

    def read(self, value: Located, scope: Scope) -> Step:
        if not isinstance(value, Mapping):
            mend = for_mapping(value) or "write - start: server, and so on"
            raise refused(scope, value.span, "a step is its kind, a colon, what to do", mend)
        before = len(scope.problems)
        pairs = list(entries(value, scope, "a step"))
        action = self._action(value, pairs, scope)
        beside = {key.text: item for key, item in pairs if key.text in (NAME.name, TIME.name)}
        name = attempt(NAME.shape, beside["name"], scope) if "name" in beside else None
        within = attempt(TIME.shape, beside["within"], scope) if "within" in beside else None
        expected = self._expected(pairs, scope)
        if action is None or len(scope.problems) > before:
            raise Unreadable
        time = within[0] if within else WITHIN
        return Step(action, pairs[0][0].span, time, name[0] if name else "", expected, bool(within))

    def _action(
        self, value: Mapping, pairs: list[tuple[Scalar, Located]], scope: Scope
    ) -> Action | None:
        kinds = [(key, item) for key, item in pairs if key.text not in _BESIDE]
        if not kinds:
            kinds = [(key, item) for key, item in pairs if key.text == EXPECT]
        if not kinds:
            mend = f"its kind is one of: {', '.join(words('steps'))}"
            scope.problems.add(value.span, "this step does nothing", mend)
            return None
        for key, _ in kinds[1:]:
            what = f"a step has one kind, and {quote(kinds[0][0].text)} is this one's"
            scope.problems.add(key.span, what, _second(key.text))
        key, item = kinds[0]
        if key.text not in words("steps"):
            what = f"there is no step {quote(key.text)}"
            near = did_you_mean(key.text, words("steps"), "steps are: ")
            scope.problems.add(key.span, what, HINTS.get(key.text.lower()) or near)
            return None
        try:
            return decode_action(key.text, item, scope)
        except Unreadable:
            return None

    def _expected(self, pairs: list[tuple[Scalar, Located]], scope: Scope) -> Wanted:
        """What is expected beside a kind; as a kind of its own, `expect` is an action."""
        beside = [item for key, item in pairs if key.text == EXPECT]
        if not beside or all(key.text in _BESIDE for key, _ in pairs):
            return ()
        found = attempt(NodeExpectations(), beside[0], scope)
        return found[0] if found else ()

    def schema(self) -> Schema:
        kinds = [word for word in words("steps") if word != EXPECT]
        alone = [{"required": [word]} for word in kinds]
        expectation = {"required": [EXPECT], "not": {"anyOf": alone}}
        return {
            "type": "object",
            "properties": {
                **{word: described("steps", word) for word in kinds},
                **{f.name: {**f.shape.schema(), "description": f.doc} for f in BESIDE_FIELDS},
            },
            "additionalProperties": False,
            "oneOf": [*alone, expectation],
        }


def _second(word: str) -> str:
    if word in words("steps"):
        return "begin another step: a new line, a dash"
    return did_you_mean(word, _BESIDE, "beside it may stand: ")
