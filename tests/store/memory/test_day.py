"""After a day of random actions, and when all sessions have ended, the store is empty."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field

import pytest

from server.core.errors import VisitorError
from server.core.ids import ChatId, Secret
from server.core.invite_code import CodeKey, InviteKeys
from server.core.limits import REMATCH_CODE_S, SESSION_SILENCE_S
from server.core.matching.rematch import Rematch
from server.core.room.room import Room
from server.core.room.spent_tokens import ComposerToken
from server.core.session.lifetime import OwnLimit
from server.core.session.session import Session
from server.store.contract.private_rooms import HostAction, NewInvitation
from server.store.memory.inspect import reachable
from server.store.memory.store import MemoryStore
from server.stream.subscription import Subscription
from tests.fakes import FakeClock, SeededChance
from tests.store.contract.chat import ANY, HOUR, LISTEN, MINUTE, NOBODY, TALK, draw, opened
from tests.store.contract.rematch import NO_CODE, met_again, parted
from tests.store.contract.rooms import ROOMS, come
from tests.store.contract.side_chats import begin

CROWD, ACTIONS_PER_TICK, TICK_S = 12, 8, 30
UNKNOWN_ID = ChatId("abcdefghijkl")
WORDS = "the words"


@dataclass(eq=False)
class Visitor:
    """One session, and the streams that its browser holds open, the newest last."""

    secret: Secret
    held: AsyncExitStack = field(default_factory=AsyncExitStack)
    streams: list[Subscription] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether its newest stream must end."""
        return bool(self.streams) and self.streams[-1].end is not None

    async def close(self) -> None:
        """Close every stream."""
        await self.held.aclose()
        self.streams.clear()


