"""`lab accept`: take what runs show as what is expected.

Law: writes blocks that failed and golden files, and nothing else; never in CI, never what ended
in an ERROR; and shows what it writes.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from lab.cli.invocation import Invocation
from lab.cli.options import choice, engine_options, scenario_names, use_option
from lab.cli.parts import EngineChoice, Outcome, RunOptions
from lab.cli.selection import Selector, load_all
from lab.cli.terminal import terminal
from lab.cli.views import say
from lab.errors import ExitStatus, UsageError
from lab.report.escapes import harmless
from lab.report.paint import Style
from lab.report.words import counted
from lab.result import CaseEnded, Progress
from lab.source import shown
from lab.verdict import Verdict

if TYPE_CHECKING:
    from lab.artifacts import Acceptance, Change
    from lab.model import Scenario

EXAMPLES = """\b
Examples:
  lab accept my-scenario             run it, and keep what it wrote as what is expected
  lab accept my-scenario --dry-run   only show what would change
  lab accept udp ./other.yaml        all with a tag, and a file
"""


@click.command(epilog=EXAMPLES, short_help="take what runs show as what is expected")
@click.argument("what", nargs=-1, required=True, metavar="NAME|FILE|TAG|all...",
                shell_complete=scenario_names)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")
@use_option
@engine_options
@click.pass_obj
def command(
    call: Invocation,
    *,
    what: tuple[str, ...],
    dry_run: bool,
    use: tuple[tuple[str, str], ...],
    engine: str | None,
    start_engine: bool,
) -> int:
    """Run scenarios and rewrite the expected output that failed, in place.

    Only blocks of stdout and stderr that failed are rewritten, and golden files. Lines that still
    match stay as they are, with their rules, elisions and references. Read the difference before
    you keep it: what is accepted is what every later run is held to.
    """
    if os.environ.get("CI"):
        raise UsageError(
            "expected output is not accepted in CI, where nobody reads it",
            help="run lab accept on your own machine, read the difference, and commit it",
        )
    cases = _cases(call, what, dict(use))
    files = {case.path: case.path.read_bytes() for case in cases}
    chosen = choice(call, engine, start_engine=start_engine, machines=True)
    outcome = _run(call, cases, chosen)
    if outcome.interrupted:
        say("lab: interrupted; nothing was accepted")
        return ExitStatus.INTERRUPTED
    from lab.artifacts import accept  # noqa: PLC0415 - once there is something to accept

    found = accept(cases, outcome.results, files)
    print("\n".join(_told(found, dry_run=dry_run)), flush=True)
    if not dry_run:
        _write(found.changes, files)
    return _status(found, outcome)


def _cases(call: Invocation, what: Sequence[str], use: Mapping[str, str]) -> list[Scenario]:
    """All cases of the files that hold what was asked for: a block may serve several of them."""
    where = call.project

    def load(path: Path) -> tuple[Scenario, ...]:
        return call.parts.load(path, where.root, use, accepting=True)

    selected = Selector(where, load).select(what)
    return load_all(dict.fromkeys(case.path for case in selected), load)


def _run(call: Invocation, cases: Sequence[Scenario], chosen: EngineChoice) -> Outcome:
    from lab.artifacts import patient  # noqa: PLC0415 - not to complete or to refuse

    view = _Verdicts()
    cases = [patient(case) for case in cases]
    with call.parts.connect(chosen, view.say) as connection:
        return call.parts.run(cases, connection, RunOptions(), view)


class _Verdicts(Struct, frozen=True):
    """A View: one line for each case, on standard error."""

    def __call__(self, event: Progress) -> None:
        if isinstance(event, CaseEnded):
            say(f"{event.result.verdict.name:5} {event.case}")

    def say(self, line: str) -> None:
        """Pass it on."""
        say(line)


def _told(found: Acceptance, *, dry_run: bool) -> Iterator[str]:
    paint = terminal(sys.stdout).paint
    styles = {"+": Style.GOOD, "-": Style.BAD, "@": Style.QUIET}
    for change in found.changes:
        for line in _difference(change):
            style = styles.get(line[:1])
            yield paint(harmless(line), style) if style else harmless(line)
    for refusal in found.refusals:
        yield harmless(f"not accepted: {refusal.where}: {refusal.why}")
    if not found.changes:
        yield "nothing to accept" + ("" if found.refusals else ": all that is expected was seen")
        return
    done = "would be written" if dry_run else "written"
    yield f"{counted(len(found.changes), 'file')} {done}"


def _difference(change: Change) -> Iterator[str]:
    name = shown(change.path)
    before, after = change.before.split("\n"), change.after.split("\n")
    yield from difflib.unified_diff(before, after, name, name, lineterm="")


def _write(changes: Sequence[Change], files: Mapping[Path, bytes]) -> None:
    """Raises UsageError where a file was changed meanwhile, or cannot be written."""
    for change in changes:
        if change.path in files and change.path.read_bytes() != files[change.path]:
            raise UsageError(
                f"{shown(change.path)} was changed while its scenarios ran; it is left as it is",
                help="run lab accept again",
            )
        try:
            change.path.parent.mkdir(parents=True, exist_ok=True)
            change.path.write_bytes(change.after.encode("utf-8"))
        except OSError as error:
            raise UsageError(
                f"{shown(change.path)} cannot be written: {error.strerror}",
                help="check its permissions and its folder's",
            ) from None


def _status(found: Acceptance, outcome: Outcome) -> ExitStatus:
    verdicts = {refusal.verdict for refusal in found.refusals}
    if verdicts:
        return ExitStatus.FAILED if Verdict.FAIL in verdicts else ExitStatus.ERROR
    ran = any(result.verdict is not Verdict.SKIP for result in outcome.results)
    return ExitStatus.PASSED if ran else ExitStatus.NOTHING
