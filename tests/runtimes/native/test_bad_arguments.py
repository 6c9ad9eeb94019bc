"""What no caller should ask for is refused, and crashes nothing."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
from array import array
from collections.abc import Callable

import pytest

from tests.runtimes.native.ends import KINDS, LIMITS, connected, job_on, playing
from udstui.runtimes.native.binding import Loops
from udstui.runtimes.native.failures import BadArgumentError, NativeError
from udstui.runtimes.native.structures import Dial, Door, Job, Packets, Seats, Wire, make_job
from udstui.runtimes.packets import HEAD

BAD = [
    ("payload", None), ("answer", None), ("stamps", None),
    ("size_bytes", 0), ("size_bytes", -1), ("answer_bytes", 0), ("answer_bytes", -1),
    ("capacity", 0), ("capacity", -1), ("reading", -1), ("sending", -1),
    ("lead_in_ns", -1), ("lead_in_ns", 2**61), ("duration_ns", -1), ("duration_ns", 2**62),
    ("overrun_ns", -1), ("patience_ns", -1), ("patience_ns", 2**63 - 1),
    ("longest_ns", -1), ("longest_ns", 2**61),
]  # fmt: skip
_NOT_NEEDED_TO_SEND = {"answer", "answer_bytes", "reading"}
_NOT_NEEDED = {"bulk_send": _NOT_NEEDED_TO_SEND, "polled_bulk_send": _NOT_NEEDED_TO_SEND, "no_calls": {
    "payload", "answer", "size_bytes", "answer_bytes", "reading", "sending", "lead_in_ns", "overrun_ns", "patience_ns",
    "longest_ns",
}}  # fmt: skip


@pytest.mark.parametrize(("field", "value"), BAD)
@pytest.mark.parametrize(
    "name",
    ["ping_pong", "polled_ping_pong", "exchange", "bulk_send", "polled_bulk_send", "four_calls", "no_calls"],
)
def test_every_field_of_a_job_is_looked_at(loops: Loops, name: str, field: str, value: int | None) -> None:
    with connected("socketpair") as (ours, theirs):
        ours.set_blocking(name != "exchange" and not name.startswith("polled"))
        job = job_on(ours, 16, limits=LIMITS._replace(duration_ns=0)).job
        setattr(job, field, value)
        calls: dict[str, Callable[[], int]] = {
            "ping_pong": lambda: loops.ping_pong(job), "exchange": lambda: loops.exchange(job),
            "polled_ping_pong": lambda: loops.polled_ping_pong(job), "bulk_send": lambda: loops.bulk_send(job),
            "polled_bulk_send": lambda: loops.polled_bulk_send(job), "no_calls": lambda: loops.no_calls(job),
            "four_calls": lambda: loops.four_calls(job, theirs.wire),
        }  # fmt: skip
        if field in _NOT_NEEDED.get(name, ()):
            assert calls[name]() == 1
        elif (name, field, value) == ("four_calls", "answer_bytes", 0):
            with pytest.raises(NativeError):  # which is for files that have nothing to read
                calls[name]()
        else:
            with pytest.raises(BadArgumentError):
                calls[name]()


def test_no_place_and_no_door_are_refused(loops: Loops) -> None:
    functions, refused = loops._functions, -10004
    job = make_job(Wire(-1, -1), LIMITS, array("q", [0]), payload=b"x", answer=bytearray(1))
    address = ctypes.create_string_buffer(16)
    fine = {"address": ctypes.addressof(address), "address_bytes": 16, "family": 1, "kind": 1, "room": 1}
    opening = {"opening": b"x", "opening_bytes": 1, "welcome": b"x", "welcome_bytes": 1}
    for change in (
        {"address": None}, {"address_bytes": 0}, {"option_count": 1}, {"option_count": -1}, {"room": 0},
        opening | {"opening": None}, opening | {"opening_bytes": -1}, opening | {"welcome": None},
        opening | {"welcome_bytes": 0}, opening | {"welcome_bytes": 65},
    ):  # fmt: skip
        assert functions.udstui_connect(ctypes.byref(job), ctypes.byref(Dial(**(fine | change)))) == refused
    assert functions.udstui_connect(None, ctypes.byref(Dial(**fine))) == refused
    assert functions.udstui_connect(ctypes.byref(job), None) == refused
    memory = ctypes.create_string_buffer(16)
    door = {"buffer": ctypes.addressof(memory), "room": 16, "listener": 0}
    for change in ({"buffer": None}, {"room": 0}, {"listener": -1}, {"option_count": -1}):
        assert functions.udstui_accept(ctypes.byref(Door(**(door | change)))) == refused
    assert functions.udstui_accept(None) == refused


def test_packets_without_a_head_are_refused(loops: Loops) -> None:
    with connected("socketpair") as (ours, _):
        ours.set_blocking(True)
        stamps, answer = array("q", [0]), bytearray(16)
        for head in (bytes(16), HEAD.pack(0, 17, 1, 0), HEAD.pack(0, 16, 2, 0), HEAD.pack(0, 16, 17, 0)):
            job = make_job(ours.wire, LIMITS, stamps, payload=head, answer=answer)
            packets = Packets(payload=job.payload, writes=1)
            with pytest.raises(BadArgumentError):
                loops.packet_trips(job, packets)
        with pytest.raises(BadArgumentError):
            loops.answer_packets(ours.wire, bytearray(15), spin=False)


def test_no_job_no_seats_and_no_summary_are_refused(loops: Loops) -> None:
    functions, refused = loops._functions, -10004
    with connected("socketpair") as (ours, _):
        job = ctypes.byref(job_on(ours, 16).job)
        for function in ("ping_pong", "polled_ping_pong", "exchange", "bulk_send", "polled_bulk_send", "no_calls"):
            assert getattr(functions, f"udstui_{function}")(None) == refused
        assert functions.udstui_send_ahead(None, 1, 0) == refused
        assert functions.udstui_four_calls(None, *ours.wire) == refused
        for function in ("many_round_trips", "many_sends"):
            seats = Seats([ours.wire], [bytearray(16)]).records
            for arguments in ((None, seats, 1), (job, None, 1), (job, seats, 0), (job, seats, -1), (job, seats, 2**40)):
                assert getattr(functions, f"udstui_{function}")(*arguments) == refused
        for arguments in ((*ours.wire, None, 16, 0), (*ours.wire, 1, 0, 0), (*ours.wire, 1, -5, 0), (-1, 0, 1, 1, 0)):
            assert functions.udstui_echo(*arguments) == refused
            assert functions.udstui_sink(*arguments, 0) == refused
        assert functions.udstui_sink(*ours.wire, 1, 1, 0, -1) == refused
        for wait in (-1, 3):
            assert functions.udstui_echo(*ours.wire, 1, 1, wait) == refused
        assert functions.udstui_summarise(None, 1, 0, 0, None) == refused


def test_an_answer_that_is_too_short_is_refused_before_any_call() -> None:
    stamps = array("q", bytes(80))
    with pytest.raises(ValueError, match="longer than the memory"):
        make_job(Wire(0, 0), LIMITS, stamps, answer=bytearray(4), answer_bytes=5)


@pytest.mark.parametrize("seed", range(40))
def test_random_jobs_end_in_a_count_or_an_error(loops: Loops, seed: int) -> None:
    """Sizes and capacities within the memory that there is, and the rest at random, on every kind of connection."""
    choice = random.Random(seed)
    with connected(choice.choice(KINDS)) as (ours, theirs), contextlib.suppress(OSError, NativeError):
        ours.set_blocking(choice.random() < 0.5)
        ours.set_patience(10**7)
        job: Job = job_on(ours, 5000, capacity=50).job
        job.size_bytes, job.answer_bytes = (choice.choice([-1, 0, 1, 1, 77, 5000]) for _ in range(2))
        job.capacity, job.spin = choice.randint(-1, 50), choice.random() < 0.5
        job.duration_ns, job.overrun_ns, job.patience_ns, job.longest_ns = (
            choice.choice([-1, 0, 1, 10**6, 10**7, 2**60, 2**63 - 1]) for _ in range(4)
        )
        job.patience_ns, job.longest_ns = min(job.patience_ns, 10**7), min(job.longest_ns, 10**7)
        with playing(lambda: theirs.write(theirs.read(choice.randint(1, 5000)))):
            try:
                if ours.parts or not _blocks(ours.wire):  # pipes that block keep no patience
                    (loops.exchange if choice.random() < 0.5 else loops.ping_pong)(job)
            finally:
                ours.close()


def _blocks(wire: Wire) -> bool:
    return os.get_blocking(wire.reading)
