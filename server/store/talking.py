"""What a member does from their seat: look, read, say."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from server.core.ids import ChatId, Secret
from server.core.limits import OWN_WORDS
from server.core.receipts import ComposerToken
from server.core.session import Seat, Session
from server.core.text import clean_message

from .base import ChatView, Passage
from .base_rooms import OwnWords, Person
from .seats import look, people, read


class Talking(ABC):
    """These calls of `base.Store`, over whatever knows sessions and their seats."""

    _clock: Callable[[], float]

    @abstractmethod
    def _visit(self, secret: Secret) -> Session:
        """The session of a secret; the visit is a sign of life.

        Raises:
            SessionUnknownError: if there is none.
        """

    @abstractmethod
    def _seat(self, secret: Secret, chat_id: ChatId) -> Seat:
        """The seat of a session in a conversation; the visit is a sign of life.

        Raises:
            NotAMemberError: if there is none.
        """

    async def chat(self, secret: Secret, chat_id: ChatId) -> ChatView:
        """See `base.Store`."""
        return look(self._seat(secret, chat_id))

    async def people(self, secret: Secret, chat_id: ChatId) -> Sequence[Person]:
        """See `base_rooms.RoomStore`."""
        return people(self._seat(secret, chat_id))

    async def mute(self, secret: Secret, chat_id: ChatId, who: int) -> None:
        """See `base_rooms.RoomStore`."""
        seat = self._seat(secret, chat_id)
        seat.room.mute(seat.member, who)

    async def own_words(self, secret: Secret, chat_id: ChatId) -> Sequence[OwnWords]:
        """See `base_rooms.RoomStore`."""
        seat = self._seat(secret, chat_id)
        own = seat.room.own_words(seat.member, OWN_WORDS)
        return [OwnWords(entry.seq, entry.body.decode()) for entry in own]

    async def delete(self, secret: Secret, chat_id: ChatId, seq: int) -> None:
        """See `base_rooms.RoomStore`."""
        seat = self._seat(secret, chat_id)
        seat.room.delete(seat.member, seq)

    async def read(self, secret: Secret, chat_id: ChatId, after: int, limit: int) -> Passage:
        """See `base.Store`."""
        return read(self._seat(secret, chat_id), after, limit)

    async def post(self, secret: Secret, chat_id: ChatId, text: str, token: ComposerToken) -> None:
        """See `base.Store`."""
        seat = self._seat(secret, chat_id)
        text_tag = secret.text_tag(text)
        if seat.member.receipts.is_repeat(token, text_tag):
            return
        cleaned = clean_message(text)
        now_s = self._clock()
        seat.room.check_open()
        seat.room.check_pace(seat.member, now_s)
        self._visit(secret).speak.take(now_s)
        seat.member.receipts.spend(token, text_tag)
        seat.room.say(seat.member, cleaned, now_s)
