"""How files are read: places, and everything YAML would rather decide for itself."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import ExitStatus
from lab.source import InvalidScenario, Problems, Span
from lab.source.diagnostic import Diagnostic
from lab.source.located import Located, Mapping, Scalar, Sequence
from lab.source.reader import compose, read

PATH = Path("x.yaml")
SCENARIOS = Path(__file__).parents[2] / "scenarios"


def located(text: str) -> Located:
    return read(PATH, text.encode())[0]


def told(data: bytes) -> InvalidScenario:
    with pytest.raises(InvalidScenario) as caught:
        read(PATH, data)
    return caught.value


def value_of(text: str, index: int = 0) -> Located:
    document = located(text)
    assert isinstance(document, Mapping)
    return document.pairs[index][1]


@pytest.mark.parametrize(
    "text",
    ["22:22", "no", "010", "0x1f", "1_000", "~", "null", "yes", "2001-01-01", "1e3", ".inf", "="],
)
def test_scalars_stay_the_text_they_are(text: str) -> None:
    value = value_of(f"a: {text}")
    assert value == Scalar(text, "", Span(PATH, 1, 4, 1, 4 + len(text)))


def test_doubled_and_merge_keys_are_kept_for_the_schema() -> None:
    document = located("a: 1\na: 2\n<<: {b: 3}\n")
    assert isinstance(document, Mapping)
    assert [key.text for key, _ in document.pairs if isinstance(key, Scalar)] == ["a", "a", "<<"]


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n...\n", "\ufeff"])
def test_nothing_is_nothing(text: str) -> None:
    if text.startswith("---"):
        assert located(text) == Scalar("", "", Span(PATH, 2, 1, 2, 1))
    else:
        assert told(text.encode()).diagnostics[0].what == "the file holds nothing"


def test_an_alias_stands_for_its_anchor() -> None:
    document = located("a: &x [1, 2]\nb: *x\n")
    assert isinstance(document, Mapping)
    assert document.pairs[0][1] == document.pairs[1][1]


def test_a_byte_order_mark_moves_nothing() -> None:
    assert read(PATH, b"\xef\xbb\xbfa: b\n")[0] == located("a: b\n")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_numbered_as_editors_do(newline: str) -> None:
    value = value_of(newline.join(["# first", "a: b", "c: d", ""]), 1)
    assert isinstance(value, Scalar)
    assert (value.span.line, value.span.column) == (3, 4)


def test_columns_count_characters() -> None:
    value = value_of("é€😀: x")
    assert value.span.column == 6


def test_lines_of_a_block_have_places() -> None:
    value = value_of("a: |\n    one\n      two\n\n    three\nb: c\n")
    assert isinstance(value, Scalar)
    assert value.text == "one\n  two\n\nthree\n"
    assert [str(value.line_span(i)) for i in range(4)] == [
        "x.yaml:2:5", "x.yaml:3:5", "x.yaml:4:5", "x.yaml:5:5",
    ]  # fmt: skip
    assert value.part_span(4, 9) == Span(PATH, 3, 5, 3, 10)


@pytest.mark.parametrize(
    ("text", "column"),
    [("a: xy${b}", 6), ("a: 'xy${b}'", 7), ('a: "xy${b}"', 7), ('a: "\\x78y${b}"', 4)],
)
def test_parts_of_text_have_places_where_that_can_be_known(text: str, column: int) -> None:
    value = value_of(text)
    assert isinstance(value, Scalar)
    assert value.part_span(2, 6).column == column


def test_collections_end_where_their_last_part_ends() -> None:
    document = located("a:\n  - b\n  - c\n\n\n# end\n")
    assert document.span == Span(PATH, 1, 1, 3, 6)


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"a: b\nc: \xff\n", "x.yaml:2:4"),
        (b"\xef\xbb\xbfa: \xe9\n", "x.yaml:1:4"),
        ("é: ".encode() + b"\xff", "x.yaml:1:4"),
        (b"a: \x00\n", "x.yaml:1:4"),
        ("a: b\u2028c".encode(), "x.yaml:1:5"),
        (b"\ta: b", "x.yaml:1:1"),
        (b"a: b\n---\nc: d\n", "x.yaml:2:1"),
        (b"a: !x b\n", "x.yaml:1:4"),
        (b"a: *b\n", "x.yaml:1:4"),
        (b"&a [*a]", "x.yaml:1:5"),
        (b'a: "\\ud800"', "x.yaml:1:7"),
        (b"[" * 100_000, "x.yaml:1:33"),
        (b"{a: " * 100_000, "x.yaml:1:129"),
        (b"- " * 100_000, "x.yaml:1:65"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_place(data: bytes, place: str) -> None:
    assert str(told(data).diagnostics[0].span) == place


def test_a_huge_file_is_refused_unread() -> None:
    assert "at most" in told(b"a" * 2_000_000).what


def test_many_small_values_are_refused() -> None:
    assert "more than" in told(b"- a\n" * 30_000).what


def test_all_odd_characters_are_told_at_once() -> None:
    assert len(told(b"a: \x01\nb: \x02\x03\n").diagnostics) == 3


TEXTS = st.text(alphabet="ab :-[]{}|>'\"&*!#%\n\t ,?é\u2028\\", max_size=60)


def outcome(text: str, loader: type) -> object:
    problems = Problems(PATH, text)
    try:
        return compose(PATH, text, problems, loader)
    except InvalidScenario:
        return None


@given(TEXTS)
def test_any_text_is_a_document_or_a_diagnostic(text: str) -> None:
    try:
        document, _ = read(PATH, text.encode())
    except InvalidScenario as error:
        invalid = error
    else:
        check_places(document)
        return
    assert invalid.diagnostics
    assert invalid.status is ExitStatus.BAD_INPUT
    for diagnostic in invalid.diagnostics:
        assert 1 <= diagnostic.span.line <= text.count("\n") + 1


@given(TEXTS)
def test_where_both_parsers_read_a_text_they_see_the_same(text: str) -> None:
    in_c, in_python = outcome(text, yaml.CBaseLoader), outcome(text, yaml.BaseLoader)
    if in_c is not None and in_python is not None:
        assert in_c == in_python


def check_places(node: Located) -> None:
    start = (node.span.line, node.span.column)
    assert start <= (node.span.end_line, node.span.end_column)
    match node:
        case Sequence(items=items):
            for item in items:
                check_places(item)
        case Mapping(pairs=pairs):
            for key, value in pairs:
                check_places(key)
                check_places(value)


def test_python_alone_refuses_a_question_mark_in_plain_text_within_brackets() -> None:
    assert outcome("a: [is it?]", yaml.CBaseLoader) is not None
    assert outcome("a: [is it?]", yaml.BaseLoader) is None


@pytest.mark.parametrize("file", sorted(SCENARIOS.glob("*.yaml")), ids=lambda file: file.stem)
def test_both_parsers_see_the_same_in_scenarios(file: Path) -> None:
    text = re.sub(r"[?]([],}])", r"\1", file.read_text())
    in_c = outcome(text, yaml.CBaseLoader)
    assert in_c is not None
    assert in_c == outcome(text, yaml.BaseLoader)


def test_a_diagnostic_renders_in_its_three_parts() -> None:
    diagnostic = Diagnostic(
        Span(PATH, 2, 3, 2, 9), "there is no node", "did you mean", "  talker: x"
    )
    assert diagnostic.render().split("\n") == [
        "x.yaml:2:3: there is no node",
        "    talker: x",
        "    ^^^^^^",
        "  help: did you mean",
    ]


def test_a_caret_stands_under_its_character() -> None:
    tabbed = Diagnostic(Span(PATH, 1, 2, 1, 3), "w", "", "\tx").render().split("\n")
    assert tabbed[1:] == ["  \tx", "  \t^"]
    wide = Diagnostic(Span(PATH, 1, 2, 1, 3), "w", "", "日x").render().split("\n")
    assert wide[2] == "    ^"
    hidden = Diagnostic(Span(PATH, 1, 2, 1, 3), "w", "", "\x1bx").render()
    assert "\x1b" not in hidden


def test_a_long_line_is_cut_around_its_place() -> None:
    line = "a" * 500 + "b" + "a" * 500
    rendered = Diagnostic(Span(PATH, 1, 501, 1, 502), "w", "", line).render().split("\n")
    assert len(rendered[1]) < 120
    assert rendered[1][rendered[2].index("^")] == "b"


def test_problems_are_told_in_file_order_and_once() -> None:
    problems = Problems(PATH, "a\nb\n")
    problems.add(Span(PATH, 2, 1, 2, 2), "second")
    problems.add(Span(PATH, 1, 1, 1, 2), "first")
    problems.add(Span(PATH, 2, 1, 2, 2), "second")
    with pytest.raises(InvalidScenario) as caught:
        problems.end_phase()
    assert [one.what for one in caught.value.diagnostics] == ["first", "second"]
    assert caught.value.what.endswith("2 errors")
