"""The associated data of a sealed message: bound to one position, it opens in no other."""

from __future__ import annotations

import struct
from dataclasses import dataclass

CONVERSATION_BYTES = 16
LABEL_MESSAGE = b"sottovoce words 1"


class SealError(Exception):
    """Sealed bytes do not open. Carries no detail about which part was wrong."""


@dataclass(frozen=True, slots=True)
class AssociatedData:
    """The position of one message, authenticated together with its ciphertext."""

    conversation: bytes
    """`CONVERSATION_BYTES` random bytes."""

    epoch: int
    seq: int
    sender: int
    kind: str

    def to_bytes(self) -> bytes:
        """Encode as label, conversation, three big-endian 64-bit numbers, kind.

        Only the kind, which is last, has a variable length, so two different positions never
        encode to the same bytes.

        Raises:
            SealError: if a number does not fit into 64 unsigned bits.
        """
        try:
            numbers = struct.pack(">QQQ", self.epoch, self.seq, self.sender)
        except struct.error:
            raise SealError from None
        return LABEL_MESSAGE + self.conversation + numbers + self.kind.encode()
