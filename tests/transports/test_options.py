"""Options of a lane: how they are written, which transport has them, and what both ends then have."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.helpers import connected, serving
from udstui.errors import UsageError
from udstui.lane_name import LaneName
from udstui.measured import SocketSettings
from udstui.plan import Plan
from udstui.settings import setting_named
from udstui.stats.caveats import Evidence, find_caveats
from udstui.text.command_line import command_line
from udstui.transports import TRANSPORTS, check_lane, lane_label, transport_of
from udstui.transports.options import OPTIONS, LaneOption, options_of
from udstui.transports.settings import read_settings

PARSE = setting_named("transports").parse
VALUES = {"nodelay": "off", "congestion": "reno", "quickack": "off", "sndbuf": "64K", "rcvbuf": "32K"}
"""One for each option that every system grants, and that stays in effect."""


@pytest.mark.parametrize(
    ("typed", "written", "label"),
    [
        ("tcp[nodelay=off]", "tcp[nodelay=off]", "TCP nodelay=off"),
        ("tcp[sndbuf=1024K, nodelay=off]", "tcp[nodelay=off,sndbuf=1M]", "TCP nodelay=off sndbuf=1M"),
        ("tcp-reno", "tcp[congestion=reno]", "TCP congestion=reno"),
        ("tcp-reno[rcvbuf=1]+uvloop", "tcp[congestion=reno,rcvbuf=1]+uvloop", "TCP congestion=reno rcvbuf=1 uvloop"),
        ("tcp:[::1]:80", "tcp:[::1]:80", "tcp:[::1]:80"),
    ],
)  # fmt: skip
def test_one_spelling_is_kept(typed: str, written: str, label: str) -> None:
    assert (PARSE(typed), lane_label(PARSE(typed))) == (written, label)
    assert str(LaneName.parse(written)) == written
    assert PARSE(written) == written


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("tcp[", "not written like a lane; write tcp"),
        ("tcp[]", "tcp has no option ''; choose from nodelay, congestion"),
        ("tcp[foo=1]", "tcp has no option 'foo'"),
        ("tcp[nodelay]", "unknown value '' of nodelay; write nodelay=on or nodelay=off"),
        ("tcp[nodelay=off,nodelay=on]", "nodelay is given twice"),
        ("tcp[sndbuf=0]", "out of range"),
        ("tcp[congestion=../x]", "not the name of a congestion control; choose from .*reno"),
        ("tcp-reno[congestion=bbr]", "congestion is given twice"),
        ("pipe[sndbuf=1M]", "pipe has no option 'sndbuf'; leave it out"),
    ],
)
def test_what_cannot_be_is_said(typed: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        PARSE(typed)


@pytest.mark.parametrize("option", OPTIONS.values(), ids=list(OPTIONS))
def test_every_option_is_in_effect_on_both_ends_of_every_transport_that_has_it(
    option: LaneOption, folder: Path
) -> None:
    value = VALUES[option.name]
    seen: list[SocketSettings | None] = []

    def look(connection: socket.socket) -> None:
        seen.append(read_settings(connection))
        connection.send(b".")

    for name in TRANSPORTS:
        lane = LaneName.parse(f"{name}[{option.name}={value}]")
        if name not in option.transports:
            with pytest.raises(UsageError, match=f"{name} has no option '{option.name}'"):
                PARSE(str(lane))
            continue
        transport = transport_of(lane)
        if transport.missing():
            continue
        with serving(transport, folder, look) as address, connected(transport, address) as client:
            ours = read_settings(client)
            assert client.recv(1)
        for end in (ours, seen[-1]):
            assert end
            assert option.in_effect(end) == value, name


def test_every_option_has_a_transport_and_says_what_it_does() -> None:
    assert {option.name for name in TRANSPORTS for option in options_of(name)} == set(OPTIONS)
    for option in OPTIONS.values():
        assert option.about and not option.about.endswith(".")
        assert all(option.parse(value) == value for value in option.values)


def test_what_the_kernel_refuses_is_told_before_anything_is_measured() -> None:
    with pytest.raises(UsageError, match=r"TCP congestion=pigeon is not to be had here: .* there are .*reno"):
        check_lane("tcp[congestion=pigeon]", 1, needs_stream=False, workload="ping-pong")


def test_a_smaller_buffer_carries_smaller_messages(folder: Path) -> None:
    for name in ("uds-seqpacket", "uds-dgram"):
        transport = transport_of(f"{name}[sndbuf=16K]")
        largest = transport.largest_size_bytes()
        assert largest == 2 * 16 * 1024 - 32
        with (
            serving(transport, folder, lambda end: end.recv(1)) as address,
            connected(transport, address) as client,
        ):
            assert client.send(bytes(largest)) == largest


@pytest.mark.parametrize(
    ("lane", "has", "said"),
    [
        ("tcp[sndbuf=8M]", SocketSettings(2 * 4194304, 1, True), "sndbuf 4M; raise net.core.wmem_max"),
        ("tcp[sndbuf=1]", SocketSettings(4608, 1, True), "sndbuf 2304; the system gives no less"),
        ("tcp[quickack=on]", SocketSettings(1, 1, True, "reno", False), "quickack off; a program"),
        ("tcp[nodelay=off]", SocketSettings(1, 1, False), ""),
        ("tcp", SocketSettings(1, 1, False), "runs without TCP_NODELAY"),
        ("tcp[sndbuf=8M]", SocketSettings(2 * 8 * 1024**2, 1, True), ""),
    ],
)  # fmt: skip
def test_what_took_no_effect_is_a_caveat(lane: str, has: SocketSettings, said: str) -> None:
    evidence = Evidence(plan=Plan(transports=(lane,)), lanes=("TCP",), sockets=((has, None),))
    found = [f"{one.message}; {one.remedy}" for one in find_caveats(evidence)]
    assert [said in one for one in found] == [True] * bool(said), found


def test_the_shell_is_told_brackets_as_one_word() -> None:
    assert command_line(Plan(transports=("tcp[nodelay=off]", "uds"))) == (
        "udstui run --transport 'tcp[nodelay=off]' --transport uds"
    )


def test_spellings_of_one_lane_are_numbered_together() -> None:
    assert Plan(transports=("tcp-reno", "tcp[congestion=reno]")).lane_names() == (
        "tcp[congestion=reno]", "tcp[congestion=reno]:2",
    )  # fmt: skip
