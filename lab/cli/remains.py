"""What stays in memory of a result that has been told and recorded, until all are over.

Law: no report says anything else for it. Packets and calls are most of a result, and after a
verdict only stories and what explains a failure are made of them.
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from lab.report.formats import WHOLE
from lab.result import NodeResult, ScenarioResult
from lab.verdict import Verdict


def remains(result: ScenarioResult, formats: Collection[str]) -> ScenarioResult:
    """As much as reports in these formats need."""
    if WHOLE.intersection(formats) or (formats and result.verdict >= Verdict.ERROR):
        return result
    return replace(result, capture=None, nodes=tuple(map(_untraced, result.nodes)))


def _untraced(node: NodeResult) -> NodeResult:
    visitors = ((key, replace(program, calls=None)) for key, program in node.visitors)
    return replace(node, program=replace(node.program, calls=None), visitors=tuple(visitors))
