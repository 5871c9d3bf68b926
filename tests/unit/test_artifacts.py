"""What accepting makes of expected output, files and results of runs."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lab.artifacts import Acceptance, accept, patient
from lab.artifacts.rewriting import Disagreement, Run, rewrite
from lab.artifacts.writing import written
from lab.catalog import Catalog
from lab.events import Observation
from lab.judge import judge, summarize
from lab.kinds.output.matching import Line, follow
from lab.kinds.output.pattern import Pattern, split_rule
from lab.loader import load
from lab.model import Scenario
from lab.result import NodeResult, ScenarioResult, StepResult
from lab.source.template import Template
from lab.verdict import Verdict, failed
from tests.corpus.observed import Program, wrote

SERVICES = Catalog(Path(__file__).parents[1] / "corpus" / "errors" / "services")
HEAD = """# A comment that must stay.
intent:   a greeting must arrive     # and this one
networks: {lan: {family: ipv6}}
nodes:
  server: {service: stream-server, networks: [lan]}
  client: {service: stream-client, args: [server], networks: [lan]}
expect:
"""
ADDRESSES = {"server.ip": "2001:db8::1", "client.ip": "2001:db8::2", "server.port": "3490"}
WAITING = wrote(b"waiting\n")


def patterns(lines: list[str]) -> tuple[Pattern, ...]:
    found = [split_rule(line) for line in lines]
    return tuple(Pattern(rule, Template(body), optional) for rule, body, optional in found)


def rewritten(lines: list[str], *seen: bytes, **bindings: str) -> list[str]:
    named = {name.replace("_", "."): value for name, value in bindings.items()}
    runs = [Run(f"run {i}", patterns(lines), data, named) for i, data in enumerate(seen)]
    return list(rewrite(lines, runs).lines)


@pytest.mark.parametrize(
    ("lines", "seen", "kept"),
    [
        (["a", "b"], b"a\nc\n", ["a", "c"]),
        (["a", "b"], b"a\nb\nc\n", ["a", "b", "c"]),
        (["a", "b", "c"], b"a\nc\n", ["a", "c"]),
        (["[0-9]+ ms (re)", "b"], b"12 ms\nc\n", ["[0-9]+ ms (re)", "c"]),
        (["[0-9]+ ms (re)"], b"x ms\n", ["x ms"]),
        (["a", "...", "z"], b"a\nb\nc\ny\n", ["a", "...", "y"]),
        (["...", "z"], b"y\nx\n", ["...", "x"]),
        (["a", "maybe (?)", "b"], b"a\nc\n", ["a", "maybe (?)", "c"]),
        ([], b"a\nb\n", ["a", "b"]),
        (["a"], b"", []),
        (["a"], b"a\n\n\n", ["a", " (esc)", " (esc)"]),
        (["a"], b"a\n\nb\n", ["a", "", "b"]),
        (["a"], b"\xff \n", [r"\xff\x20 (esc)"]),
        (["a"], b"${a}\n...\nx (re)\n", ["$${a}", r"..\x2e (esc)", "x (re) (esc)"]),
    ],
)
def test_what_matches_stays_and_what_does_not_is_written_anew(
    lines: list[str], seen: bytes, kept: list[str]
) -> None:
    assert rewritten(lines, seen) == kept


def test_addresses_are_written_as_references() -> None:
    found = rewritten(
        ["from ${a.lan.ipv6}", "x"],
        b"came from 2001:db8::1\nto 192.0.2.10, not 192.0.2.1\n::ffff:192.0.2.1\n2001:db8::1:\n",
        a_ip="2001:db8::1",
        a_lan_ipv6="2001:db8::1",
        b_ip="192.0.2.1",
    )
    assert found == [
        "came from ${a.lan.ipv6}",
        "to 192.0.2.10, not ${b.ip}",
        "::ffff:${b.ip}",
        "${a.lan.ipv6}:",
    ]


def test_a_port_is_a_reference_only_where_it_was_one() -> None:
    found = rewritten(["on ${a.port}", "80"], b"at 80\n80\n", a_port="80")
    assert found == ["at ${a.port}", "80"]


def test_runs_that_differ_have_no_block() -> None:
    with pytest.raises(Disagreement, match="run 0 writes something else here than run 1"):
        rewritten(["a"], b"b\n", b"c\n")
    assert rewritten(["x ${a.ip}"], b"a\n", b"a\n", a_ip="192.0.2.1") == ["a"]


@given(
    st.lists(st.sampled_from(["a", "b", "...", "a (?)", "[ab] (re)", "* (glob)"]), max_size=6),
    st.binary(max_size=40),
)
def test_a_rewritten_block_holds(lines: list[str], seen: bytes) -> None:
    block = rewrite(lines, [Run("run", patterns(lines), seen, ADDRESSES)])
    found = list(patterns(list(block.lines)))
    if found:
        found[-1] = replace(found[-1], ends=block.newline)
    assert follow([Line(each, ADDRESSES) for each in found], seen).holds


@given(st.binary(max_size=40).filter(lambda line: b"\n" not in line))
def test_a_written_line_matches_what_it_was_made_from(line: bytes) -> None:
    line += b" 2001:db8::1"
    (pattern,) = patterns([written(line, ADDRESSES)])
    assert Line(pattern, ADDRESSES).matches(line, ended=True)


# -- whole files


def result(case: Scenario, outputs: Mapping[str, Program]) -> ScenarioResult:
    """A run in which the nodes wrote this, and ended as they should."""
    seen = {
        node.name: outputs.get(node.name, WAITING).ended()
        if node.ends
        else outputs.get(node.name, WAITING).running()
        for node in case.topology.nodes
    }
    judgements = judge(patient(case).expectations, Observation(seen, ADDRESSES))
    verdict, reason = summarize(judgements)
    nodes = tuple(NodeResult(name, each.program) for name, each in seen.items())
    return ScenarioResult(
        case.name, case.name, case.path, case.intent, verdict, reason, 0.1,
        nodes=nodes, judgements=judgements, bindings=ADDRESSES,
    )  # fmt: skip


def accepted(folder: Path, text: str, *, golden: str | None = None, **outputs: bytes) -> Acceptance:
    path = folder / "x.yaml"
    path.write_bytes(text.encode())
    if golden is not None:
        (folder / "golden.txt").write_text(golden)
    cases = load(path, SERVICES, accepting=True)
    results = [result(case, {n: wrote(data) for n, data in outputs.items()}) for case in cases]
    return accept(cases, results, {path: path.read_bytes()})


BLOCK = (
    "  client:\n    stdout: |  # what it says\n      hello\n      ...\n      from ${server.ip}\n"
)


@pytest.mark.parametrize(
    ("expect", "seen", "after"),
    [
        (BLOCK, b"hallo\nx\nfrom 2001:db8::1\n", BLOCK.replace("hello", "hallo")),
        (BLOCK, b"hello\nx\nfrom 2001:db8::1", BLOCK.replace("|  #", "|-  #")),
        (
            BLOCK,
            b"hello\nat 2001:db8::1\n\n",
            BLOCK.replace("from ${server.ip}", " (esc)"),
        ),
        (BLOCK, b"", '  client:\n    stdout: ""  # what it says\n'),
        (
            '  client: {stdout: "a\\n", stderr: ""}  # flow\n',
            b'b\n"c"\\\n',
            '  client: {stdout: "b\\n\\"c\\"\\\\\\n", stderr: ""}  # flow\n',
        ),
        ("  client:\n    stdout: a # c\n", b"b", '  client:\n    stdout: "b" # c\n'),
        (
            "  client:\n    stdout: a # c\n",
            b"  b\nc\n",
            "  client:\n    stdout: |2 # c\n        b\n      c\n",
        ),
        ("  client:\n    stdout: |\n      a\n", b"\n", '  client:\n    stdout: "\\n"\n'),
        (
            "  client:\n    stdout: |\n      a\n\n    stderr: ''\n",
            b" a\nb\n",
            "  client:\n    stdout: |2\n       a\n      b\n\n    stderr: ''\n",
        ),
    ],
)
def test_a_block_is_rewritten_where_it_stands(
    tmp_path: Path, expect: str, seen: bytes, after: str
) -> None:
    tail = "tags: [a]   # the end\n"
    found = accepted(tmp_path, HEAD + expect + tail, client=seen)
    assert found.refusals == ()
    (change,) = found.changes
    assert change.after == HEAD + after + tail
    change.path.write_text(change.after)
    (case,) = load(change.path, SERVICES)
    assert result(case, {"client": wrote(seen)}).verdict is Verdict.PASS


def test_what_passes_is_left_alone(tmp_path: Path) -> None:
    found = accepted(tmp_path, HEAD + BLOCK, client=b"hello\nfrom 2001:db8::1\n")
    assert found == Acceptance((), ())


def test_line_ends_and_a_byte_order_mark_stay(tmp_path: Path) -> None:
    text = "\ufeff" + (HEAD + BLOCK).replace("\n", "\r\n")
    (change,) = accepted(tmp_path, text, client=b"hi\nfrom 2001:db8::1\n").changes
    assert change.after == text.replace("hello", "hi")


def test_a_golden_file_is_written(tmp_path: Path) -> None:
    text = HEAD + "  client: {stdout: {file: golden.txt}}\n"
    (change,) = accepted(tmp_path, text, client=b"hi\n2001:db8::1\n").changes
    assert (change.path, change.before) == (tmp_path / "golden.txt", "")
    assert change.after == "hi\n${server.ip}\n"
    found = accepted(tmp_path, text, golden="h* (glob)\nx\n", client=b"hi\ny")
    assert found.changes[0].after == "h* (glob)\ny"


def test_a_block_of_a_matrix_keeps_its_values_and_serves_all_cases(tmp_path: Path) -> None:
    text = "matrix: {word: [a, b]}\n" + HEAD
    expect = "  client:\n    stdout: |\n      ${word}\n      x\n"
    (path := tmp_path / "x.yaml").write_text(text + expect)
    cases = load(path, SERVICES)
    outputs = [b"a\ny\n", b"b\ny\n"]
    results = [result(c, {"client": wrote(seen)}) for c, seen in zip(cases, outputs, strict=True)]
    found = accept(cases, results, {path: path.read_bytes()})
    assert found.changes[0].after == text + expect.replace("x\n", "y\n")
    other = [results[0], result(cases[1], {"client": wrote(b"b\nz\n")})]
    found = accept(cases, other, {path: path.read_bytes()})
    assert found.changes == ()
    assert "writes something else here" in found.refusals[0].why


def test_an_error_is_never_accepted(tmp_path: Path) -> None:
    (path := tmp_path / "x.yaml").write_text(HEAD + BLOCK)
    (case,) = load(path, SERVICES)
    lost = replace(result(case, {}), verdict=Verdict.ERROR, reason="the engine is gone")
    found = accept([case], [lost], {path: path.read_bytes()})
    assert found.changes == ()
    assert found.refusals[0].verdict is Verdict.ERROR


def test_a_run_that_did_not_end_is_not_accepted(tmp_path: Path) -> None:
    (path := tmp_path / "x.yaml").write_text(HEAD + BLOCK)
    (case,) = load(path, SERVICES)
    step = StepResult("start server", case.steps[0].span, Verdict.FAIL)
    ended = replace(result(case, {}), steps=(step,), reason="not ready")
    found = accept([case], [ended], {path: path.read_bytes()})
    assert found.changes == ()
    assert "the run ended at this step: not ready" in found.refusals[0].why


def test_a_program_that_ended_as_it_must_not_is_put_right_first(tmp_path: Path) -> None:
    text = HEAD + BLOCK + "  server: {exit: 0}\n"
    (path := tmp_path / "x.yaml").write_text(text)
    (case,) = load(path, SERVICES)
    ended = replace(result(case, {}), judgements=(failed("it exited 1", final=True),))
    found = accept([case], [ended], {path: path.read_bytes()})
    assert found.changes == ()
    assert "put this right first" in found.refusals[0].why


def test_a_patient_run_is_cut_short_by_no_output(tmp_path: Path) -> None:
    (path := tmp_path / "x.yaml").write_text(HEAD + BLOCK)
    (case,) = load(path, SERVICES)
    hasty, unhurried = (
        [each.expectation.judge(wrote(b"bye\n").ended(), ADDRESSES) for each in which.expectations]
        for which in (case, patient(case))
    )
    assert [j.verdict for j in hasty] == [j.verdict for j in unhurried]
    assert any(j.final and j.verdict is Verdict.FAIL for j in hasty)
    assert [each.expectation.kind for each in patient(case).expectations] == [
        each.expectation.kind for each in case.expectations
    ]
    assert not any(
        j.final and j.verdict is Verdict.FAIL
        for j, each in zip(unhurried, case.expectations, strict=True)
        if each.expectation.kind != "exit"
    )


def test_what_is_no_block_is_told(tmp_path: Path) -> None:
    text = HEAD + BLOCK + "  server: {stdout: {contains: bye}}\n"
    found = accepted(tmp_path, text, client=b"hi\nfrom 2001:db8::1\n")
    assert len(found.changes) == 1
    assert "does not contain bye" in found.refusals[0].why


def test_a_folded_block_is_refused(tmp_path: Path) -> None:
    text = HEAD + "  client:\n    stdout: >\n      a\n      b\n"
    found = accepted(tmp_path, text, client=b"c\n")
    assert found.changes == ()
    assert "block that begins with |" in found.refusals[0].why
