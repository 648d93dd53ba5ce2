"""The store contract as tests: public rooms, members, muting and deleting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import pytest

from server.core.errors import (
    MemberUnknownError,
    MessageUnknownError,
    NotAMemberError,
    RateLimitedError,
    RoomFullError,
    RoomUnknownError,
    SessionUnknownError,
    TooManyRoomsError,
)
from server.core.ids import ChatId, Secret
from server.core.limits import HEAD_COUNT_MAX_S, JOIN_BURST, MAX_OWN_MESSAGES
from server.core.room.log import Kind
from server.core.room.public import PublicRoom
from server.store.contract.chat import Store

from .chat import (
    MINUTE,
    NOBODY,
    MakeStore,
    arrive,
    drawn,
    entries,
    kinds,
    meet,
    opened,
    texts,
    token,
)

Seat = tuple[Secret, ChatId]


def public(name: str, *, slow_s: int = 0, capacity: int = 500) -> PublicRoom:
    return PublicRoom(name, {"en": name}, {}, {}, slow_s=slow_s, capacity=capacity)


ROOMS = [public("one"), public("two"), public("three"), public("four"), public("five")]
SLOW, SMALL = [public("slow", slow_s=10)], [public("small", capacity=2)]


async def come(store: Store, name: str = "one") -> Seat:
    """Create a session that joins a room."""
    secret = await store.open_session()
    return secret, await store.join_room(secret, name)


async def names_of(store: Store, seat: Seat) -> dict[int, str]:
    return {person.number: person.name for person in await store.list_members(*seat)}


async def shown(store: Store) -> Sequence[int]:
    return [room.blurred_head_count for room in await store.list_rooms(None)]


async def test_rooms_are_listed_in_order_even_when_empty(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    assert [room.name for room in await store.list_rooms(None)] == [room.name for room in ROOMS]
    await come(store, "two")
    assert [room.blurred_head_count > 0 for room in await store.list_rooms(Secret.new())] == [
        room.name == "two" for room in ROOMS
    ]


async def test_head_count_does_not_reveal_a_single_join(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=[public("one")])
    await come(store)
    shown_count = await shown(store)
    for _ in range(30):
        await come(store)
        assert await shown(store) == shown_count
    clock.advance(HEAD_COUNT_MAX_S)
    assert await shown(store) != shown_count


async def test_members_read_the_messages_of_their_room(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second, third = [await come(store) for _ in range(3)]
    elsewhere = await come(store, "two")
    await store.post(*first, "hello", token())
    for seat in (first, second, third):
        assert await texts(store, seat) == ["hello"]
    assert await texts(store, elsewhere) == []
    assert not (await store.view_chat(*first)).is_pair
    assert (await store.view_chat(*first)).public_name == "one"


async def test_newcomer_reads_nothing_from_before_joining(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first = await come(store)
    await store.post(*first, "before", token())
    second = await come(store)
    assert await kinds(store, second) == [Kind.JOINED]
    assert (await store.read(*second, after=0, limit=9)).missed_count == 0


async def test_joining_and_leaving_are_one_entry_each(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    await store.leave(*second)
    assert await kinds(store, first) == [Kind.JOINED, Kind.JOINED, Kind.LEFT_ROOM]
    assert (await store.view_chat(*first)).is_open
    await store.post(*first, "still here", token())


async def test_joining_twice_gives_the_same_seat(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    secret, chat_id = await come(store)
    for _ in range(2 * JOIN_BURST):
        assert await store.join_room(secret, "one") == chat_id
    assert await kinds(store, (secret, chat_id)) == [Kind.JOINED]


async def test_names_come_with_entries_and_with_the_member_list(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    third = await come(store)
    page = await store.read(*first, after=1, limit=1)
    all_names = await names_of(store, first)
    assert page.names == {2: all_names[2]}
    assert set(all_names) == {1, 2, 3}
    assert all_names == await names_of(store, second)
    assert (await store.view_chat(*third)).names == {3: all_names[3]}
    await store.leave(*second)
    assert set(await names_of(store, first)) == {1, 3}
    # The messages of a member who left stay readable, with the name.
    assert (await store.read(*first, after=0, limit=9)).names == all_names


async def test_empty_room_stores_nothing_and_stays_listed(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    first = await come(store)
    await store.post(*first, "words", token())
    assert (await store.counts()).conversations == 1
    await store.leave(*first)
    assert (await store.counts()).conversations == 0
    assert await shown(store) == [0] * len(ROOMS)
    again = await come(store)
    assert await kinds(store, again) == [Kind.JOINED]
    assert (await entries(store, again))[0].seq == 1


async def test_forgotten_session_leaves_its_room(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    clock.advance(15 * MINUTE)
    await store.visit(first[0], is_pressed=False)
    clock.advance(10 * MINUTE)
    await store.sweep()
    assert (await kinds(store, first))[-1] is Kind.LEFT_ROOM
    clock.advance(21 * MINUTE)
    await store.sweep()
    assert await store.counts() == NOBODY
    with pytest.raises(NotAMemberError):
        await store.list_members(*second)


async def test_full_room_admits_nobody_until_a_member_leaves(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=SMALL)
    first, _second = await come(store, "small"), await come(store, "small")
    late = await store.open_session()
    with pytest.raises(RoomFullError):
        await store.join_room(late, "small")
    assert await kinds(store, first) == [Kind.JOINED, Kind.JOINED]
    await store.leave(*first)
    await store.join_room(late, "small")


async def test_session_may_be_in_four_rooms_and_a_pair(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    (secret, pair), _ = await meet(store)
    seats = [await store.join_room(secret, room.name) for room in ROOMS[:4]]
    with pytest.raises(TooManyRoomsError):
        await store.join_room(secret, "five")
    assert await store.join_room(secret, "four") == seats[3]
    assert (await store.view_chat(secret, pair)).is_open
    await store.leave(secret, seats[0])
    await store.join_room(secret, "five")


async def test_new_request_does_not_leave_rooms(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, _second = await meet(store)
    room = await store.join_room(first[0], "one")
    await store.request_match(first[0], None)
    assert (await drawn(store, first[0])).is_waiting
    assert (await store.view_chat(first[0], room)).is_open
    with pytest.raises(NotAMemberError):
        await store.view_chat(*first)
    await arrive(store)
    assert (await store.match_state(first[0])).chat_id not in {None, room, first[1]}
    assert (await store.view_chat(first[0], room)).is_open


async def test_room_is_not_reported_as_a_match(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    secret, _chat_id = await come(store)
    assert (await store.match_state(secret)).chat_id is None


async def test_joining_too_fast_is_refused(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    secret = await store.open_session()
    for _ in range(JOIN_BURST):
        await store.leave(secret, await store.join_room(secret, "one"))
    with pytest.raises(RateLimitedError) as caught:
        await store.join_room(secret, "one")
    assert await store.counts() == type(NOBODY)(1, 0, 0, 0)
    clock.advance(caught.value.retry_after_s)
    await store.join_room(secret, "one")


async def test_slow_room_limits_each_member_separately(
    make_store: MakeStore,
) -> None:
    store, clock = make_store(rooms=SLOW)
    first, second = await come(store, "slow"), await come(store, "slow")
    await store.post(*first, "one", token(nonce="a"))
    await store.post(*second, "two", token(nonce="a"))
    with pytest.raises(RateLimitedError) as caught:
        await store.post(*first, "three", token(nonce="b"))
    assert caught.value.retry_after_s == 10
    clock.advance(10)
    await store.post(*first, "three", token(nonce="b"))
    assert await texts(store, second) == ["one", "two", "three"]


async def test_post_refused_by_a_slow_room_costs_no_tokens(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=[*SLOW, *ROOMS])
    secret, slow = await come(store, "slow")
    quick = await store.join_room(secret, "one")
    await store.post(secret, slow, "x", token(nonce="a"))
    for number in range(9):
        with pytest.raises(RateLimitedError):
            await store.post(secret, slow, "x", token(nonce=f"{number}"))
    for number in range(4):
        await store.post(secret, quick, "x", token(nonce=f"{number}"))


Call = Callable[[Store, Secret, ChatId], Awaitable[object]]
CALLS: dict[str, Call] = {
    "list_members": lambda store, secret, chat: store.list_members(secret, chat),
    "mute": lambda store, secret, chat: store.toggle_mute(secret, chat, 2),
    "own_messages": lambda store, secret, chat: store.own_messages(secret, chat),
    "delete": lambda store, secret, chat: store.delete_message(secret, chat, 3),
    "leave": lambda store, secret, chat: store.leave(secret, chat),
}


@pytest.mark.parametrize("call", CALLS)
async def test_room_chat_id_of_another_session_is_refused(make_store: MakeStore, call: str) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    await store.post(*first, "words", token())
    for secret, chat_id in ((first[0], second[1]), (second[0], first[1]), (Secret.new(), first[1])):
        with pytest.raises(NotAMemberError):
            await CALLS[call](store, secret, chat_id)
    assert await texts(store, first) == ["words"]
    assert len(await store.list_members(*first)) == 2


async def test_joining_needs_a_listed_room_and_a_session(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    secret = await store.open_session()
    with pytest.raises(RoomUnknownError):
        await store.join_room(secret, "")
    with pytest.raises(SessionUnknownError):
        await store.join_room(Secret.new(), "one")
    assert await store.counts() == type(NOBODY)(1, 0, 0, 0)


async def test_room_stream_is_woken_by_joins_posts_and_leaves(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    first = await come(store)
    woken: list[str] = []
    async with opened(store, *first, lambda: woken.append("woken")):
        second = await come(store)
        await store.post(*second, "hello", token())
        await store.leave(*second)
        assert len(woken) == 3
        async with opened(store, second[0], None):
            assert (await store.counts()).streams == 2


# Muting and deleting


async def test_muting_hides_messages_from_one_reader_only(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second, third = [await come(store) for _ in range(3)]
    await store.toggle_mute(*first, 2)
    await store.post(*second, "loud", token(nonce="a"))
    await store.post(*third, "soft", token(nonce="a"))
    await store.delete_message(*second, 4)
    await store.leave(*second)
    assert await texts(store, first) == ["soft"]
    assert [entry.seq for entry in await entries(store, first)] == [1, 2, 3, 5, 6, 7]
    assert await kinds(store, third) == [
        Kind.JOINED,
        Kind.ERASED,
        Kind.MESSAGE,
        Kind.DELETED,
        Kind.LEFT_ROOM,
    ]
    # The cursor moves past hidden entries.
    assert (await store.read(*first, after=3, limit=1)).cursor == 4


async def test_unmuting_shows_the_messages_again(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    await store.toggle_mute(*first, 2)
    await store.post(*second, "hello", token())
    assert await texts(store, first) == []
    await store.toggle_mute(*first, 2)
    assert await texts(store, first) == ["hello"]


async def test_member_list_shows_own_mutes_only(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    before = await store.list_members(*second)
    await store.toggle_mute(*first, 2)
    assert [(p.number, p.is_here, p.is_muted) for p in await store.list_members(*first)] == [
        (1, True, False),
        (2, True, True),
    ]
    assert await store.list_members(*second) == before
    await store.leave(*second)
    assert [(p.number, p.is_here, p.is_muted) for p in await store.list_members(*first)] == [
        (1, True, False),
        (2, False, True),
    ]


async def test_muting_works_in_a_pair_but_not_on_oneself(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    await store.toggle_mute(*first, 2)
    await store.post(*second, "hello", token())
    assert await texts(store, first) == []
    for nobody in (0, 1, 3):
        with pytest.raises(MemberUnknownError):
            await store.toggle_mute(*first, nobody)


async def test_deleted_message_is_erased(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    await store.post(*first, "words", token())
    (own,) = await store.own_messages(*first)
    assert (own.seq, own.text) == (3, "words")
    with pytest.raises(MessageUnknownError):
        await store.delete_message(*second, 3)
    await store.delete_message(*first, 3)
    assert await texts(store, second) == []
    assert (await entries(store, second))[-1].about == 3
    assert await store.own_messages(*first) == []
    with pytest.raises(MessageUnknownError):
        await store.delete_message(*first, 3)


async def test_message_can_be_deleted_after_the_partner_left(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    await store.post(*first, "words", token())
    await store.leave(*second)
    await store.delete_message(*first, 2)
    assert await texts(store, first) == []


async def test_own_messages_are_the_newest_up_to_a_limit(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    await store.post(*second, "theirs", token())
    for number in range(MAX_OWN_MESSAGES + 5):
        clock.advance(2)
        await store.post(*first, f"{number}", token(serial=number, nonce=f"{number}"))
    listed = [own.text for own in await store.own_messages(*first)]
    assert listed == [f"{number}" for number in range(MAX_OWN_MESSAGES + 4, 4, -1)]
