"""The store contract as tests: side chats of two members of a room."""

from __future__ import annotations

import pytest

from server.core.errors import (
    ChatClosedError,
    MemberUnknownError,
    NoSideChatsError,
    NotAMemberError,
    RateLimitedError,
    TooManySideChatsError,
)
from server.core.ids import ChatId
from server.core.limits import MAX_SIDE_CHAT_REQUESTS, MAX_SIDE_CHATS, POST_BURST, POST_EVERY_S
from server.core.room.log import Kind
from server.core.room.public import PublicRoom, RoomClass
from server.store.contract.chat import Store
from server.store.contract.private_rooms import HostAction

from .chat import NOBODY, Call, MakeStore, entries, kinds, meet, texts, token
from .private_rooms import open_room, seated
from .rooms import ROOMS, Seat, come, names_of

SUPPORT = [PublicRoom("hard", {"en": "Hard"}, {}, {}, RoomClass.SUPPORT)]


async def number(store: Store, seat: Seat) -> int:
    """Return a member's own number."""
    return (await store.view_chat(*seat)).my_number


async def ask(store: Store, one: Seat, other: Seat) -> ChatId | None:
    """Let one member ask another for a side chat, or accept."""
    return await store.request_side_chat(*one, await number(store, other))


async def begin(store: Store, one: Seat, other: Seat) -> tuple[Seat, Seat]:
    """Let one ask and the other accept; return both seats in the side chat."""
    assert await ask(store, one, other) is None
    other_id = await ask(store, other, one)
    one_id = await ask(store, one, other)
    assert one_id is not None
    assert other_id is not None
    return (one[0], one_id), (other[0], other_id)


async def askers(store: Store, seat: Seat) -> list[int]:
    """Return the numbers of the members who asked, in the order of asking."""
    return [request.number for request in await store.list_requests(*seat)]


