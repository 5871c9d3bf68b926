"""Lines, rules, alignment, visible bytes: the machinery of stdout and stderr."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.kinds.output import bounded
from lab.kinds.output.alignment import LONGEST, align
from lab.kinds.output.bounded import Expression, UntellableError
from lab.kinds.output.matching import Line, follow
from lab.kinds.output.pattern import Pattern, Rule, split_rule
from lab.kinds.output.visible import brief, unescape, visible
from lab.model import Template
from lab.source import Span
from lab.verdict import Verdict
from tests.corpus.observed import BINDINGS, expectation, wrote

LINES = st.lists(st.sampled_from(["a", "b", "...", "a (?)", "[ab] (re)", "* (glob)"]), max_size=7)
OUTPUT = st.lists(st.sampled_from([b"a", b"b", b"c", b""]), max_size=7)


def lines_of(texts: list[str]) -> list[Line]:
    made = []
    for text in texts:
        rule, body, optional = split_rule(text)
        made.append(Line(Pattern(rule, Template(body), optional), {}))
    return made


def matches(texts: list[str], seen: list[bytes]) -> bool:
    """What a block means, written as plainly as can be."""
    if not texts:
        return not seen
    first, rest = texts[0], texts[1:]
    if first == "...":
        return any(matches(rest, seen[i:]) for i in range(len(seen) + 1))
    rule, body, optional = split_rule(first)
    if optional and matches(rest, seen):
        return True
    if not seen:
        return False
    fits = {"": body.encode() == seen[0], " (re)": seen[0] in (b"a", b"b"), " (glob)": True}
    return fits[rule.value] and matches(rest, seen[1:])


@given(LINES, OUTPUT)
def test_a_block_holds_when_its_meaning_does(texts: list[str], seen: list[bytes]) -> None:
    output = b"".join(line + b"\n" for line in seen)
    assert follow(lines_of(texts), output).holds == matches(texts, seen)


@given(LINES, OUTPUT, OUTPUT)
def test_dead_and_settled_are_for_ever(
    texts: list[str], seen: list[bytes], later: list[bytes]
) -> None:
    lines = lines_of(texts)
    before = follow(lines, b"".join(line + b"\n" for line in seen))
    after = follow(lines, b"".join(line + b"\n" for line in seen + later))
    if before.dead:
        assert not after.holds
    if before.settled:
        assert after.holds


@given(LINES, OUTPUT)
def test_rows_are_all_equal_exactly_when_the_block_holds(
    texts: list[str], seen: list[bytes]
) -> None:
    lines = lines_of(texts)
    output = b"".join(line + b"\n" for line in seen)
    rows = align(lines, output)
    assert all(row.equal for row in rows) == follow(lines, output).holds
    assert [row.seen for row in rows if row.seen is not None] == seen


def test_alignment_is_bounded() -> None:
    output = b"x\n" * 100_000
    rows = align(lines_of(["y"] * 1000), output)
    assert len(rows) <= 2 * LONGEST
    assert not all(row.equal for row in rows)


@given(st.binary(max_size=30).filter(lambda line: b"\n" not in line))
def test_what_is_shown_would_match_if_it_were_written(line: bytes) -> None:
    shown = visible(line)
    assert shown.isprintable()
    assert not shown.endswith(" ")
    (written,) = lines_of([shown])
    assert written.matches(line, ended=True)


@given(st.binary(max_size=30))
def test_unescape_undoes_hex(data: bytes) -> None:
    assert unescape("".join(f"\\x{byte:02X}" for byte in data)) == data


@pytest.mark.parametrize("text", ["\\", "a\\q", "\\x0", "\\xg0", "\\N"])
def test_other_escapes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="after a backslash"):
        unescape(text)


@pytest.mark.parametrize(
    ("pattern", "line", "fits"),
    [
        ("a*", "abc", True), ("a*", "ba", False), ("a?c", "abc", True), ("a?c", "aéc", True),
        ("a?c", "ac", False), (r"a\*", "a*", True), (r"a\*", "ab", False), ("a.c", "abc", False),
        (r"a\?", "a?", True), ("[x]", "[x]", True), ("[x]", "x", False), ("*", "", True),
    ],
)  # fmt: skip
def test_globs(pattern: str, line: str, fits: bool) -> None:
    found = Line(Pattern(Rule.GLOB, Template(pattern)), {})
    assert found.same_text(line.encode()) == fits


def globbed(pattern: str, text: str) -> bool:
    """What a glob of a, b, * and ? means, said as plainly as can be."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(globbed(pattern[1:], text[index:]) for index in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and globbed(pattern[1:], text[1:])


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=10))
def test_a_glob_means_what_it_says(pattern: str, text: str) -> None:
    assert Line(Pattern(Rule.GLOB, Template(pattern)), {}).same_text(text.encode()) == (
        globbed(pattern, text)
    )


