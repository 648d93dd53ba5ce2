"""Pads the events of a stream to whole cells, so that their size reveals little.

An event of 1 to 498 bytes on the wire, HTTP's chunk framing included, is padded to exactly one
cell. A longer one is padded to 2, 4, 8 … cells, so that longer lengths reveal less and less.

    1eb CRLF  <p …>hello</p>␣␣␣␣␣␣␣ … ␣  CRLF
    3 + 2   + 491                       + 2    = 498

Source: tor-spec (relay cells), RFC 9112 section 7.1 (chunked coding).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from .limits import CELL_BYTES

# White space between elements is invisible, and costs the browser one text node.
_PADDING = b" "
_SMALLEST_CHUNK_BYTES = len("1\r\n \r\n")


def _payload_of(cells: int) -> int:
    """Return the payload size whose chunk fills `cells` cells exactly."""
    wire_bytes = cells * CELL_BYTES
    # The payload's length has as many hex digits as `wire_bytes`: no 498 · 2^n is just above a
    # power of 16.
    return wire_bytes - 4 - len(f"{wire_bytes:x}")


PIECE_BYTES = _payload_of(1)
"""Payload bytes that one cell carries."""

LAST_CHUNK = b"0\r\n\r\n"
"""The end of a chunked body."""


def frame(payload: bytes) -> bytes:
    """Encode a payload as one chunk of HTTP's chunked coding."""
    return b"%x\r\n%b\r\n" % (len(payload), payload)


def unframe(chunks: bytes) -> bytes:
    """The payload of one chunk or several, as `frame` and `LAST_CHUNK` are."""
    payload = b""
    while chunks:
        size, _, rest = chunks.partition(b"\r\n")
        end = int(size, 16)
        payload, chunks = payload + rest[:end], rest[end + 2 :]
    return payload


def pad_to_cells(event: bytes, *, less: int = 0) -> bytes:
    """Pad an event so that its chunk fills 1, 2, 4, 8 … cells exactly, minus `less` bytes."""
    payload = _payload_of(cells_for(len(event) + less)) - less
    return event + _PADDING * (payload - len(event))


def cells_for(payload_bytes: int) -> int:
    """Return how many cells an event of this size is padded to: 1, 2, 4, 8 …."""
    return next(1 << n for n in count() if payload_bytes <= _payload_of(1 << n))


def with_last_chunk(chunk: bytes) -> bytes:
    """Append the end of the body to a padded chunk, so that both together fill whole cells."""
    event = unframe(chunk).rstrip(_PADDING)
    return frame(pad_to_cells(event, less=len(LAST_CHUNK))) + LAST_CHUNK


def padding_to_cells(wire_bytes: int) -> bytes:
    """Return padding chunks to send after `wire_bytes`, so that all fill 1, 2, 4, 8 … cells."""
    gap = CELL_BYTES
    while gap < wire_bytes or 0 < gap - wire_bytes < _SMALLEST_CHUNK_BYTES:
        gap *= 2
    gap -= wire_bytes
    # A chunk cannot have every length: where its size gets another digit, one is skipped. Then
    # the smallest possible chunk goes first.
    for first in (0, _SMALLEST_CHUNK_BYTES):
        for digits in range(1, len(f"{gap:x}") + 1):
            payload = gap - first - 4 - digits
            if payload > 0 and len(f"{payload:x}") == digits:
                smallest = frame(_PADDING) if first else b""
                return smallest + frame(_PADDING * payload)
    return b""


def split_into_cells(event: bytes) -> Iterator[bytes]:
    """Split an event into chunks of exactly one cell each, padded between tags.

    No tag is split. Whatever is written after any of the chunks, even if the rest is never sent, is
    parsed as a tag of its own.

    Args:
        event: HTML whose text has no `<` or `>`, and whose tags are each shorter than a cell.
    """
    while event:
        piece = event[:PIECE_BYTES]
        if piece.rfind(b"<") > max(piece.rfind(b">"), 0) and len(event) > PIECE_BYTES:
            piece = piece[: piece.rfind(b"<")]
        event = event[len(piece) :]
        yield frame(piece + _PADDING * (PIECE_BYTES - len(piece)))


class Event:
    """An event of a stream: rendered once and framed once for any number of readers.

    Args:
        html: at least one element.
        seq: of the entry that it shows; 0 for an event for one reader only.
    """

    __slots__ = ("chunk", "html", "seq")

    def __init__(self, html: str, seq: int = 0) -> None:
        self.seq = seq
        self.html = html.encode()
        """Without any padding."""

        self.chunk = frame(pad_to_cells(self.html))
        """As sent on a stream that is not constant-rate."""