async def test_request_is_read_only_by_the_member_asked(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second, third = [await come(store) for _ in range(3)]
    assert await ask(store, first, second) is None
    assert [await askers(store, seat) for seat in (first, second, third)] == [[], [1], []]
    flags = [
        [
            (person.has_asked_me, person.was_asked_by_me)
            for person in await store.list_members(*seat)
        ]
        for seat in (first, second, third)
    ]
    none = (False, False)
    assert flags == [
        [none, (False, True), none],
        [(True, False), none, none],
        [none, none, none],
    ]
    assert (await store.counts()).conversations == 1


async def test_repeated_request_is_one_request(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    for _ in range(2):
        assert await ask(store, first, second) is None
    assert await askers(store, second) == [1]


async def test_accepting_starts_a_side_chat_with_the_room_names(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    _, first, second = [await come(store) for _ in range(3)]
    room_names = await names_of(store, first)
    sides = await begin(store, first, second)
    for side, seat in zip(sides, (first, second), strict=True):
        view = await store.view_chat(*side)
        assert view.names == await names_of(store, side) == {1: room_names[2], 2: room_names[3]}
        assert (view.parent_chat_id, view.is_pair, view.is_open) == (seat[1], False, True)
        assert (view.public_name, view.title, view.last_seq) == ("", "", 1)
        assert await kinds(store, side) == [Kind.MET]
    assert [await number(store, side) for side in sides] == [1, 2]
    assert sides[0][1] != sides[1][1]
    assert (await store.view_chat(*first)).parent_chat_id is None
    assert [label.other for label in await store.list_chats(first[0])] == ["", room_names[3]]
    assert not [person for person in await store.list_members(*first) if person.was_asked_by_me]


async def test_side_chat_and_room_do_not_share_messages(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    sides = await begin(store, first, second)
    before = await entries(store, first)
    await store.post(*sides[0], "low", token())
    assert await entries(store, first) == before
    await store.post(*second, "loud", token())
    for side, seat in zip(sides, (first, second), strict=True):
        assert (await texts(store, side), await texts(store, seat)) == (["low"], ["loud"])


async def test_asking_again_returns_the_open_side_chat(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second, third = [await come(store) for _ in range(3)]
    mine, theirs = await begin(store, first, second)
    for _ in range(2 * POST_BURST):
        assert await ask(store, first, second) == mine[1]
        assert await ask(store, second, first) == theirs[1]
    assert await ask(store, first, third) is None
    assert (await store.counts()).conversations == 2
    assert await kinds(store, mine) == [Kind.MET]


async def test_two_members_can_have_a_side_chat_in_each_room(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    elsewhere = [(seat[0], await store.join_room(seat[0], "two")) for seat in (first, second)]
    sides = await begin(store, first, second), await begin(store, elsewhere[0], elsewhere[1])
    await store.leave(*elsewhere[1])
    assert [(await store.view_chat(*side[0])).is_open for side in sides] == [True, False]


ENDS: dict[str, Call] = {
    "leave": lambda store, secret, room: store.leave(secret, room),
    "forget": lambda store, secret, _room: store.forget_session(secret),
    "panic": lambda store, secret, _room: store.panic(secret),
}


@pytest.mark.parametrize("end", ENDS)
async def test_side_chat_ends_when_either_leaves_the_room(make_store: MakeStore, end: str) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    mine, theirs = await begin(store, first, second)
    await ENDS[end](store, *first)
    with pytest.raises(NotAMemberError):
        await store.view_chat(*mine)
    assert await kinds(store, theirs) == [Kind.MET, Kind.LEFT_ROOM]
    assert not (await store.view_chat(*theirs)).is_open
    with pytest.raises(ChatClosedError):
        await store.post(*theirs, "still there?", token())
    assert (await store.view_chat(*second)).is_open
    await store.leave(*second)
    with pytest.raises(NotAMemberError):
        await store.view_chat(*theirs)
    assert (await store.counts()).conversations == 0


async def test_leaving_a_side_chat_does_not_leave_the_room(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    mine, theirs = await begin(store, first, second)
    await store.leave(*mine)
    assert await kinds(store, theirs) == [Kind.MET, Kind.LEFT_ROOM]
    assert not (await store.view_chat(*theirs)).is_open
    assert Kind.LEFT_ROOM not in await kinds(store, second)
    await store.post(*first, "here", token())
    assert await texts(store, second) == ["here"]


async def test_two_members_can_start_another_side_chat(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    mine, theirs = await begin(store, first, second)
    await store.leave(*mine)
    _, another = await begin(store, first, second)
    assert await kinds(store, another) == [Kind.MET]
    # The seat in the ended side chat is released for it.
    with pytest.raises(NotAMemberError):
        await store.view_chat(*theirs)
    assert (await store.counts()).conversations == 2


async def test_request_of_a_muted_member_is_silently_ignored(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second, third = [await come(store) for _ in range(3)]
    await store.toggle_mute(*second, 1)
    assert await ask(store, first, second) is None
    assert await ask(store, first, third) is None
    assert [await askers(store, seat) for seat in (second, third)] == [[], [1]]
    asked = [person.was_asked_by_me for person in await store.list_members(*first)]
    assert asked == [False, True, True]
    # As with messages, a request made while muted is read after unmuting.
    await store.toggle_mute(*second, 1)
    assert await askers(store, second) == [1]


async def test_support_rooms_pairs_and_side_chats_allow_no_side_chat(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=[*SUPPORT, *ROOMS])
    pairs = await meet(store)
    supported = await come(store, "hard"), await come(store, "hard")
    sides = await begin(store, await come(store), await come(store))
    for one, other in (supported, pairs, sides):
        before = await entries(store, other)
        with pytest.raises(NoSideChatsError):
            await ask(store, one, other)
        assert await entries(store, other) == before


async def test_side_chat_needs_another_present_member(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    assert await ask(store, second, first) is None
    await store.leave(*second)
    for number_of_nobody in (0, 1, 2, 3):
        with pytest.raises(MemberUnknownError):
            await store.request_side_chat(*first, number_of_nobody)


async def test_third_member_cannot_reach_a_side_chat(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second, third = [await come(store) for _ in range(3)]
    for side in await begin(store, first, second):
        stranger = (third[0], side[1])
        for call in (
            store.view_chat(*stranger),
            store.read(*stranger, after=0, limit=10),
            store.post(*stranger, "hello", token()),
            store.list_members(*stranger),
            store.check_stream(*stranger),
            store.leave(*stranger),
            store.request_side_chat(*stranger, 1),
        ):
            with pytest.raises(NotAMemberError):
                await call
        assert await kinds(store, side) == [Kind.MET]


async def test_side_chats_of_a_session_are_bounded(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    first = await come(store)
    for _ in range(MAX_SIDE_CHATS):
        last = (await begin(store, await come(store), first))[0]
    await store.join_room(first[0], "two")
    another = await come(store)
    with pytest.raises(TooManySideChatsError):
        await ask(store, first, another)
    assert await ask(store, another, first) is None
    with pytest.raises(TooManySideChatsError):
        await ask(store, first, another)
    await store.leave(*last)
    clock.advance(POST_EVERY_S)
    assert await ask(store, first, another) is not None


async def test_oldest_of_too_many_requests_is_dropped(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    first = await come(store)
    others = [await come(store) for _ in range(MAX_SIDE_CHAT_REQUESTS + 1)]
    for other in others:
        clock.advance(POST_EVERY_S)
        assert await ask(store, first, other) is None
    asked = [person.number for person in await store.list_members(*first) if person.was_asked_by_me]
    assert asked == [await number(store, other) for other in others[1:]]
    assert await ask(store, others[0], first) is None
    assert await ask(store, others[1], first) is not None


async def test_asking_too_fast_is_refused(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    first = await come(store)
    others = [await come(store) for _ in range(POST_BURST + 1)]
    for other in others[:-1]:
        assert await ask(store, first, other) is None
    with pytest.raises(RateLimitedError) as caught:
        await ask(store, first, others[-1])
    assert await askers(store, others[-1]) == []
    clock.advance(caught.value.retry_after_s)
    assert await ask(store, first, others[-1]) is None


async def test_private_rooms_allow_side_chats(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener, guest = await open_room(store), await seated(store)
    mine, theirs = await begin(store, opener, guest)
    assert await store.private_room(*mine) is None
    await store.host_action(*opener, HostAction.REMOVE, await number(store, guest))
    assert not (await store.view_chat(*mine)).is_open
    with pytest.raises(NotAMemberError):
        await store.view_chat(*theirs)
    await store.leave(*opener)
    assert await store.counts() == type(NOBODY)(2, 0, 0, 0)
