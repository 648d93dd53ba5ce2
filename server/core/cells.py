"""Cuts what a stream says to whole cells, so that its size tells nothing.

An event of 1 to 498 bytes on the wire, HTTP's chunk framing included, leaves as exactly one
cell; a longer one is padded to 2, 4, 8 … cells, so that a length says less and less.

    1eb CRLF  <p …>hello</p>␣␣␣␣␣␣␣ … ␣  CRLF
    3 + 2   + 491                       + 2    = 498

Source: tor-spec (relay cells), RFC 9112 section 7.1 (chunked coding).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from .limits import CELL_BYTES

# White space between elements shows nothing, and costs the browser one text node.
_PADDING = b" "
_LEAST_CHUNK = len("1\r\n \r\n")


def _payload_of(cells: int) -> int:
    """The payload whose chunk fills `cells` cells exactly."""
    wire_bytes = cells * CELL_BYTES
    # The payload's length has as many digits: no 498 · 2^n lies just above a power of 16.
    return wire_bytes - 4 - len(f"{wire_bytes:x}")


PIECE_BYTES = _payload_of(1)
"""What one cell carries."""

LAST_CHUNK = b"0\r\n\r\n"
"""The end of a body in chunks."""


def frame(payload: bytes) -> bytes:
    """A payload as one chunk, as it stands on the wire."""
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
    """Pad an event so that its chunk fills 1, 2, 4, 8 … cells to the byte, or lacks a few bytes."""
    for doublings in count():
        payload = _payload_of(1 << doublings) - less
        if len(event) <= payload:
            return event + _PADDING * (payload - len(event))
    raise AssertionError


def close_with(chunk: bytes) -> bytes:
    """A chunk of whole cells and the end of the body behind it, in whole cells together."""
    event = unframe(chunk).rstrip(_PADDING)
    return frame(pad_to_cells(event, less=len(LAST_CHUNK))) + LAST_CHUNK


def fill_up(wire_bytes: int) -> bytes:
    """Chunks of padding behind so many bytes, so that all together fill 1, 2, 4, 8 … cells."""
    gap = CELL_BYTES
    while gap < wire_bytes or 0 < gap - wire_bytes < _LEAST_CHUNK:
        gap *= 2
    gap -= wire_bytes
    # Some lengths no chunk has: between them its size gets another digit.
    for first in (0, _LEAST_CHUNK):
        for digits in range(1, len(f"{gap:x}") + 1):
            payload = gap - first - 4 - digits
            if payload > 0 and len(f"{payload:x}") == digits:
                least = frame(_PADDING) if first else b""
                return least + frame(_PADDING * payload)
    return b""


def cut_to_cells(event: bytes) -> Iterator[bytes]:
    """Chunks that fill one cell each to the byte and are the event together, padded between tags.

    No cut goes through a tag: whatever is written after any of the chunks, also if the rest never
    comes, is read as a tag of its own.

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
    """Something that streams say: rendered once and framed once, for however many readers.

    Args:
        html: at least one element.
        seq: of the entry that it tells of; 0 for what is for one reader alone.
    """

    __slots__ = ("chunk", "html", "seq")

    def __init__(self, html: str, seq: int = 0) -> None:
        self.seq = seq
        self.html = html.encode()
        """Without any padding."""

        self.chunk = frame(pad_to_cells(self.html))
        """As it stands on the wire of a stream that says things when they happen."""
