from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.catalog import Catalog, read_service
from lab.service import ServiceSpec, WrongUsageError
from lab.source import InvalidScenario

SERVICES = Path(__file__).parents[2] / "services"
PATH = Path("service.yaml")
CHAT = b"""summary: a chat room
usage: chat [--family any|ipv4|ipv6] [--quiet] PORT SIZE
command: [/chat]
arguments: [PORT, SIZE]
options: {--family: ipv4, --quiet: false, --backlog: 10}
example: ["3490", "10"]
ports:
  - {transport: tcp, family: --family, port: PORT}
  - {transport: udp, family: ipv6, port: 9}
ends: false
"""


def chat() -> ServiceSpec:
    return read_service("chat", PATH, CHAT)


def listens(*words: str) -> list[str]:
    return [str(endpoint) for endpoint in chat().listens(words)]


@pytest.mark.parametrize("name", Catalog(SERVICES).names)
def test_every_shipped_service_reads_and_takes_its_own_example(name: str) -> None:
    spec = Catalog(SERVICES).find(name)
    assert spec.name == name
    assert len(spec.listens(spec.example)) == len(spec.ports)


def test_a_folder_without_the_file_is_no_service() -> None:
    assert "clibrary" not in Catalog(SERVICES).names
    with pytest.raises(KeyError):
        Catalog(SERVICES).find("clibrary")


def test_a_missing_folder_holds_no_services(tmp_path: Path) -> None:
    assert Catalog(tmp_path / "none").names == ()


def test_ports_follow_options_and_arguments() -> None:
    assert listens("80", "5") == ["tcp/0.0.0.0:80", "udp/[::]:9"]
    assert listens("--family", "ipv6", "80", "5") == ["tcp/[::]:80", "udp/[::]:9"]
    assert listens("80", "5", "--family=any") == ["tcp/0.0.0.0:80", "udp/[::]:9"]
    assert listens("--quiet", "--", "80", "--help", "--quiet") == ["tcp/0.0.0.0:80", "udp/[::]:9"]


def test_what_is_known_only_in_the_run_is_left_out() -> None:
    assert listens("${a.port}", "5") == ["udp/[::]:9"]
    assert listens("99999", "5") == ["udp/[::]:9"]


@pytest.mark.parametrize(
    ("words", "index", "says"),
    [
        ((), None, "PORT"), (("80",), None, "SIZE"), (("80", "5", "6"), 2, "6"),
        (("--loud", "80", "5"), 2, "5"), (("--family",), 0, "value"),
        (("--family", "inet", "80", "5"), 1, "inet"), (("--quiet=1", "80", "5"), 0, "no value"),
    ],
)  # fmt: skip
def test_wrong_usage_is_told_at_its_word(
    words: tuple[str, ...], index: int | None, says: str
) -> None:
    with pytest.raises(WrongUsageError, match=says) as caught:
        chat().read(words)
    assert caught.value.index == index


@given(
    st.lists(st.sampled_from(["--family", "ipv6", "--quiet", "--", "80", "--family=ipv4", "-x"]))
)
def test_a_command_line_is_read_or_refused(words: list[str]) -> None:
    try:
        given_values = chat().read(words)
    except WrongUsageError as wrong:
        place = wrong.index
    else:
        assert {"PORT", "SIZE", "--family", "--backlog"} <= given_values.keys()
        return
    assert place is None or 0 <= place < len(words)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b"summary: a chat room\n", b"", 'a service needs "summary"'),
        (b"ends: false", b"ends: no", "true or false"),
        (b"port: PORT", b"port: PROT", 'did you mean "PORT"'),
        (b"family: --family", b"family: --famly", 'did you mean "--family"'),
        (b"transport: tcp", b"transport: sctp", "write tcp or udp"),
        (b"port: 9}", b"port: 99999}", "no port"),
        (b"usage:", b"usge:", 'did you mean "usage"'),
    ],
)
def test_what_is_wrong_with_a_service_file_is_told_as_of_a_scenario(
    old: bytes, new: bytes, says: str
) -> None:
    assert old in CHAT
    with pytest.raises(InvalidScenario) as caught:
        read_service("chat", PATH, CHAT.replace(old, new))
    assert says in caught.value.what
    assert caught.value.what.startswith("service.yaml:")
