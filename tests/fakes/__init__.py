"""An engine, its nodes and an agent without Docker, for tests of what stands on them.

Law: FakeEngine passes the same contract tests as the Docker one (tests/contract).

    FakeEngine(programs, failures)   a lab.ports.Engine; nodes are threads behind socketpairs
    FakeAgent(engine)                a lab.ports.Agent that looks at those nodes
    PROGRAMS, FakeProcess            what runs on the nodes: a function of a FakeProcess
"""

from tests.fakes.agent import FakeAgent
from tests.fakes.engine import Failures, FakeEngine
from tests.fakes.process import FakeProcess, Program
from tests.fakes.programs import PROGRAMS

__all__ = ["PROGRAMS", "Failures", "FakeAgent", "FakeEngine", "FakeProcess", "Program"]
