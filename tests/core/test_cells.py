"""Every chunk of a stream fills 1, 2, 4, 8 … cells to the byte."""

from __future__ import annotations

import pytest

from server.core.cells import framed_bytes, pad_to_cells
from server.core.limits import CELL_BYTES


def test_one_cell_is_498_bytes() -> None:
    assert CELL_BYTES == 498


@pytest.mark.parametrize(
    ("payload", "framed"), [(1, 6), (15, 20), (16, 22), (255, 261), (256, 263)]
)
def test_framing_counts_the_digits_of_the_length(payload: int, framed: int) -> None:
    assert framed_bytes(payload) == framed
    assert len(b"%x\r\n%s\r\n" % (payload, b"x" * payload)) == framed


def test_every_event_up_to_5000_bytes_fills_a_power_of_two_of_cells() -> None:
    for size in range(5_001):
        event = b"x" * size
        padded = pad_to_cells(event)
        cells, rest = divmod(framed_bytes(len(padded)), CELL_BYTES)
        assert rest == 0, size
        assert cells & (cells - 1) == 0
        assert padded.startswith(event)
        assert not padded[size:].strip(b" ")


def test_event_takes_no_more_cells_than_it_needs() -> None:
    for size in range(0, 5_001, 7):
        cells = framed_bytes(len(pad_to_cells(b"x" * size))) // CELL_BYTES
        assert cells == 1 or framed_bytes(size) > cells // 2 * CELL_BYTES


def test_long_event_is_padded_too() -> None:
    assert framed_bytes(len(pad_to_cells(b"x" * 200_000))) == 512 * CELL_BYTES
