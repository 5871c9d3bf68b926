"""Every service.yaml is as services/README.md says, and true of its program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from .running import SERVICES, Program, bound, free_port, run, script, socket_table, until

KEYS = {"summary", "usage", "command", "arguments", "options", "example", "ports", "ends"}
NAMES = sorted(path.parent.name for path in SERVICES.glob("*/service.yaml"))
# The others are programs of Debian's packages, which the image has and nothing here imitates.
OWN = [name for name in NAMES if script(name).is_file()]
REAL = [name for name in NAMES if name not in OWN]
ANY_ADDRESS = {"ipv4": "00000000", "any": "00000000", "ipv6": "0" * 32}


def service(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((SERVICES / name / "service.yaml").read_text())
    return loaded


def values(name: str, args: list[str]) -> dict[str, str]:
    """What each option and argument was given, read as services/README.md says."""
    declared = service(name)
    options = {**declared["options"], "--help": False}
    given = {option: str(default) for option, default in options.items()}
    words = take_options(args, options, given)
    for argument in declared["arguments"]:
        given[argument] = words.pop(0)
    assert not take_options(words, options, given)
    return given


def take_options(words: list[str], options: dict[str, Any], given: dict[str, str]) -> list[str]:
    """Take options from the front of `words` into `given`; the rest."""
    words = list(words)
    while words and (option := words[0].partition("=")[0]) in {*options, "--"}:
        word = words.pop(0)
        if option == "--":
            break
        if options[option] is False:
            given[option] = "true"
        else:
            given[option] = word.partition("=")[2] if "=" in word else words.pop(0)
    return words


def ports(name: str, args: list[str]) -> list[tuple[str, str, int]]:
    """The rows that must be in the socket table: its name in /proc/net, address, port."""
    given = values(name, args)
    rows = []
    for port in service(name)["ports"]:
        family = given.get(port["family"], port["family"])
        number = int(given.get(str(port["port"]), port["port"]))
        table = port["transport"] + ("6" if family == "ipv6" else "")
        rows.append((table, ANY_ADDRESS[family], number))
    return rows


def test_every_program_has_its_folder() -> None:
    assert OWN == [
        "chatserver-epoll",
        "chatserver-threads",
        "connected-talker",
        "echoserver-epoll",
        "echoserver-poll",
        "echoserver-threads",
        "listener",
        "load-client",
        "multichatserver",
        "simplestreamclient",
        "simplestreamserver",
        "stream-client",
        "stream-server",
        "talker",
        "udp-echo-client",
        "udp-echo-server",
        "unix-echo-datagram-client",
        "unix-echo-datagram-server",
        "unix-echo-stream-client",
        "unix-echo-stream-server",
    ]


def test_a_real_program_has_no_other_beside_it() -> None:
    assert "telnet" in REAL
    found = {path.name for name in REAL for path in (SERVICES / name).iterdir()}
    assert found <= {"service.yaml", "README.md"}


@pytest.mark.parametrize("name", NAMES)
def test_service_yaml_has_the_documented_shape(name: str) -> None:
    declared = service(name)
    assert set(declared) == KEYS
    own = ["python3", "-I", "-S", f"/lab/services/{name}/{name}.py"]
    assert (declared["command"] == own) == (name in OWN)
    assert all(argument.isupper() for argument in declared["arguments"])
    assert all(option.startswith("--") for option in declared["options"])
    assert all(isinstance(word, str) for word in declared["example"])
    assert len(declared["example"]) == len(declared["arguments"])
    assert isinstance(declared["ends"], bool)
    for port in declared["ports"]:
        assert set(port) == {"transport", "family", "port"}
        assert port["transport"] in ("tcp", "udp")
        assert port["port"] in {*declared["options"], *declared["arguments"]}
        assert port["family"] in declared["options"]


@pytest.mark.parametrize("name", OWN)
def test_usage_is_the_one_help_gives(name: str) -> None:
    shown = " ".join(run(name, "--help").stdout.decode().split())
    assert f"usage: {service(name)['usage']} " in shown


@pytest.mark.parametrize("name", NAMES)
def test_usage_has_every_option_and_argument(name: str) -> None:
    declared = service(name)
    for word in [name, *declared["options"], *declared["arguments"]]:
        assert word in declared["usage"]


@pytest.mark.parametrize("family", ["default", "any", "ipv4", "ipv6"])
@pytest.mark.parametrize("name", [name for name in NAMES if service(name)["ports"]])
def test_the_declared_port_is_bound(name: str, family: str) -> None:
    port = str(free_port())
    declared = service(name)
    args = [port, *declared["example"][1:]] if declared["arguments"] else ["--port", port]
    args += [] if family == "default" else [f"--family={family}"]
    [(table, address, number)] = ports(name, args)
    assert number == int(port)
    with Program(name, *args) as program:
        until("bound", lambda: bound(table, number))
        assert (address, number) in {(found, at) for found, at, _ in socket_table(table)}
        assert program.process.poll() is None


def test_readme_shows_every_key() -> None:
    readme = Path(SERVICES / "README.md").read_text()
    for key in KEYS:
        assert f"| {key} |" in readme
