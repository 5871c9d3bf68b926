"""Reports as others read them: valid, complete, and harmless whatever programs wrote."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import xmlschema
import yaml
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace
from tap.parser import Parser  # type: ignore[import-untyped]

from lab.events import Exit, Life, ProcessRecord
from lab.report.bounded import bounded, outputs
from lab.report.case import Page
from lab.report.escapes import harmless, restore
from lab.report.formats import FORMATS, render
from lab.report.paint import Paint
from lab.report.run import ReportedCase, ReportedRun
from lab.result import (
    LinkResult,
    NetworkResult,
    NodeResult,
    ScenarioResult,
    StepResult,
    Timing,
)
from lab.source import Span
from lab.verdict import Difference, Judgement, Verdict
from tests.corpus.reports import examples
from tests.corpus.reports.examples import EVIL, RESULTS, ended, result, source, span
from tests.unit.test_report_escapes import obeyed

SCHEMA = xmlschema.XMLSchema(Path(examples.__file__).with_name("junit.xsd"))
PAGE = Page(100, Paint(), source)

# What readers of one format or another take for something else than text.
TRAPS = (
    "\x1b[2J\x1b]0;owned\x07\x9b31m",
    "\0\x01\x0b\x7f\x85\ufffe\uffff",
    "]]><testcase name='x'/><![CDATA[",
    "</system-out></testsuite>&amp;&#0;<!--",
    "::error file=x,line=1::y",
    "::set-output name=a::b",
    "##[add-mask]secret",
    "%0A::stop-commands::x",
    "[[ATTACHMENT|/etc/shadow]]",
    "ok 1 - fine\nnot ok 2\n1..0\nBail out!",
    "  ...\nok 9 - fine\n  ---",
    "# SKIP # TODO",
    "```\n# head\n~~~~\n</details><script>x</script>",
    "|a|b|\n|---|\n*b* _i_ `c` [l](javascript:x) ![i](x) @who #1 :x: www.example.com",
    "\udcff\udc80\ud800 \udfff",
    "a\rb\nc\td\\x41\\",
    "\u202e\u2066\ufeff\u2028\u2029",
    "é日本😀",
    "x" * 5000,
    "",
)
texts = st.one_of(
    st.sampled_from(TRAPS),
    st.text(st.characters(exclude_categories=()), max_size=40),
    st.lists(st.sampled_from(TRAPS), max_size=4).map("\n".join),
)
outputs_of = st.one_of(
    st.binary(max_size=200),
    texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.just(EVIL * 3),
)
places = st.sampled_from([span(9, 5, 11), span(5, 3, 3), Span(Path("x,y:%.yaml"), 3, 1, 4, 1)])
judgements = st.builds(
    Judgement,
    verdict=st.sampled_from(Verdict),
    reason=texts,
    span=st.none() | places,
    subject=texts,
    final=st.booleans(),
    difference=st.none()
    | st.lists(st.tuples(st.none() | texts, st.none() | texts, st.booleans()), max_size=4).map(
        lambda rows: Difference(tuple(rows))
    ),
    advice=texts,
)
moments = st.floats(0, 1e6)
lives = st.builds(
    Life, moments, st.none() | moments, st.none() | st.builds(Exit, st.integers(0, 255))
)
nodes = st.builds(
    NodeResult,
    node=texts,
    program=st.builds(
        lambda program, lives: replace(program, lives=lives),
        st.builds(ended, stdout=outputs_of, stderr=outputs_of),
        st.lists(lives, max_size=2).map(tuple),
    ),
    links=st.lists(
        st.builds(LinkResult, texts, st.lists(texts, max_size=2).map(tuple)), max_size=2
    ).map(tuple),
    forwards=st.booleans(),
    addresses=st.lists(texts, max_size=2).map(tuple),
    visitors=st.lists(
        st.tuples(st.just("a#2"), st.builds(ended, stdout=outputs_of)), max_size=1
    ).map(tuple),
)
results = st.builds(
    ScenarioResult,
    scenario=texts,
    case=texts,
    path=st.sampled_from([examples.PATH, Path("x,y:%.yaml"), Path("/e]]>/<&>.yaml")]),
    intent=texts,
    verdict=st.sampled_from(Verdict),
    reason=texts,
    seconds=st.floats(0, 1e5),
    steps=st.lists(
        st.builds(
            StepResult,
            texts,
            places,
            st.none() | st.sampled_from(Verdict),
            began=st.none() | moments,
        ),
        max_size=2,
    ).map(tuple),
    nodes=st.lists(nodes, max_size=2).map(tuple),
    judgements=st.lists(judgements, max_size=3).map(tuple),
    help=texts,
    troubles=st.lists(texts, max_size=2).map(tuple),
    networks=st.lists(
        st.builds(NetworkResult, texts, st.sampled_from(["ipv4", "ipv6", "dual"]), st.just(())),
        max_size=2,
    ).map(tuple),
    timing=st.none()
    | st.builds(
        Timing,
        moments,
        st.lists(st.tuples(texts, moments), max_size=2).map(tuple),
        st.none() | st.tuples(moments, moments),
    ),
)
cases = st.builds(
    ReportedCase, results, began=st.none() | st.floats(0, 4e9), folder=texts, again=texts
)
runs = st.builds(
    ReportedRun,
    cases=st.lists(cases, max_size=3).map(tuple),
    seconds=st.floats(0, 1e5),
    began=st.none() | st.floats(0, 4e9),
    about=st.dictionaries(st.sampled_from(["lab", "engine kernel"]), texts),
    interrupted=st.booleans(),
)
# Whole runs are large: to make a failing one small would take longer than a test may.
hostile = settings(
    max_examples=30, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate)
)
EVERYTHING = ReportedRun(tuple(ReportedCase(found) for found in RESULTS.values()), 9.5)


def of(found: ScenarioResult) -> ReportedRun:
    return ReportedRun((ReportedCase(found),), found.seconds)


def wrote(stdout: bytes, verdict: Verdict = Verdict.FAIL) -> ReportedRun:
    return of(result(verdict, "why", nodes=(NodeResult("talker", ended(stdout)),)))


@pytest.mark.parametrize("name", FORMATS)
@hostile
@given(run=runs)
def test_nothing_is_left_that_a_terminal_would_obey(name: str, run: ReportedRun) -> None:
    said = render(name, run, PAGE)
    assert not obeyed(said, "\n\t")
    said.encode("utf-8")


def test_a_format_that_is_none_is_an_error() -> None:
    with pytest.raises(KeyError):
        render("case", EVERYTHING, PAGE)


# -- JUnit -----------------------------------------------------------------------------------


def junit(run: ReportedRun) -> ET.Element:
    said = render("junit", run, PAGE)
    SCHEMA.validate(said)
    return ET.fromstring(said)


@hostile
@given(runs)
def test_junit_is_valid_and_counts_what_there_is(run: ReportedRun) -> None:
    root = junit(run)
    assert "##[" not in ET.tostring(root, encoding="unicode")
    found = [case for suite in root for case in suite.iter("testcase")]
    assert len(found) == len(run.cases) == int(root.get("tests", ""))
    for tag, attribute, verdict in [
        ("failure", "failures", Verdict.FAIL),
        ("error", "errors", Verdict.ERROR),
        ("skipped", "skipped", Verdict.SKIP),
    ]:
        number = sum(result.verdict is verdict for result in run.results)
        assert len(list(root.iter(tag))) == number
        assert sum(int(suite.get(attribute, "")) for suite in root) == number


def test_no_two_cases_have_one_name() -> None:
    """GitLab takes no notice of the second."""
    found = list(junit(EVERYTHING).iter("testcase"))
    assert len({(case.get("classname"), case.get("name")) for case in found}) == len(found)


def test_junit_is_refused_where_it_is_wrong() -> None:
    said = render("junit", EVERYTHING, PAGE)
    for wrong in (
        said.replace("<failure ", "<fault ").replace("</failure>", "</fault>"),
        said.replace(' line="9"', ' line="0"'),
        said.replace(' type="ERROR"', ' type="BAD"'),
        re.sub(r' tests="\d+"', "", said),
    ):
        assert wrong != said
        with pytest.raises(xmlschema.XMLSchemaValidationError):
            SCHEMA.validate(wrong)


@hostile
@given(outputs_of)
@example(b"[[ATTACHMENT|x]] ##[error]y \x00]]>\n")
def test_output_comes_back_from_junit_byte_for_byte(data: bytes) -> None:
    (element,) = list(junit(wrote(data)).iter("system-out")) or [ET.Element("none")]
    assert _joined((element.text or "").strip("\n").split("\n"), "talker") == data


def _joined(lines: list[str], node: str) -> bytes:
    """The bytes that lines behind a node's name stand for."""
    ends = "" if lines[-1].endswith("... no newline at its end") or lines == [""] else "\n"
    said = [line.removeprefix(f"{node} | ") for line in lines if line.startswith(f"{node} |")]
    return restore("\n".join(said) + ends)


