"""What is said of words that no single key or kind can say."""

from __future__ import annotations

from msgspec import Struct

from lab.requirements import KNOWN

_REQUIREMENTS = "\n".join(f"    {word:20}  {what}" for word, what in KNOWN.items())


class Topic(Struct, frozen=True):
    """One page, but for what the fields and kinds say of themselves."""

    word: str
    sort: str
    text: str
    example: str = ""


KEY = "a key of a scenario"
IDEA = "an idea"

TOPICS = (
    Topic(
        "scenario",
        IDEA,
        """One file says everything: machines, networks, what runs, what is done, what must be seen.

It is read with YAML's punctuation, but every value is text until its key says otherwise: `no`,
`010` and `22:22` need no quotes where text belongs. Keys may come in any order. The name of the
scenario is that of its file.""",
        """intent: a greeting must reach the client whole
networks:
  lan: {family: ipv6}
nodes:
  server: {service: stream-server, args: [--family, ipv6], networks: [lan]}
  client: {service: stream-client, args: [server], networks: [lan]}
expect:
  client: {stdout: {contains: "Hello, world!"}}
""",
    ),
    Topic(
        "intent",
        KEY,
        """What this scenario shows, in one sentence with the word "must".

It stands above every result, so that who reads a FAIL knows what should have been.""",
        "intent: a datagram sent over an IPv6-only network must reach the listener whole\n",
    ),
    Topic(
        "networks",
        KEY,
        """The networks by name; nothing behind a name makes it a dual one with no way out.

Names are lower-case letters, digits and hyphens. Under a node, `networks` says which ones it is
on: a list of names, or a mapping from name to {address: ...}.""",
        """networks:
  lan: {family: ipv6}
  wan: {family: ipv4, subnets: 192.0.2.0/24}
nodes:
  server: {service: stream-server, networks: [lan]}
  client: {service: stream-client, args: [server], networks: {lan: {}, wan: {address: 192.0.2.9}}}
""",
    ),
    Topic(
        "nodes",
        KEY,
        """The machines by name, each with what runs on it: a service of the catalog, or an image.

Other nodes reach it by its name. A node that runs nothing is a machine to run programs on (see
run). With `count: 4`, client becomes client-1 to client-4, and `client` means all of them. An
image runs its ENTRYPOINT and CMD; `args` take the place of CMD. In brackets a comma separates, so
text that has one stands in quotes there.""",
        """nodes:
  server: {service: stream-server, networks: [lan]}
  client: {service: stream-client, args: [server], networks: [lan], count: 4}
  own: {image: my/server:1, ends: false, networks: [lan]}
networks:
  lan:
""",
    ),
    Topic(
        "shares",
        KEY,
        """Directories that nodes have in common, by name; each node says where it has them.

Nodes are machines of their own and share nothing else; a directory makes them neighbours on one
machine, for Unix domain sockets and files. It lives in memory, is empty when the run begins and
gone when it ends, and every program may write to it. A path there must not hide what the
node's image needs, and a share is at least two nodes'.""",
        """shares:
  sockets:
nodes:
  server: {service: stream-server, networks: [lan], shares: {sockets: /run/echo}}
  client: {service: stream-client, args: [server], networks: [lan], shares: {sockets: /run/echo}}
""",
    ),
    Topic(
        "limits",
        "a key of a node",
        """What a node may use, so that a program gone wild harms nobody else.""",
        """nodes:
  server: {service: stream-server, limits: {memory: 64MiB, pids: 16, cpus: 0.5}}
""",
    ),
    Topic(
        "steps",
        KEY,
        """What is done, in order: each step one key, its kind, with name, within and expect beside.

`within` is how long it may take (10s); what is expected beside a step must be seen within the
same time again, counted from the moment the step is done. The first step that fails ends the run.
Without steps, every node is started in the order written, each once the one before is ready, and
the run is over when every program that ends by itself has ended.""",
        """steps:
  - start: server
  - start: client
    name: the client comes
    within: 5s
    expect:
      server: {stdout: {contains: got connection}}
""",
    ),
    Topic(
        "expect",
        KEY,
        """What must have been seen of each node when the run is over, or of a named program.

On a group it is held against every member. Unsaid, a program that ends by itself must have
exited 0, another must still be running, and one that runs well must not write to stderr.""",
        """expect:
  client: {exit: 2, stderr: "client: connect: Connection refused\\n..."}
  server: {listening: tcp/0.0.0.0:3490, processes: {zombies: 0}}
""",
    ),
    Topic(
        "matrix",
        KEY,
        """One case for each combination of values; `${family}` stands for the value in any text.

The cases are named stream-hello[family=ipv6]; a value is read as if it stood there itself.""",
        """matrix:
  family: [ipv4, ipv6]
networks:
  lan: {family: "${family}"}
""",
    ),
    Topic(
        "timeout",
        KEY,
        """How long the run may take from its first step to its last expectation, default 30s.""",
        "timeout: 1m\n",
    ),
    Topic(
        "impair",
        KEY,
        """Links that are bad from the start: a list, each as in the step impair, in its order.

A packet meets all that it fits. How much each fell on is told with the result, and one that fell
on nothing until the end is an ERROR.""",
        """impair:
  - {network: lan, loss: 20%}
  - {from: client, to: server, delay: 50ms, only: tcp/3490}
""",
    ),
    Topic(
        "seed",
        KEY,
        """What is left to chance follows from it, unsaid from the scenario's name.

The same seed and the same packets in the same order: the same ones are lost, doubled, late. Of
UDP and one sender, that is every time; TCP sends again by the clock, so its packets differ.""",
        """seed: "7"
impair:
  - {network: lan, loss: 20%, only: udp}
""",
    ),
    Topic(
        "requires",
        KEY,
        f"""What the machine must be able to do; else the verdict is SKIP, with the reason.

{_REQUIREMENTS}""",
        "requires: [engine>=28, ipv6]\n",
    ),
    Topic(
        "lines",
        IDEA,
        r"""How a line of an expected block is compared: equal byte for byte, or by its suffix.

    ...                 alone on a line: any lines, or none
    text (re)           a Python regular expression that must match the whole line
    text (glob)         * stands for any characters, ? for one; \* and \? for themselves
    text (esc)          with \0 \r \t \n \\ and \xNN for the bytes they name
    text (?)            the line may be missing; also behind another suffix

The last newline counts: a block that begins with | ends in one, a block that begins with |- does
not. What `${...}` stands for is taken as it is by every rule. A regular expression of which the
lab cannot tell in 5 s of the processor whether it fits is an ERROR.""",
        r"""expect:
  server:
    stdout: |
      server: waiting for connections...
      server: got connection from ${client.ip}
      took [0-9]+ ms (re)
      ...
      bye\0 (esc)
""",
    ),
    Topic(
        "references",
        IDEA,
        """`${...}` stands for what the run gave: addresses, ports, and the values of a matrix.

    ${talker.ip}        its address, where it has only one
    ${talker.ipv4}      its IPv4 address; ${talker.ipv6} the other
    ${talker.lan.ip}    its address on the network lan; .ipv4 and .ipv6 likewise
    ${server.port}      the port its service declares
    ${family}           the value of a matrix in this case

A plain ${ is written $${. In brackets and braces, text with ${...} must stand in quotes.""",
        """expect:
  listener:
    stdout: {contains: "got packet from ${talker.ip}"}
""",
    ),
    Topic(
        "golden",
        IDEA,
        """A golden file holds a block of expected lines; its path is relative to the scenario file.

Its lines follow the rules of blocks, references included (those of a matrix only in the path).
`lab accept NAME` runs the scenario and writes what failed, in golden files and blocks alike;
lines that still match stay as they are. Read the difference before you keep it.""",
        """expect:
  client: {stdout: {file: golden/client.txt}}
""",
    ),
    Topic(
        "verdicts",
        IDEA,
        """PASS, FAIL, ERROR or SKIP: the worst of all that was judged counts.

In the order of badness, SKIP < PASS < ERROR < FAIL:

    PASS    all that was asked was seen
    FAIL    something else was seen
    ERROR   the lab could not tell; nothing at all is ERROR too, never PASS
    SKIP    this machine lacks what the scenario requires

An ERROR satisfies no expectation, one that something never comes included.

`lab run` ends with 0 when all passed (or some were skipped), 1 for a FAIL, 2 when it was
interrupted and has cleaned up, 3 for an ERROR, 4 for a bad command line or scenario file, 5 when
nothing was selected or all was skipped.""",
    ),
)

ALIASES = {
    "node": "nodes",
    "network": "networks",
    "impairment": "impair",
    "share": "shares",
    "step": "steps",
    "expectation": "expect",
    "line": "lines",
    "reference": "references",
    "verdict": "verdicts",
}
"""Other words a page is looked for by."""
