"""Seals and opens the messages of one conversation."""

from __future__ import annotations

import secrets

from server.core.crypto.associated_data import CONVERSATION_BYTES, AssociatedData, SealError
from server.core.crypto.epochs import Epochs
from server.core.crypto.seal import Keyring
from server.core.ids import RoomId

from .log import Entry, Kind
from .message import Message, OpenEntry


class RoomKeys:
    """The key epochs of one conversation, and the id that its messages are bound to.

    Args:
        renewal_s: see `Epochs`.
    """

    __slots__ = ("epochs", "room_id")

    def __init__(self, renewal_s: float = 0) -> None:
        self.epochs = Epochs(renewal_s)
        self.room_id = RoomId(secrets.token_bytes(CONVERSATION_BYTES))
        """Part of the associated data, so that nothing sealed here opens elsewhere."""

    def seal(self, seq: int, sender: int, keyring: Keyring, message: Message) -> tuple[int, bytes]:
        """Seal a member's message for the position it will have in the log.

        Returns:
            The epoch, and the sealed message.

        Raises:
            SealError: if a key change is due that has not been made; see `Epochs.begin`.
        """
        epoch = self.epochs.current
        key = self.epochs.key(sender, keyring, epoch)
        return epoch, key.seal(self._position(epoch, seq, sender), message.to_bytes())

    def open(
        self, entry: Entry, reader: int, keyring: Keyring, before: Entry | None = None
    ) -> OpenEntry:
        """Open an entry for a member. A message that does not open is returned without its text.

        Args:
            entry: what is opened.
            reader: number of the member.
            keyring: of the member.
            before: the entry that the member reads before it, if there is one.
        """
        message = None
        if entry.kind is Kind.MESSAGE:
            try:
                key = self.epochs.key(reader, keyring, entry.epoch)
                position = self._position(entry.epoch, entry.seq, entry.sender)
                message = Message.from_bytes(key.open(position, entry.sealed))
            except SealError:
                pass
        continues = before is not None and entry.continues(before)
        return OpenEntry(
            entry.seq, entry.kind, entry.sender, entry.about, message, continues=continues
        )

    def _position(self, epoch: int, seq: int, sender: int) -> AssociatedData:
        return AssociatedData(self.room_id, epoch, seq, sender, Kind.MESSAGE.value)