class Crowd:
    """Visitors who perform random actions."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 a day that can be repeated
        self.clock = FakeClock()
        self.store = MemoryStore(clock=self.clock, rooms=ROOMS, chance=SeededChance(seed + 1))
        self.awake: list[Visitor] = []
        self.asleep: list[Visitor] = []
        """Visitors who are idle, with a stream open."""

        self.secrets: list[Secret] = []
        self.codes = [NO_CODE]
        self.done: Counter[str] = Counter()
        """How often each action succeeded."""

    async def run(self, seconds: float) -> None:
        """Perform random actions for so long, then close every stream."""
        end_s = self.clock.now_s + seconds
        while self.clock.now_s < end_s:
            while len(self.awake) < CROWD:
                self.secrets.append(await self.store.open_session())
                self.awake.append(Visitor(self.secrets[-1]))
            for _ in range(ACTIONS_PER_TICK):
                await self._act(self.chance.choice(self.awake))
            self.clock.advance(self.chance.randint(1, 2 * TICK_S))
            await draw(self.store)
            await self.store.sweep()
            for visitor in [v for v in (*self.awake, *self.asleep) if v.is_over]:
                await self.go(visitor)
        for visitor in (*self.awake, *self.asleep):
            await visitor.close()

    async def _act(self, visitor: Visitor) -> None:
        """Let a visitor open a pending match, then perform a random action somewhere."""
        if not await self.store.is_known(visitor.secret):
            await self.go(visitor)
            return
        weights = [1 if action in RARE else 20 if action in FREQUENT else 5 for action in ACTIONS]
        (action,) = self.chance.choices([*ACTIONS], weights)
        with suppress(VisitorError):
            match = (await self.store.match_state(visitor.secret)).chat_id
            chat_ids = [label.chat_id for label in await self.store.list_chats(visitor.secret)]
            if match is not None:
                await self.store.view_chat(visitor.secret, match)
                chat_ids += [match] * len(chat_ids)
            await ACTIONS[action](self, visitor, self.chance.choice([*chat_ids, UNKNOWN_ID]))
            self.done[action] += 1

    async def go(self, visitor: Visitor) -> None:
        """Drop a visitor; the session may still exist."""
        await visitor.close()
        self.awake = [other for other in self.awake if other is not visitor]
        self.asleep = [other for other in self.asleep if other is not visitor]

    async def sleep(self, visitor: Visitor) -> None:
        """Make a visitor idle."""
        self.awake.remove(visitor)
        self.asleep.append(visitor)

    async def stream(self, visitor: Visitor, chat_id: ChatId | None) -> None:
        """Open a stream; the older ones are closed later."""
        stream = opened(self.store, visitor.secret, chat_id)
        visitor.streams.append(await visitor.held.enter_async_context(stream))

    async def random_member(self, visitor: Visitor, chat_id: ChatId) -> int:
        """Return the number of a member of a conversation, or of a visitor who knocks."""
        people = list(await self.store.list_members(visitor.secret, chat_id))
        private = await self.store.private_room(visitor.secret, chat_id)
        people += private.knockers if private is not None else []
        return self.chance.choice([p for p in people if p.has_asked_me] or people).number

    async def show(self, visitor: Visitor) -> None:
        """Show one of the newest codes, of either kind."""
        code = self.chance.choice(self.codes[-6:])
        admission = await self.store.use_code(visitor.secret, InviteKeys(code, code), code)
        if admission is not None and admission.is_member:
            view = await self.store.view_chat(visitor.secret, admission.chat_id)
            self.done["met again" if view.is_pair else "joined by code"] += 1

    async def side_chat(self, visitor: Visitor, chat_id: ChatId) -> None:
        """Ask a member for a side chat, or accept."""
        number = await self.random_member(visitor, chat_id)
        if await self.store.request_side_chat(visitor.secret, chat_id, number) is not None:
            self.done["had a side chat"] += 1

    def invitation(self) -> NewInvitation:
        """Make an invitation whose code all visitors know."""
        code = self.code()
        return NewInvitation(InviteKeys(code, code), self.chance.randint(1, 5), HOUR)

    def code(self) -> CodeKey:
        """Make a code that all visitors know."""
        self.codes.append(CodeKey(self.chance.randbytes(32)))
        return self.codes[-1]

    async def post(self, visitor: Visitor, chat_id: ChatId) -> None:
        """Post a text that was not posted before."""
        form = ComposerToken(10**6, self.chance.randbytes(8))
        await self.store.post(visitor.secret, chat_id, f"{WORDS} {self.clock.now_s}", form)

    async def delete(self, visitor: Visitor, chat_id: ChatId) -> None:
        """Delete the newest own message."""
        for own in (await self.store.own_messages(visitor.secret, chat_id))[:1]:
            await self.store.delete_message(visitor.secret, chat_id, own.seq)

    async def mute(self, visitor: Visitor, chat_id: ChatId) -> None:
        """Mute a member, or unmute them."""
        await self.store.toggle_mute(
            visitor.secret, chat_id, await self.random_member(visitor, chat_id)
        )

    async def host(self, visitor: Visitor, chat_id: ChatId) -> None:
        """Perform a random action of an opener."""
        action, number = (
            self.chance.choice([*HostAction]),
            await self.random_member(visitor, chat_id),
        )
        await self.store.host_action(visitor.secret, chat_id, action, number)


FREQUENT = {"ask for a code", "show a code", "side chat"}
RARE = {"open room", "invite", "forget", "panic", "vanish", "sleep", "leave", "cancel", "block"}
ACTIONS: dict[str, Callable[[Crowd, Visitor, ChatId], Awaitable[object]]] = {
    "request match": lambda c, v, _: c.store.request_match(
        v.secret, c.chance.choice([TALK, LISTEN, ANY, None])
    ),
    "waive language": lambda c, v, _: c.store.waive_language(v.secret),
    "cancel": lambda c, v, _: c.store.cancel_match(v.secret),
    "block": lambda c, v, chat: c.store.block_partner(v.secret, chat),
    "ask for a code": lambda c, v, chat: c.store.issue_rematch_code(v.secret, chat, c.code()),
    "show a code": lambda c, v, _: c.show(v),
    "join": lambda c, v, _: c.store.join_room(v.secret, c.chance.choice(ROOMS).name),
    "open room": lambda c, v, _: c.store.open_room(v.secret, "A title", c.invitation()),
    "invite": lambda c, v, chat: c.store.issue_invitation(v.secret, chat, c.invitation()),
    "host": lambda c, v, chat: c.host(v, chat),
    "stop knocking": lambda c, v, chat: c.store.stop_knocking(v.secret, chat),
    "side chat": lambda c, v, chat: c.side_chat(v, chat),
    "post": lambda c, v, chat: c.post(v, chat),
    "delete": lambda c, v, chat: c.delete(v, chat),
    "mute": lambda c, v, chat: c.mute(v, chat),
    "read": lambda c, v, chat: c.store.read(v.secret, chat, 0, c.chance.randint(1, 50)),
    "read by page": lambda c, v, chat: c.store.set_plain_reading(v.secret, chat),
    "leave": lambda c, v, chat: c.store.leave(v.secret, chat),
    "touch": lambda c, v, _: c.store.visit(v.secret, is_pressed=True),
    "reload": lambda c, v, _: c.store.lifetime(v.secret, reloads=True),
    "choose": lambda c, v, _: c.store.set_lifetime(v.secret, 10 * MINUTE, OwnLimit(after_s=60)),
    "stream": lambda c, v, chat: c.stream(v, chat),
    "wait": lambda c, v, _: c.stream(v, None),
    "close": lambda _c, v, _chat: v.close(),
    "vanish": lambda c, v, _: c.go(v),
    "sleep": lambda c, v, _: c.sleep(v),
    "forget": lambda c, v, _: c.store.forget_session(v.secret),
    "panic": lambda c, v, _: c.store.panic(v.secret),
}


@pytest.mark.checklist(40)
@pytest.mark.slow  # 24 hours of random actions
@pytest.mark.parametrize("seed", range(2))
async def test_nothing_is_left_after_a_day_of_random_actions(seed: int) -> None:
    crowd = Crowd(seed)
    store = crowd.store
    await crowd.run(24 * HOUR)
    # The day proves nothing about an action that never succeeded.
    assert crowd.done.keys() == {*ACTIONS, "joined by code", "met again", "had a side chat"}
    assert [item for item in reachable(store) if isinstance(item, Rematch)]
    crowd.clock.advance(SESSION_SILENCE_S + 1)
    await store.sweep()
    assert await store.counts() == NOBODY
    assert not store._unread._members
    stored, handles = reachable(store), {secret.handle for secret in crowd.secrets}
    assert not [item for item in stored if isinstance(item, Session | Room)]
    assert not [item for item in stored if isinstance(item, bytes) and item in handles]
    assert not [item for item in stored if isinstance(item, bytes) and WORDS.encode() in item]
    crowd.clock.advance(REMATCH_CODE_S)
    await store.sweep()
    stored = reachable(store)
    assert not [item for item in stored if isinstance(item, Rematch)]
    assert not [item for item in stored if isinstance(item, bytes) and item in crowd.codes]


async def test_leaving_a_room_drops_its_unread_notices() -> None:
    store = MemoryStore(clock=FakeClock(), rooms=ROOMS)
    here, other = await come(store), await come(store)
    there = here[0], await store.join_room(here[0], "two")
    side, _ = await begin(store, here, other)
    await store.view_chat(*side)
    async with opened(store, *there):
        assert {
            seat.member.chat_id
            for stored in store._unread._members.values()
            for seat in stored.values()
        } == {here[1], side[1]}
        await store.leave(*here)
        assert not store._unread._members


async def test_nothing_is_left_of_a_rematch_after_both_panic() -> None:
    store = MemoryStore(clock=FakeClock())
    await parted(store)
    seats = await met_again(store)
    assert [item for item in reachable(store) if isinstance(item, Rematch)]
    for secret, _chat_id in seats:
        await store.panic(secret)
    stored, handles = reachable(store), {secret.handle for secret, _chat_id in seats}
    assert not [item for item in stored if isinstance(item, Session | Room | Rematch)]
    assert not [item for item in stored if isinstance(item, bytes) and item in handles]
