"""The store contract as tests: what happens when two features interact."""

from __future__ import annotations

from server.core.limits import IDLE_ANSWER_S, IDLE_QUESTION_S, MAX_SIDE_CHATS, WAITER_PRESENT_S
from server.core.session.lifetime import LifetimeNotice, OwnLimit
from server.store.contract.private_rooms import HostAction
from server.stream.subscription import OtherChatEvent, OtherChatNotice

from .chat import LISTEN, MINUTE, TALK, MakeStore, arrive, draw, entries, meet, opened
from .private_rooms import KEY, open_room
from .rematch import MINE, THEIRS, come_with, parted, valid, waits
from .rooms import ROOMS, come
from .session import later, taken
from .side_chats import begin
from .unread import post_new, seat_elsewhere, unread_notice


async def test_joining_a_room_does_not_repeat_a_notice(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    here, other = await come(store), await come(store)
    async with opened(store, *await seat_elsewhere(store, here)) as stream:
        await post_new(store, other)
        assert taken(stream) == await unread_notice(store, here)
        await store.join_room(here[0], "three")
        await store.join_room(here[0], "one")
        await store.read(*here, 0, 1)
        await post_new(store, other)
        assert taken(stream) == []


async def test_rematch_happens_when_the_absent_one_opens_any_stream(
    make_store: MakeStore,
) -> None:
    store, clock = make_store(rooms=ROOMS)
    await parted(store)
    first, _ = await come_with(store, MINE)
    room = first, await store.join_room(first, "one")
    clock.advance(WAITER_PRESENT_S + 1)
    second, _ = await come_with(store, THEIRS)
    await store.draw_matches()
    assert await waits(store, second)
    async with opened(store, *room):
        await store.draw_matches()
        assert (await store.match_state(second)).chat_id is not None


async def test_opener_elsewhere_is_notified_of_a_knock(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    opener = await open_room(store)
    await store.host_action(*opener, HostAction.REQUIRE_KNOCK)
    async with opened(store, *await seat_elsewhere(store, opener)) as stream:
        await store.use_invitation(await store.open_session(), KEY)
        assert taken(stream) == await unread_notice(store, opener)


async def test_waiter_is_woken_when_another_session_shows_its_code(make_store: MakeStore) -> None:
    store, _ = make_store()
    await parted(store)
    first, _ = await come_with(store, MINE)
    woken: list[str] = []
    async with opened(store, first, None, lambda: woken.append("woken")):
        await come_with(store, MINE)
        assert woken == ["woken"]
    assert not await waits(store, first)


async def test_ended_side_chats_do_not_count_towards_the_limit(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    me = await come(store)
    for _ in range(MAX_SIDE_CHATS):
        other = await come(store)
        await begin(store, me, other)
        await store.leave(*other)
        clock.advance(2)
    newcomer = await come(store)
    assert await store.request_side_chat(*me, (await store.view_chat(*newcomer)).my_number) is None


async def test_touch_counts_as_activity(make_store: MakeStore) -> None:
    store, clock = make_store()
    secret = await store.open_session()
    for _ in range(3):
        clock.advance(15 * MINUTE)
        await store.visit(secret, is_pressed=True)
        await store.sweep()
    assert await store.is_known(secret)


async def test_longer_idle_time_cancels_the_pending_question(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    first, _ = await meet(store)
    async with opened(store, *first) as stream:
        await later(store, clock, IDLE_QUESTION_S)
        assert taken(stream) == [LifetimeNotice.STILL_THERE]
        await store.set_lifetime(first[0], 2 * IDLE_QUESTION_S, OwnLimit())
        await later(store, clock, IDLE_ANSWER_S + 1)
        assert await store.is_known(first[0])


async def test_question_on_a_reloading_page_reaches_the_stream_too(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    first, _ = await meet(store)
    async with opened(store, *first) as stream:
        clock.advance(IDLE_QUESTION_S)
        await store.lifetime(first[0], reloads=True)
        assert taken(stream) == [LifetimeNotice.STILL_THERE]


async def test_new_chats_are_announced_when_a_stream_opens(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    me, other = await come(store), await come(store)
    side, _ = await begin(store, me, other)
    async with opened(store, *me) as stream:
        notices = taken(stream)
        assert [notice.what for notice in notices if isinstance(notice, OtherChatNotice)] == [
            OtherChatEvent.BEGUN
        ]
    assert await store.unread_elsewhere(me[0], me[1]) == notices
    await store.view_chat(*side)
    assert await store.unread_elsewhere(me[0], me[1]) == []
    await arrive(store, TALK)
    await store.request_match(me[0], LISTEN)
    await draw(store)
    (notice,) = await store.unread_elsewhere(me[0], me[1])
    assert notice.what is OtherChatEvent.FOUND


async def test_page_shows_unread_chats_until_they_are_read(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    here, other = await come(store), await come(store)
    elsewhere = await seat_elsewhere(store, here)
    assert await store.unread_elsewhere(*elsewhere) == []
    await post_new(store, other)
    for _ in range(2):
        assert await store.unread_elsewhere(*elsewhere) == await unread_notice(store, here)
    await entries(store, here)
    assert await store.unread_elsewhere(*elsewhere) == []


async def test_panic_while_waiting_with_a_code_revokes_both_codes(make_store: MakeStore) -> None:
    store, _ = make_store()
    await parted(store)
    secret, _ = await come_with(store, MINE)
    await store.panic(secret)
    assert await valid(store, MINE, THEIRS) == []
