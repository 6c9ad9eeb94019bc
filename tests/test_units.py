from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udstui import units
from udstui.errors import UsageError


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [("1", 1), ("128", 128), ("64K", 65536), ("64k", 65536), ("64KiB", 65536), ("64 kb", 65536), ("64M", 64 * 2**20)],
)
def test_sizes_are_powers_of_1024(text: str, size_bytes: int) -> None:
    assert units.parse_size(text) == size_bytes
    assert units.parse_size(f" {text} ") == size_bytes


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "0K",
        "-1",
        "+1",
        "1.5K",
        "64T",
        "abc",
        "65M",
        "1G",
        "67108865",
        "1e3",
        "0x10",
        "1_000",
        "９",
        "9" * 5000,
    ],
)
def test_what_is_no_size_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        units.parse_size(text)
    assert caught.value.remedy
    assert len(str(caught.value)) < 200


@given(st.integers(units.SMALLEST_SIZE_BYTES, units.LARGEST_SIZE_BYTES))
def test_a_formatted_size_reads_back(size_bytes: int) -> None:
    assert units.parse_size(units.format_size(size_bytes)) == size_bytes


def test_the_ladder_goes_from_1_byte_to_64_mib() -> None:
    assert units.SIZE_LADDER[0] == units.SMALLEST_SIZE_BYTES
    assert units.SIZE_LADDER[-1] == units.LARGEST_SIZE_BYTES
    assert all(units.parse_size(units.format_size(size)) == size for size in units.SIZE_LADDER)


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [("500ms", 5 * 10**8), ("5s", 5 * 10**9), ("2m", 120 * 10**9), ("1.5s", 15 * 10**8), ("1h", 3600 * 10**9),
     ("50us", 50_000), ("50µs", 50_000), ("50μs", 50_000), ("7ns", 7), ("5 S", 5 * 10**9)],
)  # fmt: skip
def test_durations(text: str, nanoseconds: int) -> None:
    assert units.parse_duration(text) == nanoseconds


@pytest.mark.parametrize(
    "text", ["", "0s", "0.1ns", "-5s", "5", "s", "fast", "1e3s", "nan s", "1001h", "9" * 400 + "h", "999999999999h"]
)
def test_what_is_no_duration_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        units.parse_duration(text)
    assert caught.value.remedy
    assert len(str(caught.value)) < 200


@given(st.integers(1, 1000 * 3600 * 10**9))
def test_a_formatted_duration_reads_back(nanoseconds: int) -> None:
    assert units.parse_duration(units.format_duration(nanoseconds)) == nanoseconds


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [(0, "0.00 ns"), (950, "950 ns"), (999.6, "1.00 µs"), (11_810, "11.8 µs"), (1_250_000, "1.25 ms"),
     (2.5e9, "2.50 s"), (1e13, "10000 s"), (None, "–"), (math.nan, "–"), (math.inf, "–")],
)  # fmt: skip
def test_a_duration_is_shown_with_three_figures(nanoseconds: float | None, text: str) -> None:
    assert units.describe_duration(nanoseconds) == text


@pytest.mark.parametrize(
    ("ratio", "digits", "text"),
    [(1.554, 2, "1.55x"), (9.994, 2, "9.99x"), (9.996, 2, "10.0x"), (10.03, 2, "10.0x"), (272.53, 2, "273x"),
     (12345.6, 2, "12346x"), (0.5, 2, "0.50x"), (0.0123, 2, "0.012x"), (1.00312, 4, "1.0031x"), (14.321, 3, "14.3x"),
     (1.061, None, "1.06x"), (1.0053, None, "1.005x"), (1.00012, None, "1.0001x"), (1.456, None, "1.46x"),
     (0.5, None, "0.50x"), (1.0, None, "1.00x"), (273.4, None, "273x"), (None, 2, "–")],
)  # fmt: skip
def test_a_ratio_has_three_figures_unless_it_is_too_near_to_one(
    ratio: float | None, digits: int | None, text: str
) -> None:
    assert units.describe_ratio(ratio, digits) == text


def test_an_interval_that_tells_nothing_has_no_digits() -> None:
    assert units.describe_range(0.94, 10.5) == "0.94 to 10.5"
    assert units.describe_range(0.012, 860) == "wider than 10x"


@given(st.floats(0, 1e15))
def test_a_shown_duration_is_within_half_a_percent(nanoseconds: float) -> None:
    figure, unit = units.split_duration(nanoseconds)
    factor = {"ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9}[unit]
    assert math.isclose(float(figure) * factor, nanoseconds, rel_tol=0.0051, abs_tol=0.0051)


@pytest.mark.parametrize(
    ("gb_per_s", "text"),
    [(3.27, "3.27 GB/s"), (0.0128, "12.8 MB/s"), (0.00095, "950 kB/s"), (1.2e-8, "12.0 B/s"), (None, "–")],
)
def test_throughput_is_shown_in_powers_of_1000(gb_per_s: float | None, text: str) -> None:
    assert units.describe_throughput(gb_per_s) == text


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (units.describe_size(128), "128 B"),
        (units.describe_size(65536), "64 KiB"),
        (units.describe_size(3 * 2**19), "1.5 MiB"),
        (units.describe_size(64 * 2**20), "64 MiB"),
        (units.describe_rate(950), "950 /s"),
        (units.describe_rate(84_700), "84.7 k/s"),
        (units.describe_rate(1.2e6), "1.20 M/s"),
        (units.describe_rate(None), "–"),
        (units.describe_percent(48.2), "48 %"),
        (units.describe_percent(1.5), "1.5 %"),
        (units.describe_percent(0), "0 %"),
        (units.describe_percent(None), "–"),
        (units.describe_clock(42.9), "00:42"),
        (units.describe_clock(3723), "1:02:03"),
    ],
)
def test_figures_for_reading(shown: str, text: str) -> None:
    assert shown == text


def test_a_long_text_from_outside_is_cut() -> None:
    assert len(units.shown("x" * 10_000)) < 70
    assert units.shown("a\nb") == r"'a\nb'"


@given(st.text())
def test_whatever_text_is_shown_fits_into_a_message(text: str) -> None:
    shown = units.shown(text)
    assert len(shown) <= 62
    assert shown.isprintable()
    assert shown[0] == shown[-1] in "'\""
    if len(repr(text)) <= 62:
        assert shown == repr(text)


@pytest.mark.parametrize(
    ("text", "per_s", "written"),
    [
        ("20k/s", 20_000, "20k/s"), ("20K", 20_000, "20k/s"), ("1.5M/s", 1_500_000, "1500k/s"), ("500", 500, "500/s"),
        (" 1 / s ", 1, "1/s"), ("2m", 2_000_000, "2M/s"), ("1234/s", 1234, "1234/s"), ("0.5k/s", 500, "500/s"),
    ],
)  # fmt: skip
def test_a_rate_is_read_and_written(text: str, per_s: int, written: str) -> None:
    assert units.parse_rate(text, 10**7) == per_s
    assert units.format_rate(per_s) == written
    assert units.parse_rate(written, 10**7) == per_s


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0", "out of range"), ("0.4/s", "out of range"), ("-5", "not a rate"), ("11M/s", "choose 1/s to 10M/s"),
        ("9" * 40, "not a rate"), ("fast", "not a rate"), ("", "not a rate"), ("1e5", "not a rate"),
        ("5/m", "not a rate"), ("nan", "not a rate"), ("999999999999999G", "out of range"), ("٥k", "not a rate"),
    ],
)  # fmt: skip
def test_what_is_no_rate_is_one_sentence(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        units.parse_rate(text, 10**7)
