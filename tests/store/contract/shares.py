"""The store contract as tests: fair shares, by circuit, and by session where none is known."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from server.core.errors import (
    InvitationUnknownError,
    RateLimitedError,
    ServerFullError,
    VisitorError,
)
from server.core.ids import ChatId, CircuitKey, Secret
from server.core.invite_code import CodeKey
from server.core.limits import (
    ALL_GUESS_BURST,
    CIRCUIT_REMATCH_CODE_BURST,
    CIRCUIT_ROOMS,
    CIRCUIT_SESSION_BURST,
    CIRCUIT_SESSION_EVERY_S,
    CIRCUIT_SESSIONS,
    GUESS_BURST,
    GUESS_EVERY_S,
    Capacity,
)
from server.store.contract.chat import Store
from server.stream.subscription import StreamEnd
from tests.fakes import FakeClock

from .chat import (
    HOUR,
    LISTEN,
    MINUTE,
    TALK,
    MakeStore,
    arrive,
    drawn,
    meet,
    opened,
    pair_up,
    texts,
    token,
)
from .private_rooms import KEY, OTHER_KEY, invitation, invite_keys, open_room, seated
from .rematch import MINE, NEWER, NO_CODE, NO_ROOM, THEIRS, both_ask, valid
from .rooms import ROOMS, come

FULL_S = CIRCUIT_SESSION_BURST * CIRCUIT_SESSION_EVERY_S
ATTACK_SESSIONS = 2_000


def circuit(name: object) -> CircuitKey:
    return CircuitKey(str(name).encode())


async def session(store: Store, name: object = None) -> Secret:
    """Open a session on the circuit of that name; on an unknown one if it has none."""
    return await store.open_session(None if name is None else circuit(name))


async def sessions(store: Store, clock: FakeClock, name: object, count: int) -> list[Secret]:
    """Open sessions on one circuit, as fast as it may."""
    made = []
    for _ in range(count):
        clock.advance(CIRCUIT_SESSION_EVERY_S)
        made.append(await session(store, name))
    return made


async def known(store: Store, *secrets: Secret) -> list[bool]:
    return [await store.is_known(secret) for secret in secrets]


# New sessions


async def test_three_sessions_of_one_circuit_and_thirty_of_thirty_begin_at_once(
    make_store: MakeStore,
) -> None:
    store, _ = make_store()
    for _ in range(3):
        await session(store, "one")
    for number in range(30):
        await session(store, number)
    for _ in range(30):
        await session(store)


async def test_rate_of_new_sessions_is_limited_by_circuit(make_store: MakeStore) -> None:
    store, clock = make_store()
    for _ in range(CIRCUIT_SESSION_BURST):
        # Forgetting a session does not make room for the next one.
        await store.forget_session(await session(store, "one"))
    with pytest.raises(RateLimitedError):
        await session(store, "one")
    await session(store, "two")
    clock.advance(CIRCUIT_SESSION_EVERY_S)
    await session(store, "one")


async def test_flood_of_sessions_on_one_circuit_stays_small(make_store: MakeStore) -> None:
    store, clock = make_store(Capacity(sessions=CIRCUIT_SESSIONS + 1))
    for _ in range(ATTACK_SESSIONS):
        clock.advance(57 / 20_000)
        try:
            await store.request_match(await session(store, "flood"), TALK)
        except VisitorError:
            continue
    assert (await store.counts()).sessions <= CIRCUIT_SESSIONS
    newcomer = await session(store, "honest")
    await store.request_match(newcomer, LISTEN)
    assert (await drawn(store, newcomer)).is_waiting
    await store.request_match(await session(store, "friend"), TALK)
    assert (await drawn(store, newcomer)).chat_id is not None


async def test_circuit_at_its_quota_gives_way_to_itself(make_store: MakeStore) -> None:
    store, clock = make_store()
    made = await sessions(store, clock, "one", CIRCUIT_SESSIONS + 1)
    assert await known(store, *made) == [False] + [True] * CIRCUIT_SESSIONS


# Living sessions


async def test_circuit_with_most_sessions_gives_way_to_a_newcomer(make_store: MakeStore) -> None:
    store, clock = make_store(Capacity(sessions=6))
    honest = [await session(store, name) for name in "ab"]
    flood = await sessions(store, clock, "flood", 4)
    newcomers = [await session(store, name) for name in "cd"]
    assert all(await known(store, *honest, *newcomers))
    assert await known(store, *flood) == [False, False, True, True]
    with pytest.raises(ServerFullError):
        await session(store, "flood")


async def test_unused_session_gives_way_before_one_that_wrote_or_is_seated(
    make_store: MakeStore,
) -> None:
    store, clock = make_store(Capacity(sessions=4))
    one, two, three, four = await sessions(store, clock, "flood", 4)
    (_, chat_id), _ = await pair_up(store, one, two)
    await pair_up(store, one, three)
    await store.post(one, (await chats_of(store, one))[0], "words", token())
    await store.leave(three, (await chats_of(store, three))[0])
    assert chat_id not in await chats_of(store, one)
    await session(store, "new")
    # `one` has written; the others have not and are with nobody. `four` was idle longest.
    assert await known(store, one, two, three, four) == [True, True, True, False]


async def chats_of(store: Store, secret: Secret) -> list[ChatId]:
    return [chat.chat_id for chat in await store.list_chats(secret)]


async def test_sessions_that_sit_with_each_other_give_way_if_their_circuit_has_most(
    make_store: MakeStore,
) -> None:
    store, clock = make_store(Capacity(sessions=5))
    flood = await sessions(store, clock, "flood", 4)
    seats = [*(await pair_up(store, *flood[:2])), *(await pair_up(store, *flood[2:]))]
    honest = await session(store, "honest")
    await session(store, "new")
    assert await known(store, honest, *flood) == [True, False, True, True, True]
    assert not (await store.view_chat(*seats[1])).is_open


async def test_seat_of_a_lone_circuit_never_gives_way(make_store: MakeStore) -> None:
    store, _ = make_store(Capacity(sessions=2))
    await pair_up(store, await session(store, "a"), await session(store, "b"))
    with pytest.raises(ServerFullError):
        await session(store, "new")


async def test_session_counts_for_the_circuit_of_its_last_request(make_store: MakeStore) -> None:
    store, clock = make_store(Capacity(sessions=4))
    flood = await sessions(store, clock, "flood", 2)
    moved = await sessions(store, clock, "other", 2)
    for secret in moved:
        await store.visit(secret, is_pressed=False, circuit=circuit("third"))
    await store.visit(flood[0], is_pressed=False, circuit=circuit("third"))
    await session(store, "new")
    assert await known(store, *flood, *moved) == [True, True, False, True]


async def test_without_circuits_the_longest_idle_unseated_session_gives_way(
    make_store: MakeStore,
) -> None:
    store, clock = make_store(Capacity(sessions=5))
    first, second = await meet(store)
    unused = [await session(store) for _ in range(3)]
    clock.advance(1)
    await store.visit(unused[0], is_pressed=False)
    await session(store)
    assert await known(store, first[0], second[0], *unused) == [True, True, True, False, True]
    for _ in range(ATTACK_SESSIONS):
        await session(store)
    assert await known(store, first[0], second[0], *unused) == [True, True, False, False, False]
    assert (await store.counts()).sessions == 5


async def test_silent_streams_do_not_stand_in_the_way_of_newcomers(make_store: MakeStore) -> None:
    store, _ = make_store(Capacity(sessions=4))
    async with AsyncExitStack() as stack:
        for _ in range(4):
            await stack.enter_async_context(opened(store, await session(store), None))
        await meet(store)


async def test_session_that_gives_way_is_forgotten_and_its_stream_ends(
    make_store: MakeStore,
) -> None:
    store, clock = make_store(Capacity(sessions=4))
    flood = await sessions(store, clock, "flood", 3)
    await sessions(store, clock, "other", 1)
    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(opened(store, secret, None)) for secret in flood]
        await session(store, "new")
        assert [stream.end for stream in streams] == [StreamEnd.FORGOTTEN, None, None]
    assert await known(store, *flood) == [False, True, True]


# Streams


async def test_member_whose_line_breaks_always_gets_the_stream_back(
    make_store: MakeStore,
) -> None:
    store, clock = make_store(Capacity(streams=6))
    first, second = await pair_up(store, await session(store, "a"), await session(store, "b"))
    flood = [await session(store, number) for number in range(20)]
    held = []
    async with AsyncExitStack() as stack, opened(store, *second):
        async with opened(store, *first):
            pass
        # The place is reserved while the line is broken, whoever wants it and however many.
        for secret in flood:
            try:
                await store.check_stream(secret, None)
                held.append(await stack.enter_async_context(opened(store, secret, None)))
            except ServerFullError:
                continue
            clock.advance(1)
        # Those that gave way to a later one were told to end.
        assert len([stream for stream in held if stream.end is None]) == 4
        await store.check_stream(*first)
        async with opened(store, *first) as stream:
            await store.post(*second, "still here", token())
            assert stream.end is None
    assert await texts(store, first) == ["still here"]


async def test_silent_streams_of_one_circuit_give_way_to_a_seat(make_store: MakeStore) -> None:
    store, clock = make_store(Capacity(streams=4))
    flood = await sessions(store, clock, "flood", 4)
    async with AsyncExitStack() as stack:
        for secret in flood:
            await stack.enter_async_context(opened(store, secret, None))
        seats = await pair_up(store, await session(store, "a"), await session(store, "b"))
        for seat in seats:
            await store.check_stream(*seat)
            await stack.enter_async_context(opened(store, *seat))
    assert await known(store, *flood) == [False, False, True, True]


async def test_seat_has_no_place_when_all_belong_to_lone_circuits(make_store: MakeStore) -> None:
    store, clock = make_store(Capacity(streams=2), ROOMS)
    first, _ = await pair_up(store, await session(store, "a"), await session(store, "b"))
    newcomer = await session(store, "new")
    for asks in (
        store.request_match(newcomer, TALK),
        store.join_room(newcomer, "one"),
        store.open_room(newcomer, "A title", invitation()),
        store.check_stream(newcomer, None),
    ):
        with pytest.raises(ServerFullError):
            await asks
    await store.leave(*first)
    clock.advance(HOUR / 60)
    assert (await store.request_match(newcomer, TALK)).is_waiting


async def test_place_of_a_stream_is_freed_when_nothing_needs_it(make_store: MakeStore) -> None:
    store, _ = make_store(Capacity(streams=1))
    first, _ = await arrive(store, TALK)
    async with opened(store, first, None):
        await store.cancel_match(first)
    await store.sweep()
    second, _ = await arrive(store, TALK)
    assert await known(store, first, second) == [True, True]


# Private rooms


async def test_unused_private_rooms_give_way_to_a_newcomer(make_store: MakeStore) -> None:
    store, clock = make_store(Capacity(rooms=3))
    opener = await open_room(store)
    guest = await seated(store)
    flood = await sessions(store, clock, "flood", 2)
    rooms = [
        await store.open_room(secret, "A title", invitation(invite_keys(bytes([number]))))
        for number, secret in enumerate(flood)
    ]
    newcomer = await session(store, "new")
    await store.open_room(newcomer, "A title", invitation(OTHER_KEY))
    assert await chats_of(store, flood[0]) == []
    assert await chats_of(store, flood[1]) == [rooms[1]]
    assert [len(await chats_of(store, secret)) for secret in (opener[0], guest[0])] == [1, 1]
    with pytest.raises(InvitationUnknownError):
        await store.use_invitation(newcomer, invite_keys(b"\0"))


async def test_private_room_of_an_active_opener_gives_way_after_idle_ones(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(Capacity(rooms=2))
    one, two = [await session(store, name) for name in ("one", "two")]
    for secret, key in ((one, KEY), (two, OTHER_KEY)):
        await store.open_room(secret, "A title", invitation(key))
    await store.visit(one, is_pressed=False, circuit=circuit("one"))
    await open_room(store, invitation(invite_keys(b"z")))
    assert [len(await chats_of(store, secret)) for secret in (one, two)] == [1, 0]


async def test_used_private_room_gives_way_only_if_its_circuit_has_most(
    make_store: MakeStore,
) -> None:
    store, clock = make_store(Capacity(rooms=2))
    one, two = await sessions(store, clock, "flood", 2)
    for secret, other, key in ((one, two, KEY), (two, one, OTHER_KEY)):
        await store.open_room(secret, "A title", invitation(key))
        await store.use_invitation(other, key)
    opener = await session(store, "new")
    async with opened(store, one, (await chats_of(store, one))[0]) as stream:
        await store.open_room(opener, "A title", invitation(invite_keys(b"z")))
        assert stream.end is StreamEnd.FORGOTTEN
    assert [len(await chats_of(store, secret)) for secret in (one, two, opener)] == [1, 1, 1]
    guest = await session(store, "guest")
    await store.use_invitation(guest, invite_keys(b"z"))
    with pytest.raises(ServerFullError):
        await store.open_room(await session(store, "flood"), "A title", invitation(KEY))


async def test_private_rooms_of_one_circuit_are_limited(make_store: MakeStore) -> None:
    store, clock = make_store()
    for number in range(3 * CIRCUIT_ROOMS):
        clock.advance(MINUTE)
        secret = await session(store, "flood")
        await store.open_room(secret, "A title", invitation(invite_keys(bytes([number]))))
    assert (await store.counts()).conversations == CIRCUIT_ROOMS


# Codes


async def guess(store: Store, name: object = None) -> type[VisitorError]:
    """Show a wrong code with a new session, and forget it, as the web does."""
    secret = await session(store, name)
    with pytest.raises(VisitorError) as refused:
        await store.use_code(secret, NO_ROOM, NO_CODE)
    await store.forget_session(secret)
    return refused.type


async def test_wrong_codes_of_a_circuit_outlive_their_sessions(make_store: MakeStore) -> None:
    store, clock = make_store()
    kinds = [await guess(store, "one") for _ in range(GUESS_BURST + 2)]
    assert kinds == [InvitationUnknownError] * GUESS_BURST + [RateLimitedError] * 2
    assert await guess(store, "two") is InvitationUnknownError
    clock.advance(GUESS_EVERY_S)
    assert await guess(store, "one") is InvitationUnknownError
    assert await guess(store, "one") is RateLimitedError


async def test_right_invitation_always_enters_whoever_guesses(make_store: MakeStore) -> None:
    store, clock = make_store()
    await open_room(store)
    attackers = ALL_GUESS_BURST // GUESS_BURST + 80
    entered = 0
    for round_ in range(16):
        # Each attacker guesses until it is refused, so that the common limit is used up.
        for number in range(attackers):
            while await guess_of(store, f"{round_} {number}") is not RateLimitedError:
                pass
        assert await guess(store) is RateLimitedError
        newcomer = await session(store, f"honest {round_}")
        entered += (await store.use_invitation(newcomer, KEY)).is_member
        clock.advance(MINUTE)
    assert entered == 16


async def guess_of(store: Store, name: str) -> type[VisitorError]:
    """Guess once on a circuit."""
    try:
        return await guess(store, name)
    except VisitorError as error:
        return type(error)


async def test_right_code_is_refused_like_a_wrong_one_after_too_many(
    make_store: MakeStore,
) -> None:
    store, _ = make_store()
    await open_room(store)
    for _ in range(GUESS_BURST):
        await guess(store, "one")
    secret = await session(store, "one")
    with pytest.raises(RateLimitedError):
        await store.use_invitation(secret, KEY)


async def test_codes_to_meet_again_are_limited_by_circuit_and_others_still_get_one(
    make_store: MakeStore,
) -> None:
    store, _ = make_store()
    refused = False
    first, second = await pair_up(store, await session(store, "one"), await session(store, "one"))
    for number in range(CIRCUIT_REMATCH_CODE_BURST + 1):
        try:
            await store.issue_rematch_code(*first, CodeKey(bytes([number]) * 32))
        except RateLimitedError:
            refused = True
    assert refused
    with pytest.raises(RateLimitedError):
        await store.issue_rematch_code(*second, THEIRS)
    first, second = await pair_up(store, await session(store, "a"), await session(store, "b"))
    await store.issue_rematch_code(*first, MINE)
    await store.issue_rematch_code(*second, THEIRS)


async def test_oldest_codes_give_way_and_those_that_somebody_waits_with_do_not(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(Capacity(sessions=3))
    await both_ask_and_go(store)
    waiter = await store.open_session()
    assert await store.use_code(waiter, NO_ROOM, MINE) is None
    for number in (1, 2, 3):
        first, second = await meet(store)
        await store.issue_rematch_code(*first, CodeKey(bytes([number]) * 32))
        await store.issue_rematch_code(*second, CodeKey(bytes([10 + number]) * 32))
        await store.forget_session(first[0])
        await store.forget_session(second[0])
    assert await store.use_code(waiter, NO_ROOM, MINE) is None
    await store.forget_session(waiter)
    assert await valid(store, MINE, THEIRS, NEWER) == [MINE, THEIRS]


async def both_ask_and_go(store: Store) -> None:
    for secret, _ in await both_ask(store):
        await store.forget_session(secret)


async def test_public_room_takes_a_newcomer_while_another_circuit_floods_it(
    make_store: MakeStore,
) -> None:
    store, clock = make_store(Capacity(sessions=8, streams=6), ROOMS)
    honest = await come(store)
    for secret in await sessions(store, clock, "flood", 5):
        await store.join_room(secret, "one")
    newcomer = await session(store, "new")
    chat_id = await store.join_room(newcomer, "one")
    await store.post(*honest, "hello", token())
    assert await texts(store, (newcomer, chat_id)) == ["hello"]
