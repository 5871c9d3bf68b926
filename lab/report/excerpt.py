"""A place in a file: `path:line:column`, the line itself, a caret below.

Law: pure; the source line is given by the caller, and a file that cannot be read any more only
costs the excerpt, never the message. Diagnostics look the same: both use lab.source.
"""

from collections.abc import Callable
from pathlib import Path

from lab.report.paint import Paint, Style
from lab.source import Span
from lab.source.excerpt import excerpt as drawn

Source = Callable[[Path, int], str | None]
"""The text of a line (counted from 1), None when it cannot be had."""


def excerpt(span: Span, source: Source, paint: Paint) -> list[str]:
    """Where it is, with the source line and a caret under what is meant."""
    where = paint(str(span), Style.STRONG)
    line = source(span.path, span.line)
    if line is None:
        return [where]
    text, carets = drawn(line, span)
    return [where, f"  {text}", f"  {paint(carets, Style.BAD)}"]
