"""Why a case came to what it did: each judgement that is bad, where it was asked for, and both
sides of what differs.

Law: bad ones stand whole, first to last; a difference never depends on colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from lab.report.bounded import cut as bounded
from lab.report.case import Page, likely
from lab.report.columns import cut
from lab.report.difference import LINE, ROWS, windows
from lab.report.html.markup import Child, Markup, element, together
from lab.report.words import counted
from lab.result import ScenarioResult
from lab.source import Span, shown
from lab.verdict import Difference, Judgement, Verdict

JUDGEMENTS = 12  # bad ones shown in full
TEXT = 8_000  # characters of a sentence at most
AROUND = 2  # lines of the file around the one that asked


def cause(result: ScenarioResult, page: Page, number: int) -> Markup | None:
    """What must be known of a case that went wrong; None where nothing did."""
    bad = [found for found in result.judgements if found.verdict >= Verdict.ERROR]
    if result.verdict < Verdict.ERROR:
        return None
    parts: list[Child] = [_judgement(found, page) for found in bad[:JUDGEMENTS]]
    if len(bad) > JUDGEMENTS:
        parts.append(element("p", f"... and {counted(len(bad) - JUDGEMENTS, 'more judgement')}"))
    if not bad:
        parts.append(element("p", bounded(result.reason, TEXT), class_="reason"))
    if result.help and all(found.advice != result.help for found in bad):
        parts.append(_advice("help", result.help))
    parts += [_advice("likely", text) for text in likely(result)]
    head = element("h3", f"Why it is {'a FAIL' if result.verdict is Verdict.FAIL else 'an ERROR'}")
    return element("div", head, *parts, class_="cause", id=f"case-{number}-cause", tabindex="-1")


def _judgement(found: Judgement, page: Page) -> Markup:
    about = together([element("b", found.subject), ": "]) if found.subject else None
    return element(
        "div",
        element("p", about, bounded(found.reason, TEXT), class_="reason"),
        _difference(found.difference) if found.difference else None,
        _advice("help", found.advice) if found.advice else None,
        _excerpt(found.span, page) if found.span else None,
        class_="judgement",
    )


def _advice(word: str, text: str) -> Markup:
    return element("p", element("b", f"{word}: "), bounded(text, TEXT), class_="advice")


def held(result: ScenarioResult) -> Markup | None:
    """What was asked for and seen."""
    good = [found for found in result.judgements if found.verdict is Verdict.PASS]
    if not good:
        return None
    rows = [
        element("li", found.subject, _place(found.span) if found.span else None) for found in good
    ]
    return element(
        "details",
        element("summary", f"{counted(len(good), 'expectation')} held"),
        element("ul", *rows),
        class_="held",
    )


def _place(span: Span) -> str:
    return f" (line {span.line})"


# -- the line of the file --------------------------------------------------------------------


def _excerpt(span: Span, page: Page) -> Markup:
    where = element("figcaption", f"asked for in {shown(span.path)}:{span.line}")
    lines = [
        _line(number, text, number == span.line)
        for number in range(max(span.line - AROUND, 1), span.line + AROUND + 1)
        if (text := page.source(span.path, number)) is not None
    ]
    return element("figure", where, element("pre", *lines) if lines else None, class_="excerpt")


def _line(number: int, text: str, asked: bool) -> Markup:
    front = f"{'>' if asked else ' '} {number:4}  "
    line = together([element("i", front), cut(text, LINE), "\n"])
    return element("b", line) if asked else line


# -- both sides ------------------------------------------------------------------------------


def _difference(found: Difference) -> Markup:
    kept = windows(found.rows)
    rows = list(_rows(kept[:ROWS]))
    if len(kept) > ROWS:
        rows.append(_gap(f"... {counted(len(kept) - ROWS, 'more row')}"))
    head = element("tr", element("th", "expected", scope="col"), element("th", "seen", scope="col"))
    return element(
        "div",
        element("table", element("thead", head), element("tbody", *rows)),
        class_="difference",
        tabindex="0",
        role="region",
        aria_label="expected and seen",
    )


def _rows(kept: list[tuple[str | None, str | None, bool] | str]) -> Iterator[Markup]:
    for row in kept:
        if isinstance(row, str):
            yield _gap(row)
            continue
        expected, seen, equal = row
        if equal:
            yield element("tr", _side(" ", _flat(expected)), _side(" ", _flat(seen)))
        else:
            left, right = _marked(expected, seen)
            yield element("tr", _side("-", left), _side("+", right), class_="differs")


def _gap(text: str) -> Markup:
    return element("tr", element("td", text, colspan=2), class_="gap")


def _side(sign: str, text: Child) -> Markup:
    if text is None:
        return element("td", class_="none")
    return element("td", element("i", sign), element("code", text))


def _marked(expected: str | None, seen: str | None) -> tuple[Child, Child]:
    """Both, with the part marked in which they differ."""
    if expected is None or seen is None:
        return _flat(expected), _flat(seen)
    one, two = _one_line(expected), _one_line(seen)
    front = _alike(one, two)
    back = _alike(one[front:][::-1], two[front:][::-1])
    if front + back < min(len(one), len(two)) / 3:  # they have little in common
        return one, two
    return _middle(one, front, back), _middle(two, front, back)


def _alike(one: str, two: str) -> int:
    """How many characters both begin with."""
    pairs = zip(one, two, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(two)))


def _middle(text: str, front: int, back: int) -> Markup:
    end = len(text) - back
    marked = element("mark", text[front:end]) if end > front else None
    return together([text[:front], marked, text[end:]])


def _flat(text: str | None) -> str | None:
    return None if text is None else _one_line(text)


def _one_line(text: str) -> str:
    return cut(text.replace("\n", r"\n"), LINE)
