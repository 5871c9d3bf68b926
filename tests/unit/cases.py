"""Cases run on a fake engine, for tests of the runner, the executor and the suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lab.allocation import Pools
from lab.catalog import Catalog
from lab.events import SocketEntry
from lab.executor.loop import Loop
from lab.loader import load_text
from lab.model import Endpoint, Scenario, Transport
from lab.ports import Abilities, Agent, Clock
from lab.result import Keep, Progress, ScenarioResult
from lab.runner import MonotonicClock, World, run_case
from tests.fakes import PROGRAMS, FakeAgent, FakeEngine, FakeProcess, Program
from tests.fakes.engine import MODERN, Failures

NO_SERVICES = Catalog(Path("nowhere"))

ECHO = """
intent: what is sent must come back
networks:
  lan: {family: ipv6}
shares:
  files:
nodes:
  server:
    image: any
    args: [serve]
    networks: [lan]
    shares: {files: /run/files}
    ends: false
    ready: {listening: "tcp/[::]:7"}
  client: {image: any, args: [cat], networks: [lan], shares: {files: /srv}}
steps:
  - start: server
  - start: client
  - send: {to: client, line: hello}
  - wait: {for: client, stdout: hello}
  - close-stdin: client
expect:
  client: {stdout: "hello\\n"}
"""


def serve(process: FakeProcess) -> int:
    """Listen on TCP port 7, for ever."""
    process.show(SocketEntry(Endpoint(Transport.TCP, "::", 7), None, "LISTEN"))
    process.wait()
    return 0


def flood(process: FakeProcess) -> int:
    """Print for ever."""
    while True:
        process.write(b"flood\n" * 1000)


def talk(process: FakeProcess) -> int:
    """Print a hundred lines, then sleep."""
    for _ in range(100):
        process.write(b"hello\n")
    process.wait()
    return 0


ALL_PROGRAMS: Mapping[str, Program] = {**PROGRAMS, "serve": serve, "flood": flood, "talk": talk}


def case(text: str, name: str = "x") -> Scenario:
    """The one case of a scenario's text."""
    (found,) = load_text(Path(f"{name}.yaml"), text.encode(), NO_SERVICES)
    return found


def alone(program: str, rest: str = "", *, more: str = "", family: str = "ipv6") -> Scenario:
    """A node `a` with one program and nothing else; `more` are keys of the node."""
    return case(
        "intent: it must\n"
        f"networks: {{lan: {{family: {family}}}}}\n"
        f"nodes: {{a: {{image: any, args: [{program}], networks: [lan]{more}}}}}\n"
        f"{rest}"
    )


def nobody(event: Progress) -> None:
    """A listener that does not listen."""


@dataclass
class Bench:
    """A fake world. `told` are the events of all runs so far."""

    engine: FakeEngine
    agent: Agent
    pool: Executor
    clock: Clock = field(default_factory=MonotonicClock)
    told: list[Progress] = field(default_factory=list)
    packets: Keep = Keep.ASKED

    @property
    def world(self) -> World:
        return World(self.engine, self.agent, self.pool, self.clock, Pools(), packets=self.packets)

    def run(
        self,
        scenario: Scenario,
        listen: Callable[[Progress, Loop], None] = lambda _event, _loop: None,
        *,
        keep: bool = False,
    ) -> ScenarioResult:
        """Run a case; `listen` is given each event and the loop."""
        with Loop(self.clock) as loop:

            def tell(event: Progress) -> None:
                self.told.append(event)
                listen(event, loop)

            return run_case(scenario, self.world, loop, tell, keep=keep)

    @property
    def flushed(self) -> Mapping[str, tuple[str, ...]]:
        """The subnets the agent flushed, by node."""
        assert isinstance(self.agent, FakeAgent)
        return self.agent.flushed

    @property
    def words(self) -> list[str]:
        """The kinds of the events told so far."""
        return [type(event).__name__ for event in self.told]


@contextmanager
def bench(
    *,
    failures: Failures | None = None,
    abilities: Abilities = MODERN,
    engine: type[FakeEngine] = FakeEngine,
    threads: int = 4,
) -> Iterator[Bench]:
    """A fake world, and afterwards no thread of it. `threads` are those engine calls come from."""
    made = engine(ALL_PROGRAMS, abilities=abilities, failures=failures)
    with ThreadPoolExecutor(threads) as pool:
        yield Bench(made, FakeAgent(made), pool)
        for name in tuple(made.nodes):
            made.remove_node(name)
