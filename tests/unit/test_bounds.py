"""A limit that the engine would not keep is an ERROR; limits that nobody wrote are none."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from lab.ports import Capacity
from lab.verdict import Verdict
from tests.fakes import FakeEngine
from tests.unit.cases import bench, case

TEXT = """\
intent: it must say hi
networks: {{lan: {{family: ipv6}}}}
nodes: {{a: {{image: any, args: [echo, hi], networks: [lan], limits: {{{limits}}}}}}}
expect: {{a: {{stdout: "hi\\n"}}}}
"""


class Unbounded(FakeEngine):
    """Without control groups for memory and processes."""

    def capacity(self) -> Capacity:
        return replace(super().capacity(), unbounded=frozenset({"memory", "pids"}))


@pytest.mark.parametrize(
    ("limits", "named"),
    [
        ("memory: 64MiB", "memory"),
        ("pids: 16", "pids"),
        ("cpus: 0.5", ""),
        ("cpus: 0.5, pids: 9", "pids"),
        ("memory: 256MiB, pids: 128", ""),
        ("memory: 1GiB, pids: 1000", ""),
        ("", ""),
    ],
)
def test_what_was_written_must_be_kept(limits: str, named: str) -> None:
    with bench(engine=Unbounded) as lab:
        result = lab.run(case(TEXT.format(limits=limits)))
        if not named:
            assert result.verdict is Verdict.PASS
            return
        assert result.verdict is Verdict.ERROR
        said = f"a is to be kept to a limit of {named}, and this engine keeps none"
        assert result.reason == said
        assert "rootless" in result.help
        assert [name for name, _ in lab.engine.calls] == ["capacity"]


@pytest.mark.parametrize("limits", ["memory: 64MiB", ""])
def test_an_engine_that_keeps_them_is_asked_only_where_there_are_some(limits: str) -> None:
    with bench() as lab:
        assert lab.run(case(TEXT.format(limits=limits))).verdict is Verdict.PASS
        asked: list[Any] = [name for name, _ in lab.engine.calls if name == "capacity"]
        assert len(asked) == bool(limits)
