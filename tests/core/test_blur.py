"""A blurred count is monotonic and never too small, and zero stays zero."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.blur import blur


@pytest.mark.parametrize(
    ("count", "blurred"),
    [
        (0, 0),
        (-1, 0),
        (1, 10),
        (10, 10),
        (11, 20),
        (99, 100),
        (100, 100),
        (101, 110),
        (555, 560),
        (1_001, 1_100),
        (12_345, 13_000),
    ],
)
def test_count_is_rounded_up_to_ten_or_two_digits(count: int, blurred: int) -> None:
    assert blur(count) == blurred


@given(st.integers(1, 10**6))
def test_blurred_count_is_never_smaller_and_never_far_off(count: int) -> None:
    assert count <= blur(count) < max(count + 10, count * 2)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_order_is_kept(one: int, other: int) -> None:
    assert (blur(min(one, other))) <= blur(max(one, other))
