"""`lab run`: run scenarios and say what they came to.

Law: the status is made from the verdicts alone; how it is shown changes no result.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from msgspec import Struct
from msgspec.structs import replace

from lab.cli.invocation import Invocation
from lab.cli.options import choice, duration, engine_options, scenario_names, use_option
from lab.cli.parts import EngineChoice, RunOptions
from lab.cli.terminal import Terminal, terminal
from lab.cli.views import LineView, json_view, live_view, page_for, plain_view, say
from lab.errors import ExitStatus
from lab.model import Scenario
from lab.report.case import Page
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
  lab run all --json | jq -r .verdict    a line of JSON for each case
  lab run echo --use simplestreamserver=my-image:latest
"""


class Show(Struct, frozen=True):
    """How results are shown."""

    json: bool
    verbose: bool
    live: bool


@click.command(epilog=EXAMPLES, short_help="run scenarios and say PASS or FAIL")
@click.argument("what", nargs=-1, metavar="NAME|FILE|TAG|all...", shell_complete=scenario_names)
@click.option("--tag", "tags", multiple=True, help="Only cases with this tag (or one of several).")
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), default=1, help="Cases to run at a time (1)."
)
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
@click.option("-v", "--verbose", is_flag=True, help="Also phases, steps and output as they come.")
@click.option("--no-live", is_flag=True, help="Plain lines, also on a terminal.")
@click.pass_obj
def command(
    call: Invocation,
    *,
    what: tuple[str, ...],
    tags: tuple[str, ...],
    jobs: int,
    as_json: bool,
    keep: bool,
    timeout: float | None,
    use: tuple[tuple[str, str], ...],
    engine: str | None,
    start_engine: bool,
    verbose: bool,
    no_live: bool,
) -> int:
    """Run scenarios on real machines and say PASS or FAIL, with the reason."""
    if not what and not tags:
        raise click.UsageError("say what to run: a name, a file, a tag, or `all`")
    cases = _timed(call.selector(dict(use)).select(what, tags), timeout)
    show = Show(as_json, verbose, not (as_json or no_live))
    chosen = choice(call, engine, start_engine=start_engine, machines=True)
    return _run(call, cases, chosen, RunOptions(jobs, keep), show)


def _timed(cases: Sequence[Scenario], timeout: float | None) -> Sequence[Scenario]:
    if timeout is None:
        return cases
    return [replace(case, timeout=timeout) for case in cases]


def _run(
    call: Invocation,
    cases: Sequence[Scenario],
    chosen: EngineChoice,
    options: RunOptions,
    show: Show,
) -> int:
    screen, began = terminal(sys.stdout), time.monotonic()
    page = page_for(screen, call.project.files)
    with (
        _view(screen, page, len(cases), show) as view,
        call.parts.connect(chosen, view.say) as connection,
    ):
        outcome = call.parts.run(cases, connection, options, view)
    if not show.json and outcome.results:
        took = time.monotonic() - began
        print("\n".join(_ending(outcome.results, took, options, page)), flush=True)
    if outcome.interrupted:
        done = f"after {len(outcome.results)} of {counted(len(cases), 'scenario')}"
        say(f"lab: interrupted {done}; everything else was removed")
        return ExitStatus.INTERRUPTED
    return status(outcome.results)


def _view(screen: Terminal, page: Page, total: int, show: Show) -> LineView | LiveView:
    if show.json:
        return json_view(sys.stdout)
    if show.live and screen.live:
        return live_view(page, total, verbose=show.verbose)
    return plain_view(sys.stdout, page, verbose=show.verbose)


def _ending(
    results: Sequence[ScenarioResult], took: float, options: RunOptions, page: Page
) -> list[str]:
    lines = summary(results, took, page.paint, page.named)
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
