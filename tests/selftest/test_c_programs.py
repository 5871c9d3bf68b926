"""A reader's own C build of a guide program passes every scenario that our service passes.

Its image holds nothing but the program and the C library: no shell, no tools, no /tmp. It never
flushes its output, which the lab must see all the same, line by line, while it still runs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.catalog import Catalog
from lab.engine.docker_engine import DockerEngine
from lab.loader import load
from tests import programs
from tests.selftest.process import ROOT, run_lab

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))

Images = dict[str, str]


@pytest.fixture(scope="module")
def images(engine: DockerEngine, tmp_path_factory: pytest.TempPathFactory) -> Images:
    """The image of each program, by the service it takes the place of."""
    return programs.build(engine.clients.mine(), tmp_path_factory.mktemp("programs"))


def use(images: Images) -> list[str]:
    """The options that put them in the services' places."""
    return [word for name, image in images.items() for word in ("--use", f"{name}={image}")]


def test_they_pass_every_scenario_of_their_services(engine: DockerEngine, images: Images) -> None:
    catalog = Catalog(ROOT / "services")
    cases = [case for path in SCENARIOS for case in load(path, catalog)]
    replaced = [{node.service for node in case.topology.nodes} & set(images) for case in cases]
    assert set().union(*replaced) == set(images)
    concerned = {case.name for case, found in zip(cases, replaced, strict=True) if found}
    ended = run_lab("run", *concerned, "-j", "4", "--json", "--engine", engine.url, *use(images))
    assert ended.not_passed == []
    assert {case["case"] for case in ended.cases} == concerned
    assert ended.status == 0


# The server's lines are waited for one by one while it runs on: none can come by a flush at exit.
LINE_BY_LINE = """\
intent: every line of a server that never ends must be seen when it is printed
networks:
  lan: {family: ipv4}
nodes:
  server: {service: stream-server, networks: [lan]}
  one: {service: stream-client, args: [server], networks: [lan]}
  two: {service: stream-client, args: [two], networks: [lan]}
steps:
  - start: server
  - wait: {for: server, stdout: "server: waiting for connections..."}
  - start: one
  - wait: {for: server, stdout: "server: got connection from ${one.ip}"}
  - start: two
  - wait: {for: two, exit: 2}
expect:
  server:
    exit: running
    stdout: |
      server: waiting for connections...
      server: got connection from ${one.ip}
    stderr: ""
  two:
    exit: 2
    stdout: ""
    stderr: |
      client: connect: Connection refused
      client: failed to connect
"""


def test_their_lines_are_seen_while_they_run_and_on_their_own_streams(
    engine: DockerEngine, images: Images, tmp_path: Path
) -> None:
    path = tmp_path / "line-by-line.yaml"
    path.write_text(LINE_BY_LINE)
    ended = run_lab("run", str(path), "--engine", engine.url, *use(images))
    assert ended.status == 0, ended.out
