"""The `lab` command as a process: what it imports, how it meets pipes and terminals."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli_fakes import project

ROOT = Path(__file__).parents[2]

# Runs `lab` with parts that need no Docker, then says on stderr which modules are there.
WITH_FAKES = """
import sys
from lab.cli.main import main
from tests.unit.cli_fakes import FakeParts
status = main(sys.argv[1:], FakeParts())
print("imported:", *sorted(sys.modules), file=sys.stderr)
sys.exit(status)
"""
# The same with the installed parts.
INSTALLED = WITH_FAKES.replace("from tests.unit.cli_fakes import FakeParts\n", "").replace(
    ", FakeParts()", ""
)
# The same, saying whether Docker's SDK was there when the agent was begun.
WITH_AGENT = """
import sys
import lab.agent.choice as choice
from lab.cli.main import main
class Noted(choice.ChildAgent):
    def __init__(self):
        print("the SDK was there:", "docker" in sys.modules, file=sys.stderr)
        super().__init__()
choice.ChildAgent, choice.may_be_child = Noted, lambda: True
sys.exit(main(sys.argv[1:]))
"""


def environment(**more: str) -> dict[str, str]:
    """As users have it, with this project's packages to be found."""
    kept = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    return {**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **more}


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return project(
        tmp_path / "project", pass_a="udp", fail_b="tcp", evil_c="x", pass_d="udp " * 3000
    )


def python(code: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def modules(answer: subprocess.CompletedProcess[str]) -> set[str]:
    last = answer.stderr.splitlines()[-1]
    assert last.startswith("imported: "), answer
    return set(last.split()[1:])


def imported(answer: subprocess.CompletedProcess[str]) -> set[str]:
    return {name.split(".")[0] for name in modules(answer)}


@pytest.mark.parametrize(
    "arguments", [("run", "all"), ("run", "all", "-v"), ("run", "all", "--json"), ("list",)]
)
def test_rich_is_not_imported_where_nothing_live_is_shown(
    folder: Path, arguments: tuple[str, ...]
) -> None:
    found = imported(python(WITH_FAKES, folder, *arguments))
    assert "click" in found
    assert not found & {"rich", "docker", "requests"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("validate",),
        ("show", "udp-ipv6-only"),
        ("explain",),
        ("--help",),
        *((name, "--help") for name in ("run", "up", "shell", "doctor", "build")),
    ],
)
def test_docker_is_not_imported_for_what_needs_none(arguments: tuple[str, ...]) -> None:
    found = imported(python(INSTALLED, ROOT, *arguments))
    assert not found & {"docker", "requests", "rich"}


def test_help_imports_no_command_and_no_yaml() -> None:
    answer = python(INSTALLED, ROOT, "--help")
    assert not any(name.startswith("lab.cli.commands.") for name in modules(answer))
    assert not modules(answer) & {"yaml", "lab.runner", "lab.loader", "lab.kinds", "lab.engine"}


def test_a_run_imports_what_it_needs_and_nothing_else(tmp_path: Path) -> None:
    answer = python(INSTALLED, ROOT, "run", "udp-ipv6-only", "--engine", f"unix://{tmp_path}/none")
    found = modules(answer)
    assert {"docker", "lab.suite", "lab.engine.docker_engine"} <= found  # all but the engine itself
    steps = {name for name in found if name.startswith("lab.kinds.steps.")}
    assert steps == {"lab.kinds.steps.start"}
    packages = {"rich", "attr", "lab.private_engine", "lab.artifacts", "lab.cleaning"}
    assert not {name for name in found if name in packages or name.rpartition(".")[0] in packages}
    assert not found & {"lab.loader.manual", "lab.loader.reference", "lab.engine.building"}
    assert not found & {"lab.report.live", "lab.report.picture", "lab.report.topology"}
    assert not found & {"lab.kinds.output.alignment", "lab.kinds.output.fragments"}


def test_the_agent_is_begun_before_the_sdk_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_AGENT", "child")
    answer = python(WITH_AGENT, ROOT, "run", "udp-ipv6-only", "--engine", f"unix://{tmp_path}/none")
    assert answer.stderr.splitlines()[0] == "the SDK was there: False"
    assert "no Docker Engine" in answer.stderr


