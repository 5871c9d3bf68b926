"""What each node wrote, all of it where that is not much, and how it stands.

Law: output is shown as bytes that obey nothing, head and tail where it is long, with what was left
out counted and where the whole is.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from lab.events import ProcessRecord
from lab.report.bounded import MORE, OPEN, bounded
from lab.report.columns import cut
from lab.report.escapes import shown
from lab.report.html.markup import Markup, element
from lab.report.words import counted, state
from lab.result import NodeResult, ScenarioResult

LEAST = 1_000  # bytes of a stream that are shown in any case
VISITORS = 8  # last programs beside a node's own
COMMAND = 300


def machines(result: ScenarioResult, room: int, folder: str) -> Markup | None:
    """A card for each node; about `room` bytes of output in all. `folder` has the rest."""
    if not result.nodes:
        return None
    programs = sum(1 + min(len(node.visitors), VISITORS) for node in result.nodes)
    share = max(room // (2 * programs), LEAST)
    cards = [_card(node, share, folder) for node in result.nodes]
    return element("div", *cards, class_="machines")


def _card(node: NodeResult, share: int, folder: str) -> Markup:
    own = node.program != ProcessRecord() or not node.visitors
    parts = list(_program(node.program, share, folder)) if own else []
    if len(node.visitors) > VISITORS:
        left = len(node.visitors) - VISITORS
        parts.append(element("p", f"{counted(left, 'earlier program')} not shown", class_="note"))
    for name, program in node.visitors[-VISITORS:]:
        parts += [element("h5", name), *_program(program, share, folder)]
    return element(
        "article",
        element("h4", node.node, " ", element("small", ", ".join(node.addresses))),
        *parts,
    )


def _program(program: ProcessRecord, share: int, folder: str) -> Iterator[Markup]:
    command = cut(shlex.join(program.argv), COMMAND)
    end = element("span", state(program), class_="state")
    yield element("p", element("code", command) if command else None, " ", end)
    silent = True
    for name, data, went_on in (
        ("stdout", program.stdout, program.stdout_truncated),
        ("stderr", program.stderr, program.stderr_truncated),
    ):
        if data:
            silent = False
            yield _stream(name, data, share, folder, went_on=went_on)
    if silent:
        yield element("p", "(wrote nothing)", class_="note")


def _stream(name: str, data: bytes, share: int, folder: str, *, went_on: bool) -> Markup:
    found = bounded(data, share)
    parts = [_lines(found.head)]
    if found.size:
        where = f"; the whole is in {folder}/streams" if folder else ""
        left = f"{counted(found.size, 'byte')}, {counted(found.lines, 'end')} of line, left out"
        parts += [element("span", f"... {left}{where}\n", class_="note"), _lines(found.tail)]
    if went_on:
        parts.append(element("span", f"... {MORE}\n", class_="note"))
    elif not data.endswith(b"\n"):
        parts.append(element("span", f"... {OPEN}\n", class_="note"))
    return element("pre", *parts, class_=name, aria_label=name, tabindex="0")


def _lines(data: bytes) -> Markup:
    text = "\n".join(shown(line) for line in data.removesuffix(b"\n").split(b"\n"))
    return element("span", f"{text}\n")