def test_no_glob_is_slow() -> None:
    line = Line(Pattern(Rule.GLOB, Template("*a" * 20 + "*b")), {})
    assert not line.same_text(b"a" * 20_000)


SLOW = "(?:a|aa)+b"  # tries every way to part the a's


@pytest.mark.parametrize(
    "claim",
    [
        f"|\n    {SLOW} (re)\n",
        f"{{matches: '{SLOW}'}}",
        f"{{contains: ['{SLOW} (re)']}}",
        f"{{contains: [{{text: '{SLOW} (re)', at-least: 2}}]}}",
        f"{{any-order: ['{SLOW} (re)']}}",
        f"{{never: '{SLOW} (re)', until: end}}",
        f"{{never: x, until: '{SLOW} (re)'}}",
    ],
)
def test_what_takes_for_ever_is_an_error_at_its_place(
    claim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "LIMIT", 0.05)
    wanted = expectation(f"stdout: {claim}")
    judged = wanted.judge(wrote(b"a" * 3000 + b"\n").ended(), {})
    assert (judged.verdict, judged.final) == (Verdict.ERROR, True)
    assert "cannot tell in 0.05 s of the processor whether" in judged.reason
    assert judged.advice
    assert judged.span is not None


def test_millions_of_quick_looks_are_not_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "LIMIT", 1e-3)
    monkeypatch.setattr(bounded, "_CHEAP", 10.0)
    line = Line(Pattern(Rule.REGEX, Template("[0-9]+ ms")), {})
    assert all(line.same_text(b"%d ms" % number) for number in range(5000))


def test_what_only_re_can_read_is_an_error_at_its_place() -> None:
    span = Span(Path("x.yaml"), 1, 1, 1, 2)
    with pytest.raises(UntellableError) as caught:
        Expression(b"(", "(", span, linear=False).fits(b"")
    assert caught.value.span is span
    assert 'cannot read "("' in caught.value.what


@given(st.text(alphabet=".*+?[](){}|^$\\ab", min_size=1))
def test_values_are_literal_in_every_rule(value: str) -> None:
    for suffix in ("", " (re)", " (glob)", " (esc)"):
        rule, body, _ = split_rule("x${v}y" + suffix)
        line = Line(Pattern(rule, Template(body)), {"v": value})
        assert line.matches(f"x{value}y".encode(), ended=True)
        assert not line.matches(f"x{value}zy".encode(), ended=True)


def test_a_suffix_can_itself_be_expected() -> None:
    (line,) = lines_of(["a (re) (esc)"])
    assert line.matches(b"a (re)", ended=True)


@pytest.mark.parametrize("data", [b"\xff\xfe", "naïve".encode("latin-1"), b"\x00", b"\x1b[31m"])
def test_bytes_are_compared_not_characters(data: bytes) -> None:
    judged = expectation("stdout: |\n  x\n").judge(wrote(data + b"\n").ended(), BINDINGS)
    assert judged.verdict is Verdict.FAIL
    assert judged.difference is not None
    assert judged.difference.rows[0][1].isprintable()  # type: ignore[union-attr]


def test_of_a_very_long_line_the_beginning_is_shown() -> None:
    assert brief(b"x" * 300) == "x" * 300
    assert brief(b"x" * 301) == "x" * 300 + "... (301 bytes)"
    assert brief(b"\0" * 10_000_000) == r"\0" * 300 + " (esc)... (10000000 bytes)"
