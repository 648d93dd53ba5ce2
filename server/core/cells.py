"""Cuts what a stream says to whole cells, so that its size tells nothing.

An event of 1 to 498 bytes on the wire, HTTP's chunk framing included, leaves as exactly one
cell; a longer one is padded to 2, 4, 8 … cells, so that a length says less and less.

    1eb CRLF  <p …>hello</p>␣␣␣␣␣␣␣ … ␣  CRLF
    3 + 2   + 491                       + 2    = 498

Source: tor-spec (relay cells), RFC 9112 section 7.1 (chunked coding).
"""

from __future__ import annotations

from itertools import count

from .limits import CELL_BYTES

# White space between elements shows nothing, and costs the browser one text node.
_PADDING = b" "


def framed_bytes(payload_bytes: int) -> int:
    """Bytes on the wire of one chunk that carries `payload_bytes`."""
    return len(f"{payload_bytes:x}") + 2 + payload_bytes + 2


def _payload_of(cells: int) -> int:
    """The payload whose chunk fills `cells` cells exactly."""
    wire_bytes = cells * CELL_BYTES
    # The payload's length has as many digits: no 498 · 2^n lies just above a power of 16.
    return wire_bytes - 4 - len(f"{wire_bytes:x}")


def pad_to_cells(event: bytes) -> bytes:
    """Pad an event so that its chunk fills 1, 2, 4, 8 … cells to the byte."""
    for doublings in count():
        payload = _payload_of(1 << doublings)
        if len(event) <= payload:
            return event + _PADDING * (payload - len(event))
    raise AssertionError
