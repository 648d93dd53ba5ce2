"""The server without sealing and without the pace of rooms: a yardstick, and for nothing else.

The program has no option for this; the sealing functions are replaced from outside.

    python -m bench.unsealed_server serve --socket PATH ...
"""

from __future__ import annotations

import bench.unpaced  # noqa: F401  isort: skip
from server.cli import main
from server.core.crypto.epochs import EpochChange, Epochs
from server.core.crypto.seal import Keyring
from server.core.room.keys import RoomKeys
from server.core.room.log import Entry
from server.core.room.message import Message, OpenEntry


def begin(_epochs: Epochs, _now_s: float) -> EpochChange | None:
    """Never start a change of keys."""
    return None


def seal(
    _keys: RoomKeys, _seq: int, _sender: int, _keyring: Keyring, message: Message
) -> tuple[int, bytes]:
    """Store the message as plain bytes."""
    return 0, message.to_bytes()


def unseal(
    _keys: RoomKeys, entry: Entry, _reader: int, _keyring: Keyring, before: Entry | None = None
) -> OpenEntry:
    """Read the plain bytes."""
    message = Message.from_bytes(entry.sealed) if entry.sealed else None
    continues = before is not None and entry.continues(before)
    return OpenEntry(entry.seq, entry.kind, entry.sender, entry.about, message, continues=continues)


if __name__ == "__main__":
    Epochs.begin = begin  # type: ignore[method-assign, assignment]
    RoomKeys.seal = seal  # type: ignore[method-assign, assignment]
    RoomKeys.open = unseal  # type: ignore[method-assign, assignment]
    main()