def test_what_a_server_would_attach_or_obey_is_broken_up() -> None:
    said = render("junit", wrote(b"[[ATTACHMENT|/etc/shadow]] ##[add-mask]x\n"), PAGE)
    assert "[[ATTACHMENT" not in said
    assert "##[" not in said


def test_cases_of_one_file_are_a_suite_with_the_line_at_fault() -> None:
    other = replace(RESULTS["pass"], path=Path("scenarios/deep/a.b.yaml"), scenario="a.b")
    mixed = (RESULTS["fail-output"], other, RESULTS["pass"])
    root = junit(ReportedRun(tuple(ReportedCase(found) for found in mixed), 1.0))
    assert [(suite.get("file"), suite.get("tests")) for suite in root] == [
        ("scenarios/udp-ipv6-only.yaml", "2"),
        ("scenarios/deep/a.b.yaml", "1"),
    ]
    assert [case.get("line") for case in root.iter("testcase")] == ["9", "1", "1"]
    names = [case.get("classname") for case in root.iter("testcase")]
    assert names == ["scenarios.udp-ipv6-only"] * 2 + ["scenarios.deep.a_b"]


# -- TAP -------------------------------------------------------------------------------------


@hostile
@given(runs)
def test_tap_has_a_point_for_each_case_and_no_other(run: ReportedRun) -> None:
    said = render("tap", run, PAGE)
    lines = list(Parser().parse_text(said))
    assert [line.category for line in lines][:2] == ["version", "plan"]
    points: list[Any] = [line for line in lines if line.category == "test"]
    assert [point.number for point in points] == list(range(1, len(run.cases) + 1))
    for point, found in zip(points, run.results, strict=True):
        assert point.ok == (found.verdict <= Verdict.PASS)
        assert bool(point.skip) == (found.verdict is Verdict.SKIP)
        assert not point.todo
        if found.verdict >= Verdict.ERROR:
            block = point.yaml_block
            assert block["severity"] == found.verdict.name.lower()
            if len(harmless(found.reason)) < 2000:
                assert block["message"] == harmless(found.reason)
    bails = [line for line in lines if line.category == "bail"]
    assert bool(bails) == run.interrupted
    assert not [line for line in lines if line.category == "unknown"]


