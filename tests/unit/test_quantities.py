import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.model import Endpoint, Transport
from lab.quantities import (
    SIGNALS,
    canonical_address,
    format_duration,
    format_signal,
    format_size,
    parse_duration,
    parse_endpoint,
    parse_signal,
    parse_size,
)


@given(st.integers(0, 10**9))
def test_durations_print_and_parse_back(milliseconds: int) -> None:
    assert parse_duration(format_duration(milliseconds / 1000)) == milliseconds / 1000


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10s", 10), ("250ms", 0.25), ("2m", 120), ("1h", 3600), ("1.5m", 90), ("0.001s", 0.001)],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "10", "s", "10 s", "-1s", "1.s", ".5s", "1e3s", "0.5ms", "10S", "1d", "٣s", "1s\n"]
)
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        parse_duration(text)


def test_a_duration_without_a_unit_is_told_which() -> None:
    with pytest.raises(ValueError, match="30s"):
        parse_duration("30")


@given(st.integers(0, 2**45))
def test_sizes_print_and_parse_back(size: int) -> None:
    assert parse_size(format_size(size)) == size


@pytest.mark.parametrize(
    ("text", "size"), [("64MiB", 64 * 2**20), ("64m", 64 * 2**20), ("1g", 2**30), ("512B", 512)]
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "64", "64M", "64MB", "64 MiB", "-1k", "1.5g"])
def test_other_sizes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        parse_size(text)


@pytest.mark.parametrize("number", SIGNALS.values())
def test_signals_print_and_parse_back(number: int) -> None:
    assert parse_signal(format_signal(number)) == number
    assert parse_signal(format_signal(number).removeprefix("SIG")) == number


def test_signals_are_those_of_linux() -> None:
    assert (SIGNALS["SIGTERM"], SIGNALS["SIGCHLD"], SIGNALS["SIGUSR1"]) == (15, 17, 10)
    assert format_signal(64) == "signal 64"
    with pytest.raises(ValueError, match="SIGTERM"):
        parse_signal("SIGTREM")


ADDRESSES = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str).map(lambda text: canonical_address(text, 6) or ""),
    st.just("*"),
)


@given(st.sampled_from(Transport), ADDRESSES, st.integers(1, 65535))
def test_endpoints_print_and_parse_back(transport: Transport, address: str, port: int) -> None:
    endpoint = Endpoint(transport, address, port)
    assert parse_endpoint(str(endpoint)) == endpoint


def test_endpoints_are_canonical() -> None:
    assert parse_endpoint("udp/[2001:DB8:0::1]:53") == parse_endpoint("udp/[2001:db8::1]:53")


@pytest.mark.parametrize(
    "text",
    ["", "3490", "tcp/3490", "tcp/::1:80", "tcp/[1.2.3.4]:80", "tcp/1.2.3:80", "sctp/*:1",
     "tcp/*:0", "tcp/*:65536", "tcp/*:99999", "tcp/host:80", "tcp/[::1%lo]:80", "tcp/*:80\n"],
)  # fmt: skip
def test_other_endpoints_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|port|address"):
        parse_endpoint(text)


@given(st.text())
def test_nothing_but_value_errors(text: str) -> None:
    for parse in (parse_duration, parse_size, parse_signal, parse_endpoint):
        with contextlib.suppress(ValueError):
            parse(text)
