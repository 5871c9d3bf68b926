"""A page that says what is not so fails, and is told where."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.alike import alike
from tests.docs.checkout import surroundings
from tests.docs.page import PageError
from tests.docs.story import Story

TRUE = {
    "output": "```console\n$ echo hello; echo world\nhello\nworld\n```\n",
    "silence": "```console\n$ true\n$ cd /\n$ pwd\n/\n```\n",
    "elision": "```console\n$ seq 9\n1\n...\n9\n```\n",
    "time": "```console\n$ echo took 0.52 s\ntook 17.00 s\n```\n",
    "address": "```console\n$ printf '198.18.%s\\n' 0.2 0.2\n198.18.7.9\n198.18.7.9\n```\n",
    "others": "```console\n$ echo lab: removed 3 things that dead runs had left\n```\n",
    "status": "```console\n$ sh -c 'exit 3'\n$ echo $?\n3\n```\n",
    "typed": "```console\n$ sed -u s/a/o/\ncat ⏎\ncot\n^C\n$ echo $?\n130\n```\n",
    "file": "```yaml\n# a/b.txt\nx: 1\n```\n\n```console\n$ cat a/b.txt\n# a/b.txt\nx: 1\n```\n",
    "excerpt": "```text\n# there.txt\none\n...\nthree\n```\n",
    "change": "```diff\n--- there.txt\n+++ there.txt\n@@ -1 +1 @@\n-one\n+ONE\n```\n"
    "```console\n$ head -n 1 there.txt\nONE\n```\n",
    "C": "```c\n// a.c\nint main(void) { return 0; }\n```\n",
}
LIES = {
    "other output": (
        "```console\n$ echo hello\nhullo\n```\n",
        "page.md:1: (.*\n)*-hullo\n.hello\n",
    ),
    "less output": ("```console\n$ echo hello\n```\n", "hello"),
    "more output": ("```console\n$ echo hello\nhello\nworld\n```\n", "world"),
    "output after an elision": ("```console\n$ seq 9\n1\n...\n8\n```\n", "-\\.\\.\\.\n"),
    "an address that is another": (
        "```console\n$ printf '198.18.%s\\n' 0.2 0.3\n198.18.7.9\n198.18.7.9\n```\n",
        "198.18.0.3",
    ),
    "two addresses that are one": (
        "```console\n$ printf '198.18.%s\\n' 0.2 0.2\n198.18.7.8\n198.18.7.9\n```\n",
        "198.18.7.9",
    ),
    "an address that was another before": (
        "```console\n$ printf '198.18.%s\\n' 0.2\n198.18.7.9\n```\n\n"
        "```console\n$ printf '198.18.%s\\n' 0.3\n198.18.7.9\n```\n",
        ":6:",
    ),
    "a failure not told": ("```console\n$ false\n```\n", "ended with 1"),
    "a failure not told before the next": ("```console\n$ false\n$ true\n```\n", "ended with 1"),
    "another status": ("```console\n$ false\n$ echo $?\n2\n```\n", "-2"),
    "no such excerpt": ("```text\n# there.txt\ntwo\none\n```\n", "no such lines"),
    "half a line as an excerpt": ("```text\n# there.txt\nne\n```\n", "no such lines"),
    "a change of what is not there": (
        "```diff\n--- there.txt\n+++ there.txt\n@@ -1 +1 @@\n-four\n+ONE\n```\n",
        "patch",
    ),
    "C that does not compile": (
        "```c\n// a.c\nint main(void) { return x; }\n```\n",
        "cc .*\n(.*\n)*.*error",
    ),
    "a scenario that is wrong": ("```yaml\n# a.yaml\nintent: x\n```\n", "nodes"),
    "Python that is not in format": ("```python\n# a.py\nx = [1,2]\n```\n", "x = .1, 2."),
    "a block that is nothing": ("```\nhello\n```\n", ":1: a block says"),
    "an indented block": ("    hello\n", ":1: a block says"),
    "a file without a name": ("```yaml\nx: 1\n```\n", ":1: a block says"),
    "output of no terminal": ("```console\nhello\n```\n", "which terminal"),
    "a prompt of no terminal": ("```console\nserver$ ls\n```\n", "lab shell server"),
}


def tell(folder: Path, text: str) -> None:
    (folder / "there.txt").write_text("one\ntwo\nthree\n")
    for name in ("scenarios", "services"):
        (folder / name).mkdir()
    page = folder / "page.md"
    page.write_text(text)
    project = Path(__file__).parents[2]
    Story(page, folder, surroundings(project)).tell()


@pytest.mark.parametrize("text", TRUE.values(), ids=TRUE)
def test_a_true_page_passes(tmp_path: Path, text: str) -> None:
    tell(tmp_path, text)


@pytest.mark.parametrize(("text", "told"), LIES.values(), ids=LIES)
def test_a_lie_is_found(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(PageError, match=told):
        tell(tmp_path, text)


def test_an_elision_binds_no_names() -> None:
    shown = ["...", "to 198.18.0.1", "from 198.18.0.2"]
    seen = ["to 198.18.5.5", "from 198.18.5.5", "to 198.18.5.5", "from 198.18.5.6"]
    assert alike(shown, seen, {}) == {"198.18.0.1": "198.18.5.5", "198.18.0.2": "198.18.5.6"}
