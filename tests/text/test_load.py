"""What is printed of a load."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from tests.loaded import PLAN, Lanes
from tests.scripted import HOST
from udstui.experiments.driver import drive
from udstui.experiments.load import Load
from udstui.recording.load_json import record_of
from udstui.text.load import lane_cells, report
from udstui.units import describe_rate

FOUR = replace(PLAN, transports=("uds", "tcp", "uds-seqpacket", "uds-abstract"))
LABELS = ("UDS", "TCP", "UDS seqpacket", "UDS abstract")


def test_the_table_of_four_lanes_fits_80_columns_and_lacks_no_figure() -> None:
    load = Load(FOUR, (20_000, 70_000), passes=3, rounds=2)
    asyncio.run(drive(load, Lanes()))
    record = record_of(load, HOST)
    header, *lines = report(record).split("\n\n")[1].splitlines()
    assert header.split() == ["rate", "lane", "p50", "p99", "p99.9", "holds"]
    lines = lines[: 2 * len(LABELS)]
    assert max(map(len, (header, *lines))) <= 80
    found = iter(lines)
    for rate in record.rates:
        for label, lane in zip(LABELS, rate.lanes, strict=True):
            first = describe_rate(rate.rate_per_s) if label == "UDS" else ""
            told = [first, label, *lane_cells(lane)]
            assert " ".join(next(found).split()) == " ".join(filter(None, told))
    assert lines[5].endswith(" 60.0 k/s"), "what TCP holds of 70 k/s"
