"""A message before it is sealed: the words, and whom they mean; and an entry as it was opened.

A message as bytes: the count of those who are meant (1), the number of each (4, the high byte
first), the words in UTF-8.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from server.core.crypto.associated_data import SealError

from .log import Kind


@dataclass(frozen=True, slots=True)
class Message:
    """What a member said."""

    text: str
    meant: tuple[int, ...] = ()
    """Numbers of the members whom it names, each once."""

    def to_bytes(self) -> bytes:
        """Write it for sealing."""
        numbers = struct.pack(f">B{len(self.meant)}I", len(self.meant), *self.meant)
        return numbers + self.text.encode()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Message:
        """Read what `to_bytes` wrote.

        Raises:
            SealError: if it is nothing that was.
        """
        try:
            (count,) = raw[:1]
            meant = struct.unpack_from(f">{count}I", raw, 1)
            return cls(raw[1 + 4 * count :].decode(), meant)
        except (ValueError, struct.error):  # UnicodeDecodeError is a ValueError
            raise SealError from None


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """An entry as one member may read it: lives in one request, or in one turn of a stream."""

    seq: int
    kind: Kind
    sender: int
    about: int = 0
    """See `roomlog.Entry`."""

    message: Message | None = None
    """Of an event none; and none of a message that does not open."""
