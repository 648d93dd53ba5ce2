"""Entries by invitation whose page nobody has opened yet.

A newcomer who presses twice before the first cookie has come makes two sessions, and the browser
keeps one of them. Nothing tells the server that both are the same person: the token of a first form
is the same for everybody, and a circuit may have several people. So neither session leads to the
other. Instead an entry uses up the invitation only when it is opened, by a request about the
conversation or the knock. Until then the use is reserved, for `MATCH_OPEN_S` at most, as a match
is; then the session leaves, and the use is given back.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from server.core.ids import ChatId
from server.core.limits import MATCH_OPEN_S
from server.core.room.private import Invitation, PrivateRoom
from server.core.session.session import Session


@dataclass(frozen=True, slots=True)
class Entry:
    """A seat or a knock that used an invitation and was not opened."""

    session: Session
    chat_id: ChatId
    room: PrivateRoom
    invitation: Invitation
    due_s: float


class UnopenedEntries:
    """Entries by their chat ids. All have the same time limit, so the oldest is due first."""

    def __init__(self) -> None:
        self._by_chat_id: dict[ChatId, Entry] = {}

    def add(self, session: Session, chat_id: ChatId, room: PrivateRoom, now_s: float) -> None:
        """Reserve a use of the room's invitation for an entry; there is one."""
        if room.invitation is not None:
            room.invitation.reserve()
            self._by_chat_id[chat_id] = Entry(
                session, chat_id, room, room.invitation, now_s + MATCH_OPEN_S
            )

    def take(self, chat_id: ChatId) -> Entry | None:
        """Remove an entry, which was opened or is gone; return it, if there was one."""
        return self._by_chat_id.pop(chat_id, None)

    def due(self, now_s: float) -> list[Entry]:
        """Every entry that should be open by now; they stay until they are taken."""
        return list(takewhile(lambda entry: entry.due_s <= now_s, self._by_chat_id.values()))