@hostile
@given(outputs_of.filter(lambda data: len(data) < 16_000))
def test_output_comes_back_from_tap_byte_for_byte(data: bytes) -> None:
    said = render("tap", wrote(data), PAGE)
    block = yaml.safe_load(said.partition("  ---\n")[2].partition("\n  ...\n")[0])
    assert _joined(block.get("stdout", [""]), "talker") == data


# -- GitHub ----------------------------------------------------------------------------------


def commands(said: str) -> list[tuple[str, dict[str, str], str]]:
    """As the runner reads a log: a command begins a line, up to the next `::`."""
    found = []
    for line in said.split("\n")[:-1]:
        head, separator, data = line.strip().removeprefix("::").partition("::")
        assert separator, line
        name, _, properties = head.partition(" ")
        pairs = [pair.partition("=") for pair in properties.split(",")]
        given = {key: _unescaped(value, ":,") for key, _, value in pairs}
        found.append((name, given, _unescaped(data)))
    return found


def _unescaped(text: str, more: str = "") -> str:
    for char in f"\r\n{more}%":
        text = text.replace(f"%{ord(char):02X}", char)
    return text


@hostile
@given(runs)
def test_github_gets_an_annotation_for_each_bad_case_and_trouble(run: ReportedRun) -> None:
    found = commands(render("github", run, PAGE))
    bad = [case.result for case in run.cases if case.result.verdict >= Verdict.ERROR]
    errors = [command for command in found if command[0] == "error"]
    assert len(errors) == len(bad)
    assert len(found) - len(errors) == sum(len(each.troubles) for each in run.results)
    for (_, properties, data), expected in zip(errors, bad, strict=True):
        assert data.startswith(harmless(expected.reason)[:1000])
        assert int(properties["line"]) >= 1
        assert properties["title"].startswith(expected.verdict.name)
        assert properties["file"].endswith(".yaml")


def test_an_annotation_stands_on_the_line_that_asked() -> None:
    ((name, given, data),) = commands(render("github", of(RESULTS["fail-output"]), PAGE))
    assert name == "error"
    assert given == {
        "file": "scenarios/udp-ipv6-only.yaml",
        "line": "9",
        "col": "5",
        "endColumn": "10",
        "title": "FAIL udp-ipv6-only",
    }
    assert "15 bytes long" in data


def test_paths_are_those_of_the_repository() -> None:
    inside = replace(PAGE, workspace=str(Path.cwd().parent))
    ((_, given, _),) = commands(render("github", of(RESULTS["fail-output"]), inside))
    assert given["file"] == f"{Path.cwd().name}/scenarios/udp-ipv6-only.yaml"
    elsewhere = replace(PAGE, workspace="/nowhere")
    ((_, given, _),) = commands(render("github", of(RESULTS["fail-output"]), elsewhere))
    assert given["file"] == "scenarios/udp-ipv6-only.yaml"


