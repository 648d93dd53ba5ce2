"""A room whose members have open streams, on transports that take as much as a test wants.

The store and the streams are real; there is no HTTP.
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

from .fakes import FakeTransport, run_tasks

MIN_READERS, MAX_READERS = 4, 12
"""Bounds that random steps keep to."""

LATE_S = 3 * SLOT_S
"""Seconds by which the timer wheel may be late, in these tests."""

SEQ = re.compile(r"data-seq=(\d+)")


class TimedTransport(FakeTransport):
    """Records when something was last written, and checks that its reader may see it."""

    def __init__(
        self, stream: LiveStream, clock: FakeClock, is_visible: Callable[[int], bool]
    ) -> None:
        super().__init__(stream)
        self._clock = clock
        self.is_visible = is_visible
        self.written_s = clock.now_s
        self.resumed_s = 0.0
        """When it was last unblocked."""

    def write(self, chunk: bytes) -> None:
        """See `StreamTransport`."""
        self.written_s = self._clock.now_s
        assert all(self.is_visible(int(seq)) for seq in SEQ.findall(unframe(chunk).decode()))
        super().write(chunk)


@dataclass(eq=False)
class Reader:
    """A member of a room, with an open stream."""

    secret: Secret
    chat_id: ChatId
    number: int
    stream: LiveStream
    transport: TimedTransport
    ever_muted: set[int] = field(default_factory=set)
    """Members whose messages may have been hidden from this reader."""

    @property
    def seqs(self) -> list[int]:
        """The entries that were written to this reader, in order."""
        html = b"".join(map(unframe, self.transport.chunks)).decode()
        return [int(seq) for seq in SEQ.findall(html)]

    @property
    def group(self) -> BroadcastGroup | None:
        """The broadcast group of the stream, if it is in one."""
        subscription = self.stream._subscription
        return None if subscription is None else subscription.group


class Room:
    """A room, and the actions of its members."""

    def __init__(self, seed: int = 0) -> None:
        self.server = make_server()
        self.rng = random.Random(seed)  # noqa: S311 the same steps in each run
        self.readers: list[Reader] = []
        self.left: list[Reader] = []
        self._posts = 0

    async def join(self, language: str = "en", *, constant_rate_s: int = 0) -> Reader:
        """Join the room and open a stream.

        Args:
            language: of the stream's sentences.
            constant_rate_s: seconds between two cells; 0 for a stream at no constant rate.
        """
        store, services = self.server.store, self.server.services
        secret = await store.open_session()
        chat_id = await store.join_room(secret, "common")
        view = await store.view_chat(secret, chat_id)
        pages = services.pages_by_language[language]
        source = ChatSource(
            Reading(services, pages, secret, chat_id, view.style_nonce), view.joined_seq
        )
        constant = (
            ConstantRateStream("<head>", source, services, constant_rate_s)
            if constant_rate_s
            else None
        )
        stream = constant or LiveStream("<head>", source, services)
        is_visible = partial(self._is_visible, secret, chat_id)
        transport = TimedTransport(stream, self.server.clock, is_visible)
        await stream.open()
        stream.attach(transport)
        await run_tasks()
        self.readers.append(Reader(secret, chat_id, view.my_number, stream, transport))
        return self.readers[-1]

    def seat(self, secret: Secret, chat_id: ChatId) -> Seat:
        """Return the seat of a member."""
        store = self.server.store
        assert isinstance(store, MemoryStore)
        return store._sessions[secret.handle].seats[chat_id]

    def _is_visible(self, secret: Secret, chat_id: ChatId, seq: int) -> bool:
        """Whether an entry is shown to a member now; fails if this is no member."""
        seat = self.seat(secret, chat_id)
        entry = seat.room.log.get(seq)
        return entry is not None and is_shown(entry, seat)

    async def post(self, reader: Reader) -> None:
        """Post a message."""
        self._posts += 1
        view = await self.server.store.view_chat(reader.secret, reader.chat_id)
        token = ComposerToken(view.post_count, f"{self._posts}".encode())
        await self.server.store.post(reader.secret, reader.chat_id, f"{self._posts}", token)

    async def mute(self, reader: Reader, number: int) -> None:
        """Mute a member, or end the mute."""
        await self.server.store.toggle_mute(reader.secret, reader.chat_id, number)
        reader.ever_muted.add(number)

    async def delete_newest(self, reader: Reader) -> None:
        """Delete the newest message of a reader, if there is one."""
        own = await self.server.store.own_messages(reader.secret, reader.chat_id)
        if own:
            await self.server.store.delete_message(reader.secret, reader.chat_id, own[0].seq)

    async def request_side_chat(self, reader: Reader, other: Reader) -> None:
        """Ask another member for a side chat: a notice to that member alone."""
        await self.server.store.request_side_chat(reader.secret, reader.chat_id, other.number)

    async def wake(self, reader: Reader) -> None:
        """Wake a stream; there may be nothing to read."""
        reader.stream.wake()

    async def block(self, reader: Reader) -> None:
        """Let a transport take one more chunk and then pause."""
        reader.transport.capacity = min(reader.transport.capacity, 1)

    async def unblock(self, reader: Reader) -> None:
        """Let a paused transport take more."""
        if reader.transport.is_paused:
            reader.transport.resumed_s = self.server.clock.now_s
            reader.transport.capacity = 10**6
            reader.stream.resume()

    async def leave(self, reader: Reader) -> None:
        """Leave the room."""
        self.readers.remove(reader)
        self.left.append(reader)
        await self.server.store.leave(reader.secret, reader.chat_id)

    async def pass_time(self, seconds: float) -> None:
        """Let time pass; check that no stream is silent for too long unless it is paused."""
        for _ in range(round(seconds / SLOT_S)):
            self.server.clock.advance(SLOT_S)
            self.server.services.timer_wheel.turn()
        await run_tasks(99)
        now_s = self.server.clock.now_s
        for reader in self.readers:
            transport = reader.transport
            if not transport.is_paused:
                due_s = transport.written_s + HEARTBEAT_S + SPREAD_S
                assert now_s <= max(due_s, transport.resumed_s + BLOCKED_CHECK_S) + LATE_S
            elif now_s - transport.written_s > WRITE_S / 2:
                await self.unblock(reader)

    async def step(self) -> None:
        """Run one random action after a random time."""
        await self.pass_time(self.rng.choice([0.0, 2.0, 9.0]))
        actor, other = self.rng.choice(self.readers), self.rng.choice(self.readers)
        actions: list[Callable[[], Awaitable[object]]] = [
            *[lambda: self.post(actor)] * 3,
            lambda: self.delete_newest(actor),
            lambda: self.block(actor),
            lambda: self.unblock(actor),
            lambda: self.wake(actor),
        ]
        if other is not actor:
            actions += [
                lambda: self.mute(actor, other.number),
                lambda: self.request_side_chat(actor, other),
            ]
        if len(self.readers) < MAX_READERS:
            actions.append(lambda: self.join(self.rng.choice(["en", "fa"])))
        if len(self.readers) > MIN_READERS:
            actions.append(lambda: self.leave(actor))
        await self.rng.choice(actions)()
