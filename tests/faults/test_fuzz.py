"""Whatever comes from outside: no entry point lets anything out but what it promises."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.faults.entry_points import ENTRY_POINTS

_EDITS = st.lists(
    st.tuples(
        st.integers(0, 4000),
        st.integers(0, 20),
        st.one_of(
            st.binary(max_size=10),
            st.sampled_from(
                [
                    b"\0",
                    b"\n",
                    b"-1",
                    b"nan",
                    b"1e999",
                    b"9" * 5000,
                    b'"',
                    b",",
                    b"{}",
                    b"\xff",
                    b"[" * 5000,
                    b"[" * 700 + b"]" * 700,
                ]
            ),
        ),
    ),
    max_size=4,
)


@pytest.mark.parametrize("name", ENTRY_POINTS)
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_only_what_is_promised_comes_out(name: str, data: st.DataObject) -> None:
    """Well-formed input with some bytes cut out, put in or replaced; and bytes that were never well formed."""
    entry = ENTRY_POINTS[name]
    text = data.draw(st.one_of(st.sampled_from(entry.seeds), st.binary(max_size=200)))
    for place, length, instead in data.draw(_EDITS):
        start = place % (len(text) + 1)
        text = text[:start] + instead + text[start + length :]
    entry.call(text)
