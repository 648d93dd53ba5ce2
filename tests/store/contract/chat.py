"""The contract `server/store/contract/chat.py` as tests: sessions and matching.

The files of this folder hold for every implementation of the store. The test file of an
implementation imports all of them and provides its own fixture `make_store`:

    from tests.store.contract.chat import *
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import pytest

from server.core.errors import NotAMemberError, SessionUnknownError
from server.core.ids import ChatId, Secret
from server.core.limits import Capacity
from server.core.matching.preferences import Intent, Preferences
from server.core.room.log import Kind
from server.core.room.message import OpenEntry
from server.core.room.public import PublicRoom
from server.core.room.spent_tokens import ComposerToken
from server.store.contract.chat import Counts, Store
from server.store.contract.matching import MatchState
from server.stream.subscription import StreamEnd, Subscription
from tests.fakes import FakeClock
from tests.subscriber import FakeSubscriber, nothing

TALK, LISTEN, ANY = Preferences(Intent.TALK), Preferences(Intent.LISTEN), Preferences(Intent.ANY)
NOBODY = Counts(sessions=0, waiting=0, conversations=0, streams=0)
MINUTE, HOUR = 60.0, 3_600.0


class MakeStore(Protocol):
    """Creates an empty store with its own clock."""

    def __call__(
        self, capacity: Capacity | None = None, rooms: Sequence[PublicRoom] = ()
    ) -> tuple[Store, FakeClock]:
        """Create one."""


@asynccontextmanager
async def opened(
    store: Store, secret: Secret, chat_id: ChatId | None, wake: Callable[[], object] = nothing
) -> AsyncIterator[Subscription]:
    """Keep a stream open while the block runs."""
    stream = await store.open_stream(secret, chat_id, FakeSubscriber(wake))
    try:
        yield stream
    finally:
        store.streams.close(stream)


def token(serial: int = 0, nonce: str = "first") -> ComposerToken:
    return ComposerToken(serial, nonce.encode())


async def arrive(store: Store, preferences: Preferences = ANY) -> tuple[Secret, MatchState]:
    """Open a session that asks for a match, and make the draws that it can rely on."""
    secret = await store.open_session()
    await store.request_match(secret, preferences)
    return secret, await drawn(store, secret)


async def draw(store: Store) -> None:
    """Match whoever fits: nobody is left out of two draws in a row."""
    await store.draw_matches()
    await store.draw_matches()


async def drawn(store: Store, secret: Secret) -> MatchState:
    """Make the draws that a session can rely on, and return how it stands."""
    await draw(store)
    return await store.match_state(secret)


async def meet(store: Store) -> tuple[tuple[Secret, ChatId], tuple[Secret, ChatId]]:
    """Match two new sessions, and open the pair with both."""
    return await pair_up(store, await store.open_session(), await store.open_session())


async def pair_up(
    store: Store, first: Secret, second: Secret
) -> tuple[tuple[Secret, ChatId], tuple[Secret, ChatId]]:
    """Match two sessions, and open the pair with both."""
    await store.request_match(first, TALK)
    await store.request_match(second, LISTEN)
    match = await drawn(store, second)
    first_id = (await store.match_state(first)).chat_id
    assert first_id is not None
    assert match.chat_id is not None
    await store.view_chat(first, first_id)
    await store.view_chat(second, match.chat_id)
    return (first, first_id), (second, match.chat_id)


async def entries(store: Store, seat: tuple[Secret, ChatId]) -> tuple[OpenEntry, ...]:
    return (await store.read(*seat, after=0, limit=1_000)).entries


async def kinds(store: Store, seat: tuple[Secret, ChatId]) -> list[Kind]:
    return [entry.kind for entry in await entries(store, seat)]


async def texts(store: Store, seat: tuple[Secret, ChatId]) -> list[str]:
    return [entry.message.text for entry in await entries(store, seat) if entry.message]


# Sessions


async def test_session_is_known_by_its_secret_only(make_store: MakeStore) -> None:
    store, _ = make_store()
    secret = await store.open_session()
    assert await store.is_known(secret)
    assert not await store.is_known(Secret.new())
    assert not await store.is_known(None)


async def test_unknown_session_can_do_nothing(make_store: MakeStore) -> None:
    store, _ = make_store()
    stranger, chat_id = Secret.new(), ChatId("abcdefghijkl")
    with pytest.raises(SessionUnknownError):
        await store.request_match(stranger, ANY)
    with pytest.raises(SessionUnknownError):
        await store.match_state(stranger)
    with pytest.raises(SessionUnknownError):
        await store.check_stream(stranger, None)
    with pytest.raises(NotAMemberError):
        await store.check_stream(stranger, chat_id)
    with pytest.raises(NotAMemberError):
        await store.view_chat(stranger, chat_id)
    await store.cancel_match(stranger)
    assert await store.counts() == NOBODY


@pytest.mark.parametrize(("silence_s", "lives"), [(20 * MINUTE, True), (20 * MINUTE + 1, False)])
async def test_session_is_forgotten_after_twenty_minutes_of_silence(
    make_store: MakeStore,
    silence_s: float,
    lives: bool,
) -> None:
    store, clock = make_store()
    secret = await store.open_session()
    clock.advance(silence_s)
    await store.sweep()
    assert await store.is_known(secret) is lives


async def test_session_is_forgotten_after_twelve_hours(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    secret = await store.open_session()
    for _ in range(12 * 6):
        clock.advance(10 * MINUTE)
        await store.visit(secret, is_pressed=False)
        await store.sweep()
    assert await store.is_known(secret)
    clock.advance(1)
    await store.sweep()
    assert not await store.is_known(secret)


async def test_open_stream_keeps_a_session_up_to_twelve_hours(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    secret, _ = await arrive(store)
    async with opened(store, secret, None) as stream:
        clock.advance(11 * HOUR)
        await store.sweep()
        assert await store.is_known(secret)
        assert stream.end is None
        clock.advance(HOUR + 1)
        await store.sweep()
        assert stream.end is StreamEnd.FORGOTTEN
    assert await store.counts() == NOBODY


Call = Callable[[Store, Secret, ChatId], Awaitable[object]]
CALLS: dict[str, Call] = {
    "is_known": lambda store, secret, _chat: store.is_known(secret),
    "match_state": lambda store, secret, _chat: store.match_state(secret),
    "cancel": lambda store, secret, _chat: store.cancel_match(secret),
    "chat": lambda store, secret, chat: store.view_chat(secret, chat),
    "read": lambda store, secret, chat: store.read(secret, chat, 0, 1),
    "post": lambda store, secret, chat: store.post(secret, chat, "hello", token()),
    "check_stream": lambda store, secret, chat: store.check_stream(secret, chat),
}


@pytest.mark.parametrize("call", CALLS)
async def test_only_a_visit_counts_as_activity(make_store: MakeStore, call: str) -> None:
    store, clock = make_store()
    (secret, chat_id), (other, _) = await meet(store)
    clock.advance(15 * MINUTE)
    await store.visit(other, is_pressed=False)
    await CALLS[call](store, secret, chat_id)
    clock.advance(15 * MINUTE)
    await store.sweep()
    assert [await store.is_known(one) for one in (secret, other)] == [False, True]


# Matching


async def test_matched_sessions_get_different_chat_ids(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    assert first[1] != second[1]
    assert await kinds(store, first) == [Kind.MET]
    assert await entries(store, first) == await entries(store, second)
    one, other = await store.view_chat(*first), await store.view_chat(*second)
    assert one.names == other.names
    assert {one.my_number, other.my_number} == {1, 2} == set(one.names)
    assert one.is_open


async def test_incompatible_sessions_both_wait(make_store: MakeStore) -> None:
    store, _ = make_store()
    assert (await arrive(store, TALK))[1] == MatchState(is_waiting=True, chat_id=None)
    assert (await arrive(store, TALK))[1] == MatchState(is_waiting=True, chat_id=None)
    assert (await store.counts()).waiting == 2


async def test_session_that_asks_twice_is_not_matched_with_itself(make_store: MakeStore) -> None:
    store, _ = make_store()
    secret, _ = await arrive(store)
    await store.request_match(secret, ANY)
    assert (await drawn(store, secret)).is_waiting
    assert (await store.counts()).waiting == 1


async def test_request_without_preferences_repeats_the_last(make_store: MakeStore) -> None:
    store, _ = make_store()
    secret, _ = await arrive(store, TALK)
    await store.cancel_match(secret)
    await arrive(store, TALK)
    await store.request_match(secret, None)
    assert (await drawn(store, secret)).is_waiting
    assert (await arrive(store, LISTEN))[1].chat_id is not None


@pytest.mark.parametrize(("absence_s", "matched"), [(30.0, True), (30.5, False)])
async def test_waiter_is_present_for_thirty_seconds_after_a_request(
    make_store: MakeStore,
    absence_s: float,
    matched: bool,
) -> None:
    store, clock = make_store()
    await arrive(store)
    clock.advance(absence_s)
    assert (await arrive(store))[1].is_waiting is not matched


@pytest.mark.parametrize(("absence_s", "matched"), [(30.0, True), (30.5, False)])
async def test_waiter_is_present_until_30_s_after_its_stream_closed(
    make_store: MakeStore,
    absence_s: float,
    matched: bool,
) -> None:
    store, clock = make_store()
    secret, _ = await arrive(store, TALK)
    async with opened(store, secret, None):
        clock.advance(10 * MINUTE)
    clock.advance(absence_s)
    assert (await arrive(store, LISTEN))[1].is_waiting is not matched


async def test_absent_waiter_keeps_its_place_for_a_while(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    early, _ = await arrive(store, TALK)
    clock.advance(100)
    await store.sweep()
    await store.visit(early, is_pressed=False)
    assert (await store.match_state(early)).waited_s == 100
    late, _ = await arrive(store, TALK)
    # Two who both want to talk meet because one of them has waited a minute.
    assert (await store.match_state(early)).chat_id is not None
    assert (await store.match_state(late)).chat_id is not None
    late, _ = await arrive(store, TALK)
    clock.advance(10 * MINUTE)
    await store.sweep()
    assert not (await store.match_state(late)).is_waiting
    assert (await store.counts()).waiting == 0


async def test_cancelled_waiter_is_not_matched(make_store: MakeStore) -> None:
    store, _ = make_store()
    secret, _ = await arrive(store)
    await store.cancel_match(secret)
    assert await store.match_state(secret) == MatchState(is_waiting=False, chat_id=None)
    assert (await arrive(store))[1].is_waiting


async def test_nobody_is_matched_outside_of_a_draw(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await store.open_session(), await store.open_session()
    for secret in (first, second):
        assert (await store.request_match(secret, ANY)).is_waiting
    assert (await store.match_state(first)).is_waiting
    assert (await drawn(store, first)).chat_id is not None


async def test_match_wakes_the_stream_of_the_waiter(make_store: MakeStore) -> None:
    store, _ = make_store()
    secret, _ = await arrive(store)
    woken: list[str] = []
    async with opened(store, secret, None, lambda: woken.append("woken")) as stream:
        await arrive(store)
        assert woken
        assert stream.end is None
        assert (await store.match_state(secret)).chat_id is not None


async def test_unopened_match_requeues_the_other_with_its_waiting_time(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    first, _ = await arrive(store, TALK)
    second, match = await arrive(store, LISTEN)
    assert match.chat_id is not None
    await store.view_chat(second, match.chat_id)
    clock.advance(59)
    await store.visit(second, is_pressed=False)
    await store.sweep()
    assert (await store.match_state(second)).chat_id == match.chat_id
    clock.advance(1)
    await store.sweep()
    state = await store.match_state(second)
    assert (state.is_waiting, state.waited_s) == (True, 60)
    assert (await kinds(store, (second, match.chat_id)))[-1] is Kind.ABSENT
    assert not (await store.view_chat(second, match.chat_id)).is_open
    await arrive(store, TALK)
    assert (await store.match_state(second)).chat_id is not None
    assert await store.match_state(first) == MatchState(is_waiting=False, chat_id=None)
    # Joining the new pair leaves the one that was never opened by both.
    with pytest.raises(NotAMemberError):
        await store.view_chat(second, match.chat_id)
    assert (await store.counts()).conversations == 1


async def test_match_that_nobody_opens_is_deleted(make_store: MakeStore) -> None:
    store, clock = make_store()
    await arrive(store)
    await arrive(store)
    clock.advance(60)
    await store.sweep()
    counts = await store.counts()
    assert (counts.conversations, counts.waiting) == (0, 0)


async def test_match_that_both_opened_is_kept(make_store: MakeStore) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    clock.advance(61)
    await store.sweep()
    for seat in (first, second):
        assert (await store.view_chat(*seat)).is_open


async def test_new_request_leaves_the_old_pair(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    await store.request_match(first[0], ANY)
    assert (await drawn(store, first[0])).is_waiting
    assert (await kinds(store, second))[-1] is Kind.LEFT_PAIR
    with pytest.raises(NotAMemberError):
        await store.view_chat(*first)


# A whole day


@pytest.mark.slow  # 24 hours of visitors who arrive, talk and disappear
async def test_nothing_is_left_after_a_day_of_visits(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    for minute in range(24 * 60):
        first, second = await meet(store)
        await store.post(*first, f"minute {minute}", token())
        await arrive(store, TALK)
        if minute % 3 == 0:
            await store.leave(*second)
        if minute % 5 == 0:
            await store.request_match(first[0], None)
        clock.advance(MINUTE)
        await store.sweep()
        counts = await store.counts()
        assert counts.sessions < 100
        assert counts.conversations < 50
    clock.advance(21 * MINUTE)
    await store.sweep()
    assert await store.counts() == NOBODY