def test_the_interpreter_ends_without_looking_for_garbage(folder: Path) -> None:
    # What is registered first is done last: once the lab has done all it does at its end.
    count = "atexit.register(lambda: print('kept:', gc.get_freeze_count(), file=sys.stderr))"
    answer = python(f"import atexit, gc, sys\n{count}\n{WITH_FAKES}", folder, "list")
    assert int(answer.stderr.splitlines()[-1].removeprefix("kept: ")) > 0


def test_a_reader_who_leaves_early_hears_no_complaint(folder: Path) -> None:
    ours, theirs = os.pipe()
    os.close(ours)  # nobody reads
    with os.fdopen(theirs, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-c", WITH_FAKES, "list"],
            cwd=folder,
            env=environment(),
            stdout=pipe,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0
    assert b"Error" not in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_run_goes_on_to_its_verdict_when_nobody_reads(folder: Path) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-c", WITH_FAKES, "run", "fail-b", "pass-a", "--json"],
            cwd=folder,
            env=environment(),
            stdout=pipe,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert (done.returncode, b"Traceback" in done.stderr) == (1, False)


def on_terminal(folder: Path, *arguments: str, **more: str) -> tuple[int, bytes]:
    """Run it on a pseudo-terminal of its own: its status and everything it wrote there."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        process = subprocess.Popen(
            [sys.executable, "-c", WITH_FAKES, *arguments],
            cwd=folder,
            env=environment(COLUMNS="100", LINES="30", **more),
            stdin=theirs,
            stdout=theirs,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        written = bytearray()
        while True:
            try:
                data = terminal.read(65536)
            except OSError:  # EIO: everyone has closed it
                break
            if not data:
                break
            written += data
    return process.wait(timeout=60), bytes(written)


COLOUR = re.compile(rb"\x1b\[[\d;]*m")
CURSOR = re.compile(rb"\x1b\[[\d;?]*[A-Zhl]")


def test_a_terminal_gets_colour_and_a_live_view(folder: Path) -> None:
    status, written = on_terminal(folder, "run", "pass-a", "fail-b")
    assert status == 1
    assert COLOUR.search(written)
    assert CURSOR.search(written)
    assert b"2 scenarios" in written


@pytest.mark.parametrize(
    "more", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["no-color", "dumb-terminal"]
)
def test_no_colour_where_it_is_not_wanted(folder: Path, more: dict[str, str]) -> None:
    _, written = on_terminal(folder, "run", "pass-a", "fail-b", **more)
    assert not COLOUR.search(written)
    _, listed = on_terminal(folder, "list", **more)
    assert b"\x1b" not in listed


@pytest.mark.parametrize("arguments", [("--no-live",), ("--json",)])
def test_no_live_view_where_it_is_not_wanted(folder: Path, arguments: tuple[str, ...]) -> None:
    _, written = on_terminal(folder, "run", "pass-a", *arguments)
    assert not CURSOR.search(written)


def test_what_programs_wrote_is_never_obeyed(folder: Path) -> None:
    status, written = on_terminal(folder, "run", "evil-c")
    assert status == 1
    left = CURSOR.sub(b"", COLOUR.sub(b"", written))
    assert b"\x1b" not in left
    assert b"\x07" not in left
    assert b"[31mred" in left  # as text


def test_a_character_the_terminal_lacks_is_no_crash(folder: Path) -> None:
    (folder / "scenarios" / "pass-é.yaml").write_text("x")
    status, written = on_terminal(folder, "list", PYTHONIOENCODING="ascii")
    assert (status, b"Traceback" in written) == (0, False)
    assert rb"pass-\xe9" in written


@pytest.mark.parametrize(
    ("words", "offered"), [("lab sho", "plain,show"), ("lab run fa", "plain,fail-b")]
)
def test_tab_completes_commands_and_scenarios(folder: Path, words: str, offered: str) -> None:
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    done = subprocess.run(
        [sys.executable, "-c", WITH_FAKES],
        cwd=folder,
        env=environment(_LAB_COMPLETE="bash_complete", **asked),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert offered in done.stdout.splitlines()
    assert "Traceback" not in done.stderr


def test_the_completion_script_is_one_that_bash_can_read(folder: Path) -> None:
    script = python(WITH_FAKES, folder, "completion", "bash").stdout
    assert "_LAB_COMPLETE=bash_complete" in script
    checked = subprocess.run(["bash", "-n"], input=script, text=True, check=False, timeout=60)
    assert checked.returncode == 0
