"""The file: an overview of all cases, then each of them.

Law: bounded, however many cases there are and however much was written. Its policy names the one
style and the one script by their hash, so that nothing else in it could ever run.
"""

from __future__ import annotations

import base64
import time
from hashlib import sha256
from pathlib import Path

from lab.report.case import Page
from lab.report.columns import cut
from lab.report.html.ladder import verdict
from lab.report.html.markup import Child, Markup, element, together
from lab.report.html.section import section
from lab.report.paint import Paint
from lab.report.run import ReportedRun, titles
from lab.report.summary import summary
from lab.report.words import duration
from lab.verdict import Verdict

ENTRIES = 12_000  # of all stories together, about
STORY = 400  # entries of output of one story at most
OUTPUT = 2_000_000  # bytes of output of all cases together, about
CASE = 200_000  # and of one case at most
REASON = 200


def document(run: ReportedRun, page: Page) -> str:
    """All of it."""
    *_, counts = summary(run.results, run.seconds, Paint(), page.named)
    number = max(len(run.cases), 1)
    room, output = min(STORY, ENTRIES // number), min(CASE, OUTPUT // number)
    cases = [
        section(case, title, page, number=place, room=room, output=output)
        for place, (case, title) in enumerate(zip(run.cases, titles(run.cases), strict=True), 1)
    ]
    body = element(
        "body",
        element("a", "to the cases", href="#cases", class_="skip"),
        element("header", element("h1", "Socket Lab"), element("p", counts), _about(run)),
        element("main", _overview(run), *cases, id="cases", tabindex="-1"),
        element("script", _asset("script.js")),
    )
    return f"<!DOCTYPE html>\n{element('html', _head(counts), body, lang='en')}\n"


def _head(counts: str) -> Markup:
    style, script = _asset("style.css"), _asset("script.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"Socket Lab: {counts}"),
        element("style", style),
    )


def _asset(name: str) -> Markup:
    return Markup(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}"


def _about(run: ReportedRun) -> Markup:
    said = [time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(run.began))] if run.began else []
    said += [f"{name} {value}" for name, value in run.about.items()]
    said += ["the run was interrupted: not all cases were run"] if run.interrupted else []
    return element("p", "; ".join(said), class_="note")


def _overview(run: ReportedRun) -> Child:
    if not run.cases:
        return element("p", "Nothing ran.")
    heads = [element("th", word, scope="col") for word in ("verdict", "case", "time", "reason")]
    rows = []
    for place, (case, title) in enumerate(zip(run.cases, titles(run.cases), strict=True), 1):
        result = case.result
        bad = result.verdict >= Verdict.ERROR
        to = f"#case-{place}-cause" if bad else f"#case-{place}"
        reason = cut(" ".join(result.reason.split()), REASON)
        cells = [
            element("td", verdict(result.verdict)),
            element("td", element("a", title, href=to)),
            element("td", duration(result.seconds)),
            element("td", reason),
        ]
        rows.append(element("tr", *cells))
    table = element(
        "table", element("thead", element("tr", *heads)), element("tbody", *rows), class_="overview"
    )
    return together([element("h2", "Cases", class_="off"), table])