# -- Markdown --------------------------------------------------------------------------------


@hostile
@given(runs)
def test_markdown_holds_no_markdown_or_html_of_a_program(run: ReportedRun) -> None:
    said = render("markdown", run, PAGE)
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(said)
    bad = [found for found in run.results if found.verdict >= Verdict.ERROR or found.troubles]
    assert len([token for token in tokens if token.type == "fence"]) == len(bad)
    assert len([token for token in tokens if token.type == "heading_open"]) == 1
    blocks = [token.content for token in tokens if token.type == "html_block"]
    assert len(blocks) == 2 * len(bad)
    for block in blocks:
        assert re.fullmatch(r"</details>\n|<details><summary>[^<>\n]*</summary>\n", block)
    inner = {child.type for token in tokens for child in token.children or []}
    assert inner <= {"text", "strong_open", "strong_close", "text_special"}
    rows = [token for token in tokens if token.type == "tr_open"]
    assert len(rows) == (len(run.cases) + 1 if run.cases else 0)


def test_markdown_says_what_the_reader_of_a_page_sees() -> None:
    said = html.unescape(render("markdown", EVERYTHING, PAGE))
    assert "| **FAIL** | udp-ipv6-only (4) |" in said
    assert re.search(r"\| \*\*ERROR\*\* \| .*the engine went away: connection refused \|", said)
    assert said.index("**FAIL**") < said.index("| PASS |")


# -- long output -----------------------------------------------------------------------------


@given(st.binary(max_size=300), st.integers(0, 100))
def test_head_and_tail_stand_as_written_and_what_is_left_out_is_counted(
    data: bytes, room: int
) -> None:
    found = bounded(data, room)
    assert data.startswith(found.head)
    assert data.endswith(found.tail)
    assert len(found.head) + found.size + len(found.tail) == len(data)
    middle = data[len(found.head) : len(found.head) + found.size]
    assert middle.count(b"\n") == found.lines
    assert len(found.head) + len(found.tail) <= room + 8 or not found.size


def test_long_output_is_cut_between_lines() -> None:
    data = b"".join(b"line %d\n" % number for number in range(100_000))
    said = outputs((NodeResult("a", ended(data)),), 4096, "stdout")
    assert said[0] == "a | line 0"
    assert said[-1] == "a | line 99999"
    assert len("\n".join(said)) < 8192
    (gap,) = [line for line in said if "left out" in line]
    left = int(re.findall(r"(\d+) ends of line", gap)[0])
    assert left + len(said) - 1 == 100_000


@pytest.mark.parametrize("name", ["junit", "tap", "jsonl"])
def test_no_line_holds_the_older_form_of_a_command_of_github(name: str) -> None:
    """The runner obeys it wherever it stands in a line."""
    assert "##[" not in render(name, wrote(b"x ##[add-mask]y\n"), PAGE)


@pytest.mark.parametrize("name", FORMATS)
def test_a_flood_makes_no_large_report(name: str) -> None:
    if name == "jsonl":  # has every byte, as it always had
        return
    flood = ended(b"x" * 4_000_000, b"\n" * 1_000_000)
    reason = "y" * 1_000_000
    found = result(Verdict.FAIL, reason, nodes=(NodeResult("a", flood),), advice=reason)
    assert len(render(name, of(found), PAGE)) < (
        4_000_000 if name in ("text", "story") else 1_000_000
    )


def test_every_program_of_many_nodes_is_heard() -> None:
    many = tuple(NodeResult(f"n{number}", ended(b"hello\n" * 1000)) for number in range(400))
    said = outputs(many, 16_384, "stdout")
    assert {line.split()[0] for line in said} == {node.node for node in many}
    assert len("\n".join(said)) < 2_000_000


def test_a_program_that_wrote_more_than_is_kept_is_said_to_have() -> None:
    node = NodeResult("a", ProcessRecord(stdout=b"x", stdout_truncated=True))
    assert outputs((node,), 1000, "stdout")[1] == "a ... it went on: the lab keeps no more"


def test_other_programs_on_a_node_are_told_apart() -> None:
    others = (("a#2", ended(b"x")), ("mine", ended(b"y\n")))
    node = NodeResult("a", ProcessRecord(), visitors=others)
    assert outputs((node,), 1000, "stdout") == [
        "a#2 | x",
        "a#2 ... no newline at its end",
        "mine | y",
    ]
