"""A chunk fills 1, 2, 4, 8 … cells exactly; an event split into cells fills one per chunk."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.cells import (
    LAST_CHUNK,
    PIECE_BYTES,
    Event,
    frame,
    pad_to_cells,
    padding_to_cells,
    split_into_cells,
    unframe,
    with_last_chunk,
)
from server.core.limits import CELL_BYTES

WORDS = st.text("ab é☀", max_size=1_500)
HTML = st.lists(
    st.sampled_from(['<p class="m n1" data-seq=12>', "<span dir=auto>", "</span></p>", "<i></i>"])
    | st.just("&amp;&lt;")
    | WORDS,
    min_size=1,
).map("".join)


def test_one_cell_is_498_bytes() -> None:
    assert CELL_BYTES == 498


@pytest.mark.parametrize(
    ("payload", "framed"), [(1, 6), (15, 20), (16, 22), (255, 261), (256, 263)]
)
def test_framing_counts_the_digits_of_the_length(payload: int, framed: int) -> None:
    chunk = frame(b"x" * payload)
    assert len(chunk) == framed
    assert chunk == b"%x\r\n%s\r\n" % (payload, b"x" * payload)
    assert unframe(chunk) == b"x" * payload


def test_payload_with_line_ends_is_unframed_completely() -> None:
    assert unframe(frame(b"\r\na\r\n\r\n")) == b"\r\na\r\n\r\n"


def test_last_chunk_ends_a_chunked_body() -> None:
    assert frame(b"")[:-2] + b"\r\n" == LAST_CHUNK


def test_every_event_up_to_5000_bytes_fills_a_power_of_two_of_cells() -> None:
    for size in range(5_001):
        event = b"x" * size
        padded = pad_to_cells(event)
        cells, rest = divmod(len(frame(padded)), CELL_BYTES)
        assert rest == 0, size
        assert cells & (cells - 1) == 0
        assert padded.startswith(event)
        assert not padded[size:].strip(b" ")


def test_event_takes_no_more_cells_than_it_needs() -> None:
    for size in range(0, 5_001, 7):
        cells = len(frame(pad_to_cells(b"x" * size))) // CELL_BYTES
        assert cells == 1 or len(frame(b"x" * size)) > cells // 2 * CELL_BYTES


def test_long_event_is_padded_too() -> None:
    assert len(frame(pad_to_cells(b"x" * 200_000))) == 512 * CELL_BYTES


def test_event_has_its_chunk_and_its_html_without_padding() -> None:
    event = Event("<p>é</p>")
    assert event.html == "<p>é</p>".encode()
    assert unframe(event.chunk).rstrip() == event.html
    assert len(event.chunk) == CELL_BYTES


@given(HTML)
def test_split_event_is_whole_cells_and_complete(html: str) -> None:
    chunks = list(split_into_cells(html.encode()))
    assert {len(chunk) for chunk in chunks} <= {CELL_BYTES}
    joined = b"".join(map(unframe, chunks))
    # Padding is inserted between tags only: each tag and every other byte is unchanged.
    assert joined.replace(b" ", b"") == html.encode().replace(b" ", b"")
    assert re.findall(rb"<[^>]*>", joined) == re.findall(rb"<[^>]*>", html.encode())


@pytest.mark.parametrize("words", range(PIECE_BYTES - 40, PIECE_BYTES + 10))
def test_no_tag_is_split(words: int) -> None:
    html = b"<p>" + b"x" * words + b"</span></p><p data-seq=2>" + b"y" * 600 + b"</p>"
    for chunk in split_into_cells(html):
        piece = unframe(chunk)
        assert piece.count(b"<") == piece.count(b">")


def test_text_is_split_only_where_a_cell_is_full() -> None:
    html = b"<p>" + b"x" * 2_000 + b"</p>"
    assert len(list(split_into_cells(html))) == -(-len(html) // PIECE_BYTES)


def test_tag_longer_than_a_cell_is_split() -> None:
    html = b"<p title=" + b"x" * 600 + b">"
    assert b"".join(map(unframe, split_into_cells(html))).rstrip() == html


@pytest.mark.parametrize("size", [1, 7, 480, 485, 486, 487, 491, 492, 900, 5_000])
def test_last_event_and_end_of_body_fill_whole_cells(size: int) -> None:
    closed = with_last_chunk(frame(pad_to_cells(b"x" * size)))
    assert closed.endswith(LAST_CHUNK)
    cells, rest = divmod(len(closed), CELL_BYTES)
    assert (rest, cells.bit_count()) == (0, 1)
    assert unframe(closed.removesuffix(LAST_CHUNK)).rstrip() == b"x" * size


def test_fill_up_gives_a_power_of_two_of_cells_invisibly() -> None:
    for size in range(1, 20_000):
        padding = padding_to_cells(size)
        cells, rest = divmod(size + len(padding), CELL_BYTES)
        assert (rest, cells.bit_count()) == (0, 1), size
        assert size + len(padding) <= max(CELL_BYTES, 2 * (size + 6))
        while padding:
            length, _, rest_of_it = padding.partition(b"\r\n")
            payload = rest_of_it[: int(length, 16)]
            assert payload
            assert not payload.strip(b" ")
            assert rest_of_it[len(payload) :][:2] == b"\r\n"
            padding = rest_of_it[len(payload) + 2 :]
