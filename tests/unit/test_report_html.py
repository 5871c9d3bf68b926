"""The HTML report: one well-formed file, that asks for nothing and obeys nothing in it."""

from __future__ import annotations

import base64
import re
import time
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from hypothesis import Phase, given, settings
from msgspec.structs import replace

from lab.report.case import Page
from lab.report.formats import render
from lab.report.html.drawing import drawing
from lab.report.html.markup import Markup, element
from lab.report.paint import Paint
from lab.report.run import ReportedCase, ReportedRun
from lab.result import LinkResult, NetworkResult, ScenarioResult
from lab.verdict import Verdict
from tests.corpus.reports.examples import RESULTS, result, source
from tests.corpus.reports.timed import TIMED, node, program, timed
from tests.corpus.reports.wire import CAPTURE
from tests.unit.test_report_escapes import obeyed
from tests.unit.test_report_formats import runs

PAGE = Page(100, Paint(), source)
VOID = {"meta", "input"}
# All that a document may hold; what a program could have slipped in is not among it.
ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "script", "a", "header", "main", "p"),
    *("h1", "h2", "h3", "h4", "h5", "table", "thead", "tbody", "tr", "th", "td", "em", "b", "i"),
    *("details", "summary", "small", "div", "figure", "figcaption", "pre", "code", "mark", "ul"),
    *("li", "ol", "form", "fieldset", "legend", "label", "input", "time", "span", "article"),
    *("svg", "g", "rect", "path", "circle", "text", "tspan", "line"),
}
ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "href", "class", "id", "tabindex"),
    *("scope", "colspan", "open", "role", "aria-label", "aria-hidden", "hidden", "type"),
    *("checked", "value", "title", "data-k", "data-n", "data-group", "viewbox", "width"),
    *("height", "x", "y", "rx", "cx", "cy", "r", "d", "transform", "x1", "x2", "y1", "y2"),
}


