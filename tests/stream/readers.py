"""A room of people who read live, on lines that take as much as a test wants.

The store and the streams are real; nothing is served.
"""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from server.core.cells import unframe
from server.core.ids import ChatId, Secret
from server.core.limits import HEARTBEAT_S, WRITE_S
from server.core.room.spent_tokens import ComposerToken
from server.core.session.session import Seat
from server.core.session.visibility import is_shown
from server.store.memory.store import MemoryStore
from server.stream.broadcast import BroadcastGroup
from server.stream.constant_rate import ConstantRateStream
from server.stream.live import BLOCKED_CHECK_S, SPREAD_S, LiveStream
from server.stream.timer_wheel import SLOT_S
from server.web.feeds.chat import ChatSource, Reading
from tests.fakes import FakeClock
from tests.web.appbrowser import make_server

from .fakes import FakeTransport, turns

LEAST, MOST = 4, 12
"""Readers."""

LATE_S = 3 * SLOT_S
SEQ = re.compile(r"data-seq=(\d+)")


class TimedTransport(FakeTransport):
    """Knows when something was last written, and whether its reader might see it then."""

    def __init__(self, live: LiveStream, clock: FakeClock, may_see: Callable[[int], bool]) -> None:
        super().__init__(live)
        self._clock = clock
        self.may_see = may_see
        self.written_s = clock.now_s
        self.emptied_s = 0.0
        """When it took more again."""

    def write(self, chunk: bytes) -> None:
        """See `handover.StreamTransport`."""
        self.written_s = self._clock.now_s
        assert all(self.may_see(int(seq)) for seq in SEQ.findall(unframe(chunk).decode()))
        super().write(chunk)


@dataclass(eq=False)
class Reader:
    """Somebody in a room, with a stream."""

    secret: Secret
    chat_id: ChatId
    number: int
    live: LiveStream
    transport: TimedTransport
    ever_muted: set[int] = field(default_factory=set)
    """Whose words they may have been spared."""

    @property
    def seqs(self) -> list[int]:
        """What was said to them, in its order."""
        said = b"".join(map(unframe, self.transport.chunks)).decode()
        return [int(seq) for seq in SEQ.findall(said)]

    @property
    def group(self) -> BroadcastGroup | None:
        """Where they read in unison, if they do."""
        stream = self.live._subscription
        return None if stream is None else stream.group


class Room:
    """A room, and what is done in it."""

    def __init__(self, seed: int = 0) -> None:
        self.server = make_server()
        self.chance = random.Random(seed)  # noqa: S311 the same steps in each run
        self.readers: list[Reader] = []
        self.gone: list[Reader] = []
        self._posts = 0

    async def come(self, language: str = "en", *, constant_rate_s: int = 0) -> Reader:
        """Somebody comes in, and reads; steadily, one cell in so many seconds."""
        store, services = self.server.store, self.server.services
        secret = await store.open_session()
        chat_id = await store.join_room(secret, "common")
        view = await store.view_chat(secret, chat_id)
        pages = services.pages_by_language[language]
        feed = ChatSource(
            Reading(services, pages, secret, chat_id, view.style_nonce), view.joined_seq
        )
        made = (
            ConstantRateStream("<head>", feed, services, constant_rate_s)
            if constant_rate_s
            else None
        )
        live = made or LiveStream("<head>", feed, services)
        seen_by = partial(self._may_see, secret, chat_id)
        transport = TimedTransport(live, self.server.clock, seen_by)
        await live.open()
        live.attach(transport)
        await turns()
        self.readers.append(Reader(secret, chat_id, view.my_number, live, transport))
        return self.readers[-1]

    def seat(self, secret: Secret, chat_id: ChatId) -> Seat:
        """Where a member sits."""
        store = self.server.store
        assert isinstance(store, MemoryStore)
        return store._sessions[secret.handle].seats[chat_id]

    def _may_see(self, secret: Secret, chat_id: ChatId, seq: int) -> bool:
        """Whether a member, who must be one, is shown an entry now."""
        seat = self.seat(secret, chat_id)
        entry = seat.room.log.get(seq)
        return entry is not None and is_shown(entry, seat)

    async def post(self, reader: Reader) -> None:
        """Somebody says something."""
        self._posts += 1
        view = await self.server.store.view_chat(reader.secret, reader.chat_id)
        token = ComposerToken(view.post_count, f"{self._posts}".encode())
        await self.server.store.post(reader.secret, reader.chat_id, f"{self._posts}", token)

    async def mute(self, reader: Reader, number: int) -> None:
        """Somebody is muted, or heard again."""
        await self.server.store.toggle_mute(reader.secret, reader.chat_id, number)
        reader.ever_muted.add(number)

    async def take_back(self, reader: Reader) -> None:
        """Somebody deletes their newest words."""
        said = await self.server.store.own_messages(reader.secret, reader.chat_id)
        if said:
            await self.server.store.delete_message(reader.secret, reader.chat_id, said[0].seq)

    async def ask_aside(self, reader: Reader, other: Reader) -> None:
        """One alone is asked for a private talk."""
        await self.server.store.request_side_chat(reader.secret, reader.chat_id, other.number)

    async def wake(self, reader: Reader) -> None:
        """A stream looks, and there may be nothing."""
        reader.live.wake()

    async def fill(self, reader: Reader) -> None:
        """A line takes one chunk more, and nothing then."""
        reader.transport.places = min(reader.transport.places, 1)

    async def empty(self, reader: Reader) -> None:
        """It takes more."""
        if reader.transport.is_paused:
            reader.transport.emptied_s = self.server.clock.now_s
            reader.transport.places = 10**6
            reader.live.resume()

    async def go(self, reader: Reader) -> None:
        """Somebody leaves."""
        self.readers.remove(reader)
        self.gone.append(reader)
        await self.server.store.leave(reader.secret, reader.chat_id)

    async def pass_time(self, seconds: float) -> None:
        """Let time pass; nobody whose line takes something hears nothing for long."""
        for _ in range(round(seconds / SLOT_S)):
            self.server.clock.advance(SLOT_S)
            self.server.services.timer_wheel.turn()
        await turns(99)
        now_s = self.server.clock.now_s
        for reader in self.readers:
            transport = reader.transport
            if not transport.is_paused:
                beat_s = transport.written_s + HEARTBEAT_S + SPREAD_S
                assert now_s <= max(beat_s, transport.emptied_s + BLOCKED_CHECK_S) + LATE_S
            elif now_s - transport.written_s > WRITE_S / 2:
                await self.empty(reader)

    async def step(self) -> None:
        """Something happens."""
        await self.pass_time(self.chance.choice([0.0, 2.0, 9.0]))
        someone, other = self.chance.choice(self.readers), self.chance.choice(self.readers)
        does: list[Callable[[], Awaitable[object]]] = [
            *[lambda: self.post(someone)] * 3,
            lambda: self.take_back(someone),
            lambda: self.fill(someone),
            lambda: self.empty(someone),
            lambda: self.wake(someone),
        ]
        if other is not someone:
            does += [
                lambda: self.mute(someone, other.number),
                lambda: self.ask_aside(someone, other),
            ]
        if len(self.readers) < MOST:
            does.append(lambda: self.come(self.chance.choice(["en", "fa"])))
        if len(self.readers) > LEAST:
            does.append(lambda: self.go(someone))
        await self.chance.choice(does)()
