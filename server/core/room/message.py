"""A message in plaintext: its text and mentions; and a log entry after opening.

Encoding of a message: the count of mentions (1 byte), the member number of each (4 bytes,
big-endian), the text in UTF-8.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from server.core.crypto.associated_data import SealError

from .log import Kind


@dataclass(frozen=True, slots=True)
class Message:
    """A message in plaintext."""

    text: str
    mentions: tuple[int, ...] = ()
    """Numbers of the members that it mentions, each once."""

    def to_bytes(self) -> bytes:
        """Encode the message for sealing."""
        numbers = struct.pack(f">B{len(self.mentions)}I", len(self.mentions), *self.mentions)
        return numbers + self.text.encode()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Message:
        """Decode the output of `to_bytes`.

        Raises:
            SealError: if the bytes are not a valid message.
        """
        try:
            (count,) = raw[:1]
            meant = struct.unpack_from(f">{count}I", raw, 1)
            return cls(raw[1 + 4 * count :].decode(), meant)
        except (ValueError, struct.error):  # UnicodeDecodeError is a ValueError
            raise SealError from None


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """An entry as opened for one member. Lives in one request, or in one write of a stream."""

    seq: int
    kind: Kind
    sender: int
    about: int = 0
    """See `Entry.about`."""

    message: Message | None = None
    """`None` for an event, and for a message that does not open."""

    continues: bool = False
    """Whether it is a message, and the entry right before it is one of the same sender that every
    reader of this entry has: its name need not be shown again."""
