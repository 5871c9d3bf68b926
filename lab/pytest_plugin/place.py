"""Outcomes at the line of the scenario they are about.

Law: every report of pytest, and of its plugins, takes the place of an outcome from where it was
raised; so it is raised there, and none of them names a line of the lab.
"""

from __future__ import annotations

import ast
from typing import NoReturn

from lab.source import Span


def raised_at(span: Span, outcome: BaseException) -> NoReturn:
    """Raise it as if that line of the file did."""
    tree = ast.increment_lineno(ast.parse("raise outcome from None"), span.line - 1)
    exec(compile(tree, str(span.path), "exec"), {"outcome": outcome})
    raise AssertionError("not reached")
