"""Where a message stands: what is sealed for one place opens in no other, and gives one error."""

from __future__ import annotations

import struct
from dataclasses import dataclass

CONVERSATION_BYTES = 16
LABEL_WORDS = b"sottovoce words 1"


class SealError(Exception):
    """Something that was sealed does not open. There is no detail: not which part was wrong."""


@dataclass(frozen=True, slots=True)
class AssociatedData:
    """The place of one message; the associated data under which it is sealed."""

    conversation: bytes
    """`CONVERSATION_BYTES` random bytes."""

    epoch: int
    seq: int
    sender: int
    kind: str

    def to_bytes(self) -> bytes:
        """The label, the conversation, three numbers of 8 bytes with the high one first, the kind.

        Only the last has no fixed length: no two places have the same bytes.

        Raises:
            SealError: if a number is none that was ever given.
        """
        try:
            numbers = struct.pack(">QQQ", self.epoch, self.seq, self.sender)
        except struct.error:
            raise SealError from None
        return LABEL_WORDS + self.conversation + numbers + self.kind.encode()
