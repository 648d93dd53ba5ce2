"""The store contract as tests: notices about other conversations and lost connections."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from server.core.ids import Secret
from server.core.limits import DISCONNECT_NOTICE_S, SESSION_SILENCE_S
from server.core.room.log import Kind
from server.store.contract.chat import Store
from server.store.contract.rooms import ChatLabel
from server.stream.subscription import Notice, OtherChatEvent, OtherChatNotice, RequestNotice

from .chat import MINUTE, MakeStore, arrive, entries, kinds, meet, opened, token
from .rematch import MINE, NO_ROOM, THEIRS, parted
from .rooms import ROOMS, Seat, come
from .session import later, taken
from .side_chats import ask, begin


async def unread_notice(store: Store, seat: Seat) -> list[Notice]:
    """Make the notice of a new message in a conversation of the session."""
    (label,) = [label for label in await store.list_chats(seat[0]) if label.chat_id == seat[1]]
    return [OtherChatNotice(OtherChatEvent.SAID, label.chat_id)]


async def seat_elsewhere(store: Store, seat: Seat, room: str = "two") -> Seat:
    """Let the same session also join a public room."""
    return seat[0], await store.join_room(seat[0], room)


async def post_new(store: Store, seat: Seat, words: str = "hello") -> None:
    """Post a text that was not posted before."""
    posts = (await store.view_chat(*seat)).post_count
    await store.post(*seat, f"{words} {posts}", token(posts, f"{posts}"))


async def test_unread_room_is_announced_once_until_read(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    here, other = await come(store), await come(store)
    woken: list[str] = []
    async with opened(
        store, *await seat_elsewhere(store, here), lambda: woken.append("woken")
    ) as stream:
        for _ in range(2):
            await post_new(store, other)
            assert (taken(stream), woken) == (await unread_notice(store, here), ["woken"])
            await post_new(store, other)
            assert (taken(stream), woken) == ([], ["woken"])
            await entries(store, here)
            assert taken(stream) == []
            woken.clear()


async def test_unread_pair_or_side_chat_is_announced(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await meet(store)
    sides = await begin(store, await seat_elsewhere(store, first, "one"), await come(store))
    await store.view_chat(*sides[0])
    async with opened(store, *await seat_elsewhere(store, first)) as stream:
        for mine, theirs in ((first, second), sides):
            await post_new(store, theirs)
            label = ChatLabel(mine[1], other=(await store.view_chat(*mine)).names[2])
            assert taken(stream) == [OtherChatNotice(OtherChatEvent.SAID, label.chat_id)]


async def test_each_conversation_is_announced_separately(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    one = await come(store, "one")
    two, three = await seat_elsewhere(store, one, "two"), await seat_elsewhere(store, one, "three")
    others = [await come(store, "one"), await come(store, "two")]
    async with opened(store, *three) as stream:
        for other in others * 2:
            await post_new(store, other)
        assert taken(stream) == [*await unread_notice(store, one), *await unread_notice(store, two)]
        await entries(store, two)
        for other in others:
            await post_new(store, other)
        assert taken(stream) == await unread_notice(store, two)


async def test_muted_messages_are_not_announced(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    here, loud, soft = [await come(store) for _ in range(3)]
    await store.toggle_mute(*here, 2)
    await post_new(store, loud)
    async with opened(store, *await seat_elsewhere(store, here)) as stream:
        await post_new(store, loud)
        assert taken(stream) == []
        await post_new(store, soft)
        assert taken(stream) == await unread_notice(store, here)


Action = Callable[[Store, Seat, Seat], Awaitable[object]]
NOT_ANNOUNCED: dict[str, Action] = {
    "own message": lambda store, here, _other: post_new(store, here),
    "join": lambda store, _here, _other: come(store),
    "leave": lambda store, _here, other: store.leave(*other),
    "delete": lambda store, _here, other: store.delete_message(*other, 3),
}


@pytest.mark.parametrize("action", NOT_ANNOUNCED)
async def test_own_messages_and_events_are_not_announced(
    make_store: MakeStore, action: str
) -> None:
    store, _ = make_store(rooms=ROOMS)
    here, other = await come(store), await come(store)
    await post_new(store, other)
    await entries(store, here)
    there = await seat_elsewhere(store, here)
    async with opened(store, *there) as stream:
        await NOT_ANNOUNCED[action](store, here, other)
        assert taken(stream) == []
    async with opened(store, *there) as stream:
        assert taken(stream) == []


async def test_request_is_announced_to_the_member_asked(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    here, asker, third = [await come(store) for _ in range(3)]
    async with opened(store, *await seat_elsewhere(store, here)) as stream:
        await ask(store, asker, third)
        assert taken(stream) == []
        await ask(store, asker, here)
        assert taken(stream) == await unread_notice(store, here)
        await post_new(store, third)
        await entries(store, here)
        assert [request.number for request in await store.list_requests(*here)] == [2]
        await ask(store, asker, third)
        assert taken(stream) == []


async def test_unseen_request_is_announced_when_a_stream_opens_elsewhere(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    here, asker = await come(store), await come(store)
    there = await seat_elsewhere(store, here)
    await ask(store, asker, here)
    assert await store.unread_elsewhere(there[0], there[1]) == await unread_notice(store, here)
    async with opened(store, *there) as stream:
        assert taken(stream) == await unread_notice(store, here)
    await store.list_requests(*here)
    async with opened(store, *there) as stream:
        assert taken(stream) == []


async def test_request_is_shown_again_on_a_new_stream_until_answered(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second, third = [await come(store) for _ in range(3)]
    await ask(store, first, second)
    for _ in range(2):
        async with opened(store, *second) as stream:
            assert taken(stream) == [RequestNotice(1)]
            await store.list_requests(*second)
    async with opened(store, *third) as stream:
        assert taken(stream) == []
    await ask(store, second, first)
    async with opened(store, *second) as stream:
        assert RequestNotice(1) not in taken(stream)


async def test_request_of_a_muted_member_sends_no_notice(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    await store.toggle_mute(*second, 1)
    woken: list[str] = []
    async with opened(store, *second, lambda: woken.append("woken")) as stream:
        await ask(store, first, second)
        assert (taken(stream), woken) == ([], [])


async def test_unread_chats_are_announced_when_a_stream_opens(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    here, other = await come(store), await come(store)
    there = await seat_elsewhere(store, here)
    await post_new(store, other)
    for _ in range(2):
        async with opened(store, *there) as stream:
            assert taken(stream) == await unread_notice(store, here)
    await entries(store, here)
    async with opened(store, *there) as stream:
        assert taken(stream) == []


async def test_stream_does_not_announce_its_own_conversation(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    here, other = await come(store), await come(store)
    there = await seat_elsewhere(store, here)
    async with opened(store, *here) as older:
        await post_new(store, other)
        await entries(store, here)
        async with opened(store, *there) as newer:
            await post_new(store, other)
            assert (taken(older), taken(newer)) == ([], await unread_notice(store, here))


async def test_left_conversation_is_not_announced(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    here, other = await come(store), await come(store)
    async with opened(store, *await seat_elsewhere(store, here)) as stream:
        await store.leave(*here)
        await post_new(store, other)
        assert taken(stream) == []


async def test_closed_stream_gets_no_notice(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    here, other = await come(store), await come(store)
    woken: list[str] = []
    async with opened(
        store, *await seat_elsewhere(store, here), lambda: woken.append("woken")
    ) as stream:
        pass
    await post_new(store, other)
    assert (taken(stream), woken) == ([], [])


# Matches and accepted side chats


async def match_notice(store: Store, secret: Secret) -> list[Notice]:
    """Make the notice that a session was matched."""
    chat_id = (await store.match_state(secret)).chat_id
    assert chat_id is not None
    label = ChatLabel(chat_id, other=(await store.view_chat(secret, chat_id)).names[2])
    return [OtherChatNotice(OtherChatEvent.FOUND, label.chat_id)]


async def test_match_is_announced_on_the_stream_of_a_room(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    secret, _ = await arrive(store)
    room = await store.join_room(secret, "one")
    async with opened(store, secret, room) as stream:
        assert (await store.match_state(secret)).is_waiting
        await arrive(store)
        assert taken(stream) == await match_notice(store, secret)


async def test_rematch_is_announced_on_the_stream_of_a_room(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    await parted(store)
    here = await come(store)
    assert await store.use_code(here[0], NO_ROOM, MINE) is None
    async with opened(store, *here) as stream:
        await store.use_code(await store.open_session(), NO_ROOM, THEIRS)
        assert taken(stream) == await match_notice(store, here[0])


async def test_stream_of_the_waiting_page_is_only_woken(make_store: MakeStore) -> None:
    store, _ = make_store()
    secret, _ = await arrive(store)
    woken: list[str] = []
    async with opened(store, secret, None, lambda: woken.append("woken")) as stream:
        await arrive(store)
        assert (taken(stream), woken) == ([], ["woken"])


async def test_accepted_request_is_announced_to_the_asker(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    async with opened(store, *first) as asker, opened(store, *second) as asked:
        mine, _ = await begin(store, first, second)
        label = ChatLabel(mine[1], other=(await store.view_chat(*mine)).names[2])
        assert taken(asker) == [OtherChatNotice(OtherChatEvent.BEGUN, label.chat_id)]
        assert taken(asked) == [RequestNotice(1)]


async def drop_stream(store: Store, seat: Seat) -> None:
    """Open a stream and close it, as a lost connection does."""
    async with opened(store, *seat):
        pass


async def test_lost_connection_is_announced_once(make_store: MakeStore) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    await drop_stream(store, first)
    for seconds, announced in (
        (DISCONNECT_NOTICE_S, []),
        (1, [Kind.DISCONNECTED]),
        (SESSION_SILENCE_S - DISCONNECT_NOTICE_S - 1, [Kind.DISCONNECTED]),
        (1, [Kind.DISCONNECTED, Kind.LEFT_PAIR]),
    ):
        await later(store, clock, seconds)
        await store.visit(second[0], is_pressed=False)
        assert await kinds(store, second) == [Kind.MET, *announced]
        assert {entry.sender for entry in await entries(store, second)} == {1}


async def test_lost_connection_is_announced_again_after_a_post(make_store: MakeStore) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    for _ in range(2):
        await drop_stream(store, first)
        await later(store, clock, DISCONNECT_NOTICE_S + 1)
        assert await kinds(store, second) == [Kind.MET, Kind.DISCONNECTED]
    await post_new(store, first)
    await drop_stream(store, first)
    await later(store, clock, DISCONNECT_NOTICE_S + 1)
    assert (await kinds(store, second))[2:] == [Kind.MESSAGE, Kind.DISCONNECTED]


async def test_plain_reader_is_not_reported_as_disconnected(make_store: MakeStore) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    await drop_stream(store, first)
    await store.set_plain_reading(*first)
    await later(store, clock, 10 * MINUTE)
    assert await kinds(store, first) == [Kind.MET]
    await drop_stream(store, first)
    await later(store, clock, 10 * MINUTE)
    assert await kinds(store, second) == [Kind.MET, Kind.DISCONNECTED]


async def test_active_session_is_not_reported_as_disconnected(make_store: MakeStore) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    await drop_stream(store, first)
    await later(store, clock, 40)
    await store.visit(first[0], is_pressed=False)
    await later(store, clock, DISCONNECT_NOTICE_S)
    assert await kinds(store, second) == [Kind.MET]


async def test_lost_connection_is_announced_in_pairs_only(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    first, second = await meet(store)
    await drop_stream(store, first)
    room = await seat_elsewhere(store, first)
    async with opened(store, *room):
        await later(store, clock, 10 * MINUTE)
        assert await kinds(store, second) == [Kind.MET]
    await later(store, clock, DISCONNECT_NOTICE_S + 1)
    assert await kinds(store, second) == [Kind.MET, Kind.DISCONNECTED]
    assert await kinds(store, room) == [Kind.JOINED]


async def test_lost_connection_is_not_announced_in_an_ended_pair(make_store: MakeStore) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    await drop_stream(store, first)
    await store.leave(*second)
    await later(store, clock, 10 * MINUTE)
    assert await kinds(store, first) == [Kind.MET, Kind.LEFT_PAIR]
