"""`lab run`: run scenarios and say what they came to.

Law: the status is made from the verdicts alone; how it is shown changes no result.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click
from msgspec import Struct
from msgspec.structs import replace

from lab.cli.again import Again
from lab.cli.asked import Asked, report_options
from lab.cli.invocation import Invocation
from lab.cli.memory import Memory
from lab.cli.options import choice, duration, engine_options, scenario_names, use_option
from lab.cli.parts import EngineChoice, Outcome, RunOptions
from lab.cli.reporting import Reporting
from lab.cli.suite_options import SuiteOptions, suite_options
from lab.cli.terminal import Terminal, terminal
from lab.cli.views import (
    LineView,
    json_view,
    live_view,
    page_for,
    plain_view,
    print_last,
    say,
    silent_view,
)
from lab.errors import ExitStatus
from lab.model import Scenario
from lab.report.case import Beneath, Page
from lab.report.summary import summary
from lab.report.words import counted
from lab.result import ScenarioResult
from lab.verdict import Verdict

if TYPE_CHECKING:
    from lab.report.live import LiveView

EXAMPLES = """\b
Examples:
  lab run udp-ipv6-only                  one scenario of this project
  lab run all                            every scenario
  lab run udp echo                       all that have one of these tags
  lab run 'stream-hello[family=ipv6]'    one case of a matrix
  lab run ./my.yaml --keep               a file; its machines stay: lab shell NODE
  lab run udp-ipv6-only --story          what happened, line by line, in the order of time
  lab run all --json | jq -r .verdict    a line of JSON for each case
  lab run all --report junit=lab.xml     also a report; lab report makes others later
  lab run echo --capture on              every packet, for Wireshark, in the run's record
  lab run echo --use simplestreamserver=my-image:latest

\b
Many runs:
  lab run all -x                         begin nothing more after a failure
  lab run --lf                           only what did not pass the last time
  lab run all --shard 2/5                the second of five machines' parts
  lab run udp --repeat 20 --stress       does it always pass, also on a busy machine?
  lab run chat --until-fail              again and again, until it does not
