from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udstui.errors import UsageError
from udstui.transports import TRANSPORTS, transport_for
from udstui.transports.address import Address, parse_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("unix:/run/a.sock", Address("unix", "/run/a.sock")),
        ("unix:///run/a.sock", Address("unix", "/run/a.sock")),
        ("uds:/run/a.sock", Address("unix", "/run/a.sock")),
        ("unix:./a.sock", Address("unix", "./a.sock")),
        ("UNIX:/a:b", Address("unix", "/a:b")),
        ("tcp:127.0.0.1:7000", Address("tcp", "127.0.0.1:7000")),
        ("tcp://localhost:0", Address("tcp", "localhost:0")),
    ],
)
def test_addresses_as_people_write_them(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "unix", "unix:", "unix://", "tcp:", "/run/a.sock", "http://x:1", "unix:a\0b"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_address(text)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("/run/a.sock", "write unix:/run/a.sock"),
        ("127.0.0.1:6379", "write tcp:127.0.0.1:6379"),
        ("[::1]:6379", "write tcp:[::1]:6379"),
        ("redis://localhost:6379/0", "write tcp:localhost:6379"),
        ("redis://:secret@localhost:6379", "write tcp:localhost:6379"),
        ("http://127.0.0.1:8000", "write tcp:127.0.0.1:8000"),
        ("http://127.0.0.1:8000/a/b", "write tcp:127.0.0.1:8000, and its path as --path /a/b"),
        ("http+unix:/run/x.sock:/jsonrpc", "write unix:/run/x.sock, and its path as --path /jsonrpc"),
        ("http+unix:///run/x.sock", "write unix:/run/x.sock"),
        ("redis+unix:/run/x.sock", "write unix:/run/x.sock"),
        ("nowhere", "write unix:/path or tcp:HOST:PORT"),
        ("ssh:host", "write unix:/path or tcp:HOST:PORT"),
        ("/run/a\x1b[31m", "write unix:/path or tcp:HOST:PORT"),
    ],
)
def test_an_address_of_another_spelling_is_told_in_ours(text: str, remedy: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_address(text)
    assert str(raised.value).endswith(f"; {remedy}")


@given(
    st.sampled_from(["unix", "tcp"]),
    st.text(min_size=1).filter(lambda text: "\0" not in text and text[:2] != "//" and text[0] not in "@["),
)
def test_a_printed_address_reads_back(scheme: str, location: str) -> None:
    assert parse_address(str(Address(scheme, location))) == Address(scheme, location)


def test_every_transport_carries_its_own_addresses(tmp_path_factory: pytest.TempPathFactory) -> None:
    for name, transport in TRANSPORTS.items():
        assert TRANSPORTS.named(name) is transport
        assert transport_for(transport.private_address(tmp_path_factory.getbasetemp(), 0)) is transport


def test_an_unknown_transport_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="choose from uds, tcp"):
        TRANSPORTS.named("pigeon")


@pytest.mark.parametrize("text", ["unix:////tmp/a", "unix://///a", "seqpacket:////a"])
def test_more_slashes_than_needed_name_the_same_place_again(text: str) -> None:
    found = parse_address(text)
    assert found.location.startswith("//")
    assert parse_address(str(found)) == found