class Reader(HTMLParser):
    """Elements as they nest; fails where they do not."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(document)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        self.seen.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.seen if name == tag]

    @property
    def text(self) -> str:
        return "".join(text for tag, text in self.texts if tag not in ("style", "script"))


def document(*results: ScenarioResult) -> str:
    cases = tuple(
        ReportedCase(r, 1795251684.1, ".lab/runs/r/x", f"lab run {r.case}") for r in results
    )
    return render("html", ReportedRun(cases, 8.1, 1795251683.5, {"lab": "0.1.0"}), PAGE)


def check(text: str) -> Reader:
    found = Reader(text)
    assert {tag for tag, _ in found.seen} <= ELEMENTS
    assert {name for _, attributes in found.seen for name in attributes} <= ATTRIBUTES
    ids = [attributes["id"] for _, attributes in found.seen if "id" in attributes]
    assert len(ids) == len(set(ids))
    for link in found.all("a"):
        assert link["href"].removeprefix("#") in ids
    assert not obeyed(text)
    return found


@settings(max_examples=40, deadline=None, derandomize=True,
          phases=(Phase.explicit, Phase.generate))  # fmt: skip
@given(runs)
def test_whatever_programs_wrote_it_is_well_formed_and_holds_nothing_foreign(
    run: ReportedRun,
) -> None:
    found = check(render("html", run, PAGE))
    assert len(found.all("script")) == len(found.all("style")) == 1


@pytest.mark.parametrize("name", TIMED)
def test_a_story_is_well_formed_too(name: str) -> None:
    check(document(TIMED[name]))


def test_nothing_comes_from_outside_and_only_its_own_script_may_run() -> None:
    text = document(*TIMED.values(), *RESULTS.values())
    found = Reader(text)
    (policy,) = [m["content"] for m in found.all("meta") if "http-equiv" in m]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        (body,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(sha256(body.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
        assert "://" not in body
        assert "url(" not in body
        assert "@import" not in body
    assert not re.search(r"<[^>]* (?:on\w+|style|src)=", text)


def test_hostile_output_is_shown() -> None:
    text = Reader(document(TIMED["hostile"])).text
    assert r"\x1b[2J\x1b]0;owned\x07 \x9b31m" in text
    assert "<script>" in text  # the name of the node, as text
    assert '"><img src=x>' in text


def test_a_failure_is_open_at_its_cause_and_what_passed_is_not() -> None:
    found = check(document(TIMED["pass"], TIMED["fail"], RESULTS["skip"]))
    cases = {each["id"]: "open" in each for each in found.all("details") if "id" in each}
    assert cases == {"case-1": False, "case-2": True, "case-3": False}
    assert [link["href"] for link in found.all("a")][1:] == ["#case-1", "#case-2-cause", "#case-3"]


def test_both_sides_stand_beside_each_other_and_what_differs_is_marked() -> None:
    text = document(TIMED["fail"])
    assert (
        "<td><i>-</i><code>listener: packet is 1<mark>5</mark> bytes long</code></td>"
        "<td><i>+</i><code>listener: packet is 1<mark>4</mark> bytes long</code></td>"
    ) in text
    assert ">    9      stdout: |" in Reader(text).text


def test_packets_are_arrows_between_lanes() -> None:
    wired = replace(TIMED["pass"], capture=CAPTURE)
    text = document(wired)
    check(text)
    assert text.count('class="arrow right f1 s2"') == 1  # from the listener's lane to the talker's
    assert text.count('class="arrow left f1 s2"') == 4
    assert text.count('class="packet lost c2"') == 1
    crowd = document(replace(wired, nodes=(*wired.nodes, *many(9).nodes)))
    assert check(crowd).text.count("SYN+ACK") == 1
    assert crowd.count("<line ") == 5


def test_what_was_done_to_links_is_told() -> None:
    impaired = RESULTS["error-impaired"]
    assert impaired.impairments
    text = check(document(impaired)).text
    assert f"by the seed {impaired.seed}" in text
    assert all(each.title in text for each in impaired.impairments)


def test_each_node_has_its_lane_and_its_addresses() -> None:
    text = document(TIMED["pass"])
    assert text.count('class="stdout c1"') == 3
    assert text.count('class="stdout c2"') == 1
    assert "fd00:1::2" in text
    assert "fd00:1::/64" in text


def many(count: int) -> ScenarioResult:
    talk = program(("x",), 0.4, 0.6, (0.5, b"a\n" * 50))
    return timed(Verdict.PASS, *(node(f"client-{i}", f"fd00:1::{i:x}", talk) for i in range(count)))


def test_many_nodes_have_narrow_lanes_and_names_beside_them() -> None:
    text = document(many(30))
    found = check(text)
    assert sum("narrow" in each.get("class", "").split() for each in found.all("div")) == 1
    for number in range(30):
        assert f"<b>client-{number}</b>" in text


def test_a_node_on_several_networks_is_wired_to_each() -> None:
    networks = tuple(NetworkResult(name, "ipv6") for name in ("left", "right"))
    router = replace(
        node("router", "::1", program((), 0.4, None)),
        links=tuple(LinkResult(net.name, ("::1",)) for net in networks),
        forwards=True,
    )
    drawn = drawing(replace(timed(Verdict.PASS, router), networks=networks))
    assert drawn is not None
    assert drawn.count('class="end"') == 2
    assert drawn.count('class="router"') == 1
    assert "left (ipv6): router; right (ipv6): router" in drawn


def test_a_large_run_is_a_file_of_bounded_size() -> None:
    """Of 46 cases, each with 2 MB of output and as many lines as there may be."""
    flood = program(("yes",), 0.4, None, (0.5, b"y\n" * 1_000_000), stderr=((0.6, b"<&>" * 9_999),))
    one = timed(Verdict.FAIL, *(node(f"n{i}", "::1", flood) for i in range(3)), reason="x")
    began = time.process_time()
    text = document(*[one] * 46)
    assert len(text) < 8_000_000
    assert "left out; the whole is in .lab/runs/r/x/streams" in text
    assert time.process_time() - began < 60


def test_what_is_no_markup_is_escaped() -> None:
    assert element("p", "<b>&\x1b", title='"<') == r'<p title="&quot;&lt;">&lt;b&gt;&amp;\x1b</p>'
    assert element("p", Markup("<b/>"), None, hidden=True, open=False) == "<p hidden><b/></p>"


def test_a_run_of_nothing_is_told() -> None:
    assert "Nothing ran." in check(document()).text
    assert "no record" not in document(result(Verdict.PASS))
