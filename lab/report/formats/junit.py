r"""JUnit XML, as GitHub's readers, GitLab and Jenkins read it.

Law: well-formed whatever programs wrote: what XML or a terminal cannot hold is `\xNN`, as in
`escapes`. A FAIL is a failure, an ERROR an error, a SKIP is skipped.

One testsuite for each scenario file, one testcase for each case. What a person needs stands in
the text of the failure, as GitLab shows no attributes. Keys and nesting are those of Jenkins's
junit-10 schema, with `file` and `line` beside them, which many readers want.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import PurePath
from xml.etree import ElementTree as ET

from lab.report.bounded import cut, outputs
from lab.report.case import Page
from lab.report.escapes import harmless
from lab.report.run import ReportedCase, ReportedRun, account, titles
from lab.result import ScenarioResult
from lab.source import shown
from lab.verdict import Verdict

ROOM = {Verdict.SKIP: 4_096, Verdict.PASS: 16_384, Verdict.ERROR: 131_072, Verdict.FAIL: 131_072}
ACCOUNT = 65_536  # characters of a failure's text at most
_WORDS = {Verdict.FAIL: "failure", Verdict.ERROR: "error", Verdict.SKIP: "skipped"}
# What a server that shows the report would obey: files to attach, a command of a build's log.
_OBEYED = (("[[ATTACHMENT", r"[\x5bATTACHMENT"), ("##[", r"#\x23["))


def junit(run: ReportedRun, page: Page) -> str:
    """The whole document."""
    root = ET.Element("testsuites", {"name": "socketlab", **_counts(run.results, "skipped")})
    root.set("time", f"{run.seconds:.3f}")
    pairs = list(zip(titles(run.cases), run.cases, strict=True))
    # Cases of a scenario need not have run one after another.
    ordered = sorted(pairs, key=lambda pair: list(_paths(run)).index(pair[1].result.path))
    for path, group in groupby(ordered, key=lambda pair: pair[1].result.path):
        root.append(_suite(shown(path), list(group), run.about, page))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _paths(run: ReportedRun) -> Mapping[PurePath, None]:
    return dict.fromkeys(result.path for result in run.results)


def _counts(results: Sequence[ScenarioResult], *without: str) -> dict[str, str]:
    found = Counter(result.verdict for result in results)
    counts = {
        "tests": len(results),
        "failures": found[Verdict.FAIL],
        "errors": found[Verdict.ERROR],
        "skipped": found[Verdict.SKIP],
    }
    return {name: str(number) for name, number in counts.items() if name not in without}


def _suite(
    path: str, cases: Sequence[tuple[str, ReportedCase]], about: Mapping[str, str], page: Page
) -> ET.Element:
    results = [found.result for _, found in cases]
    suite = ET.Element("testsuite", {"name": _flat(results[0].scenario), **_counts(results)})
    suite.set("time", f"{sum(result.seconds for result in results):.3f}")
    began = min((found.began for _, found in cases if found.began is not None), default=None)
    if began is not None:
        suite.set("timestamp", time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(began)))
    suite.set("file", _flat(path))
    properties = ET.SubElement(suite, "properties")
    for name, value in {**about, "intent": results[0].intent}.items():
        ET.SubElement(properties, "property", {"name": name, "value": _flat(value)})
    for title, found in cases:
        suite.append(_case(title, path, found, page))
    return suite


def _case(title: str, path: str, found: ReportedCase, page: Page) -> ET.Element:
    result = found.result
    element = ET.Element("testcase", {"name": _flat(title), "classname": _classname(path)})
    element.set("file", _flat(path))
    element.set("line", str(_line(result)))
    element.set("time", f"{result.seconds:.3f}")
    if result.verdict is not Verdict.PASS:
        attributes = {"message": _flat(cut(result.reason, 1000)), "type": result.verdict.name}
        said = ET.SubElement(element, _WORDS[result.verdict], attributes)
        said.text = _account(found, page)
    for stream, tag in (("stdout", "system-out"), ("stderr", "system-err")):
        lines = outputs(result.nodes, ROOM[result.verdict], stream)
        if lines:
            ET.SubElement(element, tag).text = _unobeyed("\n".join(["", *lines, ""]))
    return element


def _account(found: ReportedCase, page: Page) -> str:
    result = found.result
    if result.verdict is Verdict.SKIP:
        return _unobeyed(harmless(result.reason))
    kept = [f"all that is known of it: {harmless(found.folder)}", ""] if found.folder else []
    return _unobeyed(cut("\n".join([*account(found, page), *kept]), ACCOUNT))


def _unobeyed(text: str) -> str:
    for command, mended in _OBEYED:
        text = text.replace(command, mended)
    return text


def _flat(text: str) -> str:
    return " ".join(_unobeyed(harmless(text)).split())


def _classname(path: str) -> str:
    """`scenarios.udp-ipv6-only`: Jenkins takes what stands before the last dot for a package."""
    parts = PurePath(harmless(path)).with_suffix("").parts
    return ".".join(part.replace(".", "_") for part in parts if part not in ("/", ".."))


def _line(result: ScenarioResult) -> int:
    """The line of the file that the verdict is about."""
    asked = [found for found in result.judgements if found.verdict is result.verdict and found.span]
    spans = [found.span for found in asked if found.span and found.span.path == result.path]
    return spans[0].line if spans and result.verdict >= Verdict.ERROR else 1
