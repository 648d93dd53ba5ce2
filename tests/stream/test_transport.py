"""What a stream writes to its transport loses its chunk framing completely for HTTP/1.0."""

from __future__ import annotations

from server.core.cells import padding_to_cells, unframe

FRAMING_BYTES = len("1\r\n\r\n") + len("1eb\r\n\r\n")
"""Most of the framing that two chunks of padding have, in an opening of up to 8 cells."""


def test_padding_of_one_or_two_chunks_is_unframed_completely() -> None:
    for size in range(1, 4_000):
        padding = padding_to_cells(size)
        payload = unframe(padding)
        assert not payload.strip(b" "), size
        assert len(padding) - FRAMING_BYTES <= len(payload), size
