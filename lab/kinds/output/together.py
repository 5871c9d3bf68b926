"""All that one expectation says, judged as one.

Law: the worst counts, and of equals the one that nothing later can change; what cannot be told is
an ERROR, wherever in it that was found out.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from lab.kinds.output.bounded import UntellableError
from lab.verdict import Judgement, Verdict, passed, unknown


def together(judgements: Iterable[Judgement]) -> Judgement:
    """The judgement of them all; they are made as they are asked for, one after another."""
    try:
        found = list(judgements)
    except KeyError as missing:
        return unknown(f"${{{missing.args[0]}}} is not known in this run")
    except UntellableError as why:
        return replace(unknown(why.what, advice=why.help), span=why.span)
    worst = max(found, key=lambda judgement: (judgement.verdict, judgement.final))
    if worst.verdict is not Verdict.PASS:
        return worst
    return passed(final=all(judgement.final for judgement in found))
