"""The attacks: each a program, what its scenario asks for, and what must come of it.

Law: a program's own doing is a FAIL, or a PASS where the scenario asks for what it tried in vain;
never an ERROR.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"
SECRET, OWN = "expected-of-nobody-else", "known-by-itself"  # words that one of them looks for


@dataclass(frozen=True)
class Attack:
    """`more` is the rest of the scenario; `reason` what its verdict must say, all of it."""

    program: str
    verdict: str = "PASS"
    reason: str = ""
    more: str = ""
    args: tuple[str, ...] = ()
    limits: str = "{}"
    timeout: str = "30s"
    peer: bool = False

    def scenario(self, image: str, addresses: Sequence[str]) -> str:
        """The file; whoever has a peer is told of these addresses too."""
        source = (PROGRAMS / f"{self.program}.py").read_text()
        more = addresses if self.peer else ()
        peer = f"{{image: {image!r}, args: [sleep, '1000'], ends: false, networks: [lan]}}"
        argv = json.dumps(["python3", "-S", "-c", source, *self.args, *more])
        return (
            f"intent: whatever {self.program} does must harm nobody\n"
            f"timeout: {self.timeout}\n"
            "networks: {lan: {}}\n"
            "nodes:\n"
            f"{f'  peer: {peer}' if self.peer else ''}\n"
            "  it:\n"
            f"    image: {image!r}\n"
            f"    args: {argv}\n"
            f"    env: {{OWN: {OWN}}}\n"
            f"    limits: {self.limits}\n"
            "    networks: [lan]\n"
            f"{self.more}"
        )


FULL = """\
expect:
  it:
    stdout: |
      /tmp: No space left on device
      /dev/shm: No space left on device
      segments: No space left on device
      queues: No space left on device
"""
NOTHING_FOUND = f"""\
expect:
  it:
    stdout: |
      processes but the holder and itself: 0
      word 0 found: nowhere
      word 1 found: /proc/self/environ
      abstract sockets: []
    stderr: {{contains: {{text: {SECRET}, at-most: 0}}}}
"""
ONE_MORE = """\
steps:
  - start: it
  - wait: {for: it, processes: {count: {at-least: 127}}}
  - run: {on: it, command: ["true"]}
"""
STOPPED = """\
steps:
  - start: it
  - wait: {for: it, stdout: deaf}
  - stop: it
    within: 500ms
"""
SMALL = "{memory: 64MiB}"

# Its peer, to show that it can reach anybody; then who must not be there.
REACHED = """\
expect:
  it:
    stdout:
      contains:
        - reached ${peer.ipv4}
        - reached ${peer.ipv6}
"""
OUTSIDE = ("192.0.2.1", "2001:db8::1")  # set aside for documents: RFC 5737, RFC 3849

ATTACKS = {
    "forbidden": Attack("forbidden", more="expect: {it: {stdout: {never: DONE, until: exit}}}\n"),
    "impostor": Attack("impostor", more='expect: {it: {stdout: "its node is still there\\n"}}\n'),
    "fill": Attack("fill", more=FULL, limits=SMALL),
    "outside": Attack(
        "outside", more=REACHED, args=("all", "${peer.ipv4}", "${peer.ipv6}", *OUTSIDE), peer=True
    ),
    "snoop": Attack("snoop", more=NOTHING_FOUND, args=(SECRET.encode().hex(), OWN.encode().hex())),
    "fork-bomb": Attack(
        "bomb",
        "FAIL",
        "it#2: it never began: cannot run true: Resource temporarily unavailable, and the process "
        "limit of 128 was reached; it must exit 0",
        ONE_MORE,
    ),
    "memory-bomb": Attack(
        "hoard",
        "FAIL",
        "it: SIGKILL ended it, and the memory limit of 64MiB was reached; it must exit 0",
        limits=SMALL,
    ),
    "flood": Attack("flood", "FAIL", "it: it is still running; it must exit 0", timeout="3s"),
    "flood-expected": Attack(
        "flood",
        "FAIL",
        "it: stdout is longer than the 16MiB a program may write, and stdout does not contain the "
        "end in what was kept",
        "expect: {it: {stdout: {contains: the end}}}\n",
    ),
    "junk": Attack("junk", "FAIL", "it: it exited 7; it must exit 0"),
    "deaf": Attack(
        "deaf", "FAIL", "it: it ignored SIGTERM: it is still running (waited 0.5 s)", STOPPED
    ),
}