"""


class Show(Struct, frozen=True):
    """How results are shown."""

    json: bool
    verbose: bool
    live: bool
    silent: bool = False  # standard output is a report's

    @property
    def plain(self) -> bool:
        """Whether it is text for people."""
        return not (self.json or self.silent)


@click.command(epilog=EXAMPLES, short_help="run scenarios and say PASS or FAIL")
@click.argument("what", nargs=-1, metavar="NAME|FILE|TAG|all...", shell_complete=scenario_names)
@click.option("--tag", "tags", multiple=True, help="Only cases with this tag (or one of several).")
@suite_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object per case and line.")
@click.option("--keep", is_flag=True, help="Leave the machines standing; lab down removes them.")
@click.option(
    "--timeout",
    type=duration,
    metavar="DURATION",
    help="For each case, in place of what it says itself.",
)
@use_option
@engine_options
@report_options
@click.option("-v", "--verbose", is_flag=True, help="Also phases, steps and output as they come.")
@click.option("--no-live", is_flag=True, help="Plain lines, also on a terminal.")
@click.option("--calls", is_flag=True, help="Trace all programs: the record has their calls.")
@click.option("--story", is_flag=True, help="Below each case, what happened in it, and when.")
@click.pass_obj
def command(
    call: Invocation,
    *,
    what: tuple[str, ...],
    tags: tuple[str, ...],
    suite: SuiteOptions,
    as_json: bool,
    keep: bool,
    timeout: float | None,
    use: tuple[tuple[str, str], ...],
    engine: str | None,
    start_engine: bool,
    verbose: bool,
    no_live: bool,
    calls: bool,
    story: bool,
    asked: Asked,
) -> int:
    """Run scenarios on real machines and say PASS or FAIL, with the reason."""
    if not (what or tags or suite.last_failed):
        raise click.UsageError("say what to run: a name, a file, a tag, or `all`")
    if as_json and asked.takes_stdout:
        raise click.UsageError("--json and a report cannot both go to standard output")
    suite.check(keep=keep)
    memory = Memory.of(call.project.root)
    found = call.selector(dict(use)).select(what, tags)
    cases = _traced(_timed(memory.part(found, suite), timeout), calls=calls)
    options = replace(memory.options(cases, suite, keep=keep), packets=asked.packets)
    show = Show(as_json, verbose, not (as_json or no_live), asked.takes_stdout)
    chosen = choice(call, engine, start_engine=start_engine, machines=True)
    page = page_for(terminal(sys.stdout), call.project.files)
    repeated = Again.of(click.get_current_context(), options.seed, page.named)
    page = replace(page, again=repeated, beneath=_story(page) if story else None)
    with Reporting(call.project, cases, asked, page, repeated, plain=show.plain) as reporting:
        options = replace(options, formats=reporting.formats)
        outcome = _run(call, chosen, options, show, reporting)
    memory.keep(outcome, options)
    return ExitStatus.INTERRUPTED if outcome.interrupted else status(outcome.results)


def _story(page: Page) -> Beneath:
    from lab.report.story import ON_TERMINAL, story  # noqa: PLC0415 - not for every run

    return lambda result: story(result, page.columns - 2, page.paint, ON_TERMINAL)


def _timed(cases: Sequence[Scenario], timeout: float | None) -> Sequence[Scenario]:
    if timeout is None:
        return cases
    return [replace(case, timeout=timeout) for case in cases]


def _traced(cases: Sequence[Scenario], *, calls: bool) -> Sequence[Scenario]:
    if not calls:
        return cases
    from lab.loader.tracing import all_traced  # noqa: PLC0415 - not for every run

    return [all_traced(case) for case in cases]


def _run(
    call: Invocation,
    chosen: EngineChoice,
    options: RunOptions,
    show: Show,
    reporting: Reporting,
) -> Outcome:
    cases, page, began = reporting.cases, reporting.page, time.monotonic()
    total = len(cases) * (options.rounds or 0)
    pairs = zip(cases, options.seconds, strict=True)
    usual = {case.name: seconds for case, seconds in pairs if seconds is not None}
    with (
        _view(terminal(sys.stdout), page, total, usual, show) as view,
        call.parts.connect(chosen, view.say) as connection,
        reporting.beside(view, connection) as told,
    ):
        if options.seed is not None:
            view.say(f"disturbed by seed {options.seed}; again: --stress --seed {options.seed}")
        outcome = call.parts.run(cases, connection, options, told)
        took = time.monotonic() - began
        reporting.over(outcome, took)
    if show.plain and outcome.results:
        print_last([*_ending(outcome, took, options, page, total), *reporting.ending()])
    if outcome.interrupted:
        say(f"lab: interrupted {_done(outcome, options, total)}; everything else was removed")
    return outcome


def _done(outcome: Outcome, options: RunOptions, total: int) -> str:
    thing = "scenario" if options.rounds == 1 else "run"
    number = len(outcome.results)
    return (
        f"after {number} of {counted(total, thing)}" if total else f"after {counted(number, thing)}"
    )


def _view(
    screen: Terminal, page: Page, total: int, usual: Mapping[str, float], show: Show
) -> LineView | LiveView:
    if show.silent:
        return silent_view()
    if show.json:
        return json_view(sys.stdout)
    if show.live and screen.live:
        return live_view(page, total, usual, verbose=show.verbose)
    return plain_view(sys.stdout, page, verbose=show.verbose)


def _ending(
    outcome: Outcome, took: float, options: RunOptions, page: Page, total: int
) -> list[str]:
    lines = summary(outcome.results, took, page.paint, page.named)
    bad = any(result.verdict >= Verdict.ERROR for result in outcome.results)
    if bad and options.fail_fast and len(outcome.results) < total:
        lines.append(f"stopped at the first failure, {_done(outcome, options, total)}")
    if bad and options.seed is not None:
        lines.append(f"disturbed by seed {options.seed}; again: --stress --seed {options.seed}")
    if options.keep:
        lines.append("the machines stay: lab shell NODE, lab logs, and lab down when done")
    return lines


def status(results: Sequence[ScenarioResult]) -> ExitStatus:
    """The exit status: the worst verdict counts; nothing, or only skips, is NOTHING."""
    verdicts = {result.verdict for result in results}
    if Verdict.FAIL in verdicts:
        return ExitStatus.FAILED
    if Verdict.ERROR in verdicts:
        return ExitStatus.ERROR
    return ExitStatus.PASSED if Verdict.PASS in verdicts else ExitStatus.NOTHING
