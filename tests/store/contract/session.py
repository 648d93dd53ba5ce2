"""The store contract as tests: a visitor's settings and lifetime."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from server.core.errors import SessionUnknownError
from server.core.ids import ChatId, Secret
from server.core.invite_code import CodeKey
from server.core.limits import END_NOTICE_S, IDLE_QUESTION_S, SESSION_LIFE_S
from server.core.room.log import Kind
from server.core.session.lifetime import LifetimeNotice, OwnLimit
from server.store.contract.chat import Store
from server.store.contract.rooms import ChatLabel
from server.store.contract.session import LifetimeView, Settings, StoredSeat
from server.stream.subscription import Notice, StreamEnd, Subscription
from tests.fakes import FakeClock

from .chat import HOUR, MINUTE, NOBODY, TALK, MakeStore, arrive, kinds, meet, opened, token
from .rooms import ROOMS

ASKED: list[Notice] = [LifetimeNotice.STILL_THERE]


async def later(store: Store, clock: FakeClock, seconds: float) -> None:
    """Move the clock forward and run one sweep."""
    clock.advance(seconds)
    await store.sweep()


def taken(stream: Subscription) -> list[Notice]:
    """Take the notices of a stream, as its writer does."""
    notices = list(stream.notices)
    stream.notices.clear()
    return notices


# Settings


async def test_settings_last_as_long_as_the_session(
    make_store: MakeStore,
) -> None:
    store, _ = make_store()
    secret, other = await store.open_session(), await store.open_session()
    await store.set_language(secret, "fa")
    await store.set_neutral_titles(secret, neutral_titles=True)
    assert await store.visit(secret, is_pressed=False) == Settings("fa", neutral_titles=True)
    await store.set_constant_rate(secret, 5)
    assert await store.visit(secret, is_pressed=False) == Settings(
        "fa", neutral_titles=True, constant_rate_s=5
    )
    await store.set_constant_rate(secret, 0)
    assert await store.visit(other, is_pressed=False) == Settings(None, neutral_titles=False)
    await store.set_several_lines(secret, several_lines=True)
    assert (await store.visit(secret, is_pressed=False) or Settings()).several_lines
    await store.set_several_lines(secret, several_lines=False)
    await store.set_neutral_titles(secret, neutral_titles=False)
    assert await store.visit(secret, is_pressed=False) == Settings("fa", neutral_titles=False)
    await store.forget_session(secret)
    assert await store.visit(secret, is_pressed=False) is None


async def test_unknown_session_stores_and_returns_nothing(make_store: MakeStore) -> None:
    store, _ = make_store()
    stranger = Secret.new()
    await store.set_language(stranger, "fa")
    await store.set_neutral_titles(stranger, neutral_titles=True)
    await store.set_constant_rate(stranger, 5)
    await store.set_several_lines(stranger, several_lines=True)
    await store.visit(stranger, is_pressed=True)
    await store.add_traffic(stranger, 100)
    assert await store.visit(stranger, is_pressed=False) is None
    for call in (
        store.lifetime(stranger),
        store.set_lifetime(stranger, HOUR, OwnLimit()),
        store.stored_data(stranger),
    ):
        with pytest.raises(SessionUnknownError):
            await call
    assert await store.counts() == NOBODY


# Lifetime and traffic


async def test_lifetime_reports_age_and_remaining_time(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    secret = await store.open_session()
    await store.set_lifetime(secret, 2 * HOUR, OwnLimit(after_s=3_601))
    clock.advance(HOUR)
    expected = LifetimeView(HOUR, SESSION_LIFE_S - HOUR, 0, 2 * HOUR, OwnLimit(after_s=3_601))
    assert await store.lifetime(secret) == expected
    clock.advance(1)
    assert (await store.lifetime(secret)).due_notices == {LifetimeNotice.OWN_LIMIT}


async def test_traffic_includes_that_of_the_open_stream(
    make_store: MakeStore,
) -> None:
    store, _ = make_store()
    secret, _ = await arrive(store)
    for traffic_bytes in (100, 50):
        await store.add_traffic(secret, traffic_bytes)
    counted = []
    for sent_bytes in (20, 3):
        async with opened(store, secret, None) as stream:
            stream.own_bytes = sent_bytes
            counted.append((await store.lifetime(secret)).traffic_bytes)
        counted.append((await store.lifetime(secret)).traffic_bytes)
    assert counted == [170, 170, 173, 173]


async def test_session_end_is_announced_once_ten_minutes_before(make_store: MakeStore) -> None:
    store, clock = make_store()
    secret, _ = await arrive(store)
    async with opened(store, secret, None) as stream:
        notices = []
        for seconds in (SESSION_LIFE_S - END_NOTICE_S - 1, 1, 1):
            clock.advance(seconds)
            await store.visit(secret, is_pressed=True)
            await store.sweep()
            notices.append(taken(stream))
        assert notices == [[], [LifetimeNotice.ENDS_SOON], []]
        assert (await store.lifetime(secret)).remaining_s == END_NOTICE_S - 1


@pytest.mark.parametrize("limit", [OwnLimit(after_s=900), OwnLimit(after_bytes=1_000)])
async def test_own_limit_is_announced_once_until_set_again(
    make_store: MakeStore, limit: OwnLimit
) -> None:
    store, clock = make_store()
    secret, _ = await arrive(store)
    await store.set_lifetime(secret, IDLE_QUESTION_S, limit)
    async with opened(store, secret, None) as stream:
        stream.own_bytes = 999
        await later(store, clock, 899)
        assert taken(stream) == []
        stream.own_bytes = 1_000
        await later(store, clock, 1)
        await later(store, clock, 1)
        assert taken(stream) == [LifetimeNotice.OWN_LIMIT]
        await store.set_lifetime(secret, IDLE_QUESTION_S, limit)
        await later(store, clock, 1)
        assert taken(stream) == [LifetimeNotice.OWN_LIMIT]
        assert stream.end is None


async def test_everything_stored_about_a_visitor_is_listed(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    (secret, chat_id), (other, other_id) = await meet(store)
    room = await store.join_room(secret, "one")
    for words in ("one", "three"):
        await store.post(secret, chat_id, words, token(nonce=words))
    await store.post(other, other_id, "theirs", token())
    await store.toggle_mute(secret, chat_id, 2)
    await store.issue_rematch_code(secret, chat_id, CodeKey(b"c" * 32))
    await store.set_language(secret, "fa")
    await store.join_room(other, "one")
    await store.request_side_chat(secret, room, 2)
    names = (await store.view_chat(secret, chat_id)).names
    (in_room,) = (await store.view_chat(secret, room)).names.values()
    (other_room,) = (await store.stored_data(other)).seats[1:]
    assert (other_room.asked_count, other_room.request_count) == (0, 1)
    held = await store.stored_data(secret)
    assert held.seats == [
        StoredSeat(ChatLabel(chat_id, other=names[2]), names[1], 2, 2 * 104, 1, 0, 2, 1, 0, 0),
        StoredSeat(ChatLabel(room, public_name="one"), in_room, 0, 0, 0, 0, 0, 0, 1, 0),
    ]
    assert (held.code_count, held.partner_count, held.knock_count, held.is_waiting) == (
        1,
        1,
        0,
        False,
    )
    assert (held.preferences, held.settings.language) == (TALK, "fa")
    assert held.lifetime == await store.lifetime(secret)
    assert (await store.stored_data((await arrive(store))[0])).is_waiting


# The question whether the visitor is still there


async def test_unanswered_question_ends_the_session_after_5_minutes(make_store: MakeStore) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    async with opened(store, *first) as stream, opened(store, *second) as partner_stream:
        notices = []
        for seconds in (30 * MINUTE - 1, 1, 1, 5 * MINUTE - 1):
            clock.advance(seconds)
            await store.visit(second[0], is_pressed=True)
            await store.sweep()
            notices.append(taken(stream))
        assert notices == [[], [LifetimeNotice.STILL_THERE], [], []]
        assert (stream.end, await kinds(store, second)) == (None, [Kind.MET])
        await later(store, clock, 1)
        assert stream.end is StreamEnd.FORGOTTEN
        assert await kinds(store, second) == [Kind.MET, Kind.LEFT_PAIR]
        assert not await store.is_known(first[0])
        assert (partner_stream.end, taken(partner_stream)) == (None, [])


async def test_answered_question_is_asked_again_later(make_store: MakeStore) -> None:
    store, clock = make_store()
    secret, _ = await arrive(store)
    woken: list[str] = []
    async with opened(store, secret, None, lambda: woken.append("woken")) as stream:
        notices = []
        await later(store, clock, 30 * MINUTE)
        assert woken
        clock.advance(5 * MINUTE)
        await store.visit(secret, is_pressed=True)
        for seconds in (0, 5 * MINUTE, 25 * MINUTE - 1, 1):
            await later(store, clock, seconds)
            notices.append(taken(stream))
        assert notices == [ASKED, [], [], ASKED]
        await later(store, clock, 5 * MINUTE + 1)
        assert stream.end is StreamEnd.FORGOTTEN


Call = Callable[[Store, Secret, ChatId], Awaitable[object]]
PASSIVE_CALLS: dict[str, Call] = {
    "is_known": lambda store, secret, _chat: store.is_known(secret),
    "match_state": lambda store, secret, _chat: store.match_state(secret),
    "lifetime": lambda store, secret, _chat: store.lifetime(secret),
    "chat": lambda store, secret, chat: store.view_chat(secret, chat),
    "read": lambda store, secret, chat: store.read(secret, chat, 0, 10),
    "stop_streaming": lambda store, secret, chat: store.set_plain_reading(secret, chat),
    "add_traffic": lambda store, secret, _chat: store.add_traffic(secret, 500),
}


@pytest.mark.parametrize("call", PASSIVE_CALLS)
async def test_reading_does_not_answer_the_question(make_store: MakeStore, call: str) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    async with opened(store, *first) as stream:
        for seconds in (15 * MINUTE, 15 * MINUTE, 5 * MINUTE):
            await store.visit(second[0], is_pressed=False)
            await store.post(*second, "hello", token(nonce=f"{clock.now_s}"))
            await PASSIVE_CALLS[call](store, *first)
            stream.own_bytes += 500
            await later(store, clock, seconds)
        assert (stream.end, taken(stream)) == (None, ASKED)
        await later(store, clock, 1)
        assert stream.end is StreamEnd.FORGOTTEN


@pytest.mark.parametrize("still_after_s", [10 * MINUTE, 60 * MINUTE])
async def test_time_until_the_question_can_be_chosen(
    make_store: MakeStore, still_after_s: float
) -> None:
    store, clock = make_store()
    secret, _ = await arrive(store)
    await store.set_lifetime(secret, still_after_s, OwnLimit())
    async with opened(store, secret, None) as stream:
        await later(store, clock, still_after_s - 1)
        assert taken(stream) == []
        await later(store, clock, 1)
        assert taken(stream) == ASKED


async def test_pending_question_is_repeated_on_a_new_stream(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    secret, _ = await arrive(store)
    async with opened(store, secret, None) as stream:
        await later(store, clock, 30 * MINUTE)
        assert taken(stream) == ASKED
    await later(store, clock, 4 * MINUTE)
    async with opened(store, secret, None) as stream:
        await store.sweep()
        assert taken(stream) == ASKED
    await store.visit(secret, is_pressed=True)
    async with opened(store, secret, None) as stream:
        await store.sweep()
        assert taken(stream) == []


async def test_new_stream_gives_no_more_time_to_answer(make_store: MakeStore) -> None:
    store, clock = make_store()
    secret, _ = await arrive(store)
    async with opened(store, secret, None):
        await later(store, clock, 30 * MINUTE)
    clock.advance(4 * MINUTE)
    async with opened(store, secret, None) as stream:
        await later(store, clock, MINUTE)
        assert stream.end is None
        await later(store, clock, 1)
        assert stream.end is StreamEnd.FORGOTTEN


@pytest.mark.parametrize(("reloads", "lives"), [(True, False), (False, True)])
async def test_reloading_page_starts_the_time_to_answer(
    make_store: MakeStore, *, reloads: bool, lives: bool
) -> None:
    store, clock = make_store()
    secret = await store.open_session()
    for minute in range(36):
        await store.visit(secret, is_pressed=False)
        lifetime = await store.lifetime(secret, reloads=reloads)
        assert lifetime.due_notices == (
            {LifetimeNotice.STILL_THERE} if minute >= 30 else frozenset()
        )
        await later(store, clock, MINUTE)
    assert await store.is_known(secret) is lives
