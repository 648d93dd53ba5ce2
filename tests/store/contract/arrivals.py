"""The store contract as tests: how often a room may be joined, by a circuit and in all."""

from __future__ import annotations

import pytest

from server.core.errors import RateLimitedError
from server.core.ids import CircuitKey, Secret
from server.core.limits import (
    CIRCUIT_JOIN_BURST,
    CIRCUIT_JOIN_EVERY_S,
    JOIN_BURST,
    JOIN_EVERY_S,
    ROOM_JOIN_BURST,
    ROOM_JOIN_EVERY_S,
    Capacity,
)
from server.core.room.log import Kind
from server.store.contract.chat import Store
from server.store.contract.private_rooms import HostAction

from .chat import HOUR, MakeStore, kinds
from .circuits import open_session
from .pace import ONE, circuit_no
from .private_rooms import KEY, invitation, open_room
from .rooms import ROOMS, Seat, come


async def come_and_go(store: Store, circuit: CircuitKey | None, name: str = "one") -> bool:
    """Let a new session of a circuit join a room and leave it, if it may; it is then forgotten."""
    secret = await open_session(store, circuit)
    try:
        await store.join_room(secret, name)
    except RateLimitedError:
        return False
    finally:
        await store.forget_session(secret)
    return True


async def joins_read(store: Store, seat: Seat) -> int:
    """How many joins a member can read of, with their own."""
    page = await store.read(*seat, after=0, limit=10_000)
    events = page.missed_count + len(page.entries)
    assert (await kinds(store, seat)).count(Kind.MESSAGE) == 0
    return (events + 1) // 2


async def test_sessions_of_a_circuit_share_a_limit_of_joins(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    await come(store)
    for _ in range(CIRCUIT_JOIN_BURST):
        assert await come_and_go(store, ONE)
    with pytest.raises(RateLimitedError) as caught:
        await store.join_room(await open_session(store, ONE), "one")
    # Of another room nobody reads what happens in this one.
    await come(store, "two")
    assert await come_and_go(store, ONE, "two")
    clock.advance(caught.value.retry_after_s)
    assert await come_and_go(store, ONE)


async def test_flood_of_joins_by_one_circuit_is_small_and_keeps_nobody_out(
    make_store: MakeStore,
) -> None:
    store, clock = make_store(rooms=ROOMS)
    reader, seconds = await come(store), 60
    for second in range(seconds):
        for _ in range(4):
            await come_and_go(store, ONE)
        assert await come_and_go(store, circuit_no(second))
        assert await come_and_go(store, None)
        clock.advance(1)
    flood = await joins_read(store, reader) - 2 * seconds
    assert flood <= CIRCUIT_JOIN_BURST + seconds / CIRCUIT_JOIN_EVERY_S + 1


@pytest.mark.parametrize("known", [False, True])
async def test_flood_of_joins_is_limited_by_room(make_store: MakeStore, *, known: bool) -> None:
    store, clock = make_store(rooms=ROOMS)
    reader, seconds, circuits = await come(store), 60, 100
    for second in range(seconds):
        for number in range(circuits if second < 5 else 10):
            await come_and_go(store, circuit_no(number) if known else None)
        # Somebody who comes for the first time is let in, whoever else comes.
        assert await come_and_go(store, circuit_no(1_000 + second))
        clock.advance(1)
    free = circuits if known else 0
    most = ROOM_JOIN_BURST + seconds / ROOM_JOIN_EVERY_S + free
    assert await joins_read(store, reader) <= most + seconds


async def test_session_alone_on_its_circuit_meets_only_its_own_limit(
    make_store: MakeStore,
) -> None:
    store, clock = make_store(rooms=ROOMS)
    await come(store)
    secret = await open_session(store, ONE)
    for _ in range(JOIN_BURST):
        await store.leave(secret, await store.join_room(secret, "one"))
    for _ in range(int(HOUR / JOIN_EVERY_S)):
        clock.advance(JOIN_EVERY_S)
        await store.leave(secret, await store.join_room(secret, "one"))
        # A second client behind the same tor comes as often.
        assert await come_and_go(store, ONE)


async def entries_by_code(store: Store, count: int) -> list[Secret]:
    """Let sessions of one circuit use an invitation; return those that were let in."""
    entered = []
    for _ in range(count):
        secret = await open_session(store, ONE)
        try:
            await store.use_invitation(secret, KEY)
        except RateLimitedError:
            continue
        entered.append(secret)
    return entered


@pytest.mark.parametrize("knocks", [False, True])
async def test_entries_by_invitation_count_as_joins(make_store: MakeStore, *, knocks: bool) -> None:
    store, _ = make_store(rooms=ROOMS)
    host = await open_room(store, invitation(uses=100))
    if knocks:
        await store.host_action(*host, HostAction.REQUIRE_KNOCK)
    entered = await entries_by_code(store, CIRCUIT_JOIN_BURST + 4)
    assert len(entered) == CIRCUIT_JOIN_BURST
    view = await store.private_room(*host)
    assert view is not None
    # What is refused uses nothing up.
    assert view.uses_left == 100 - CIRCUIT_JOIN_BURST
    # Who is in returns at any time.
    await store.use_invitation(entered[0], KEY)


async def test_refused_join_makes_nobody_give_way(make_store: MakeStore) -> None:
    store, clock = make_store(Capacity(streams=3), rooms=ROOMS)
    host = await open_room(store, invitation(uses=100))
    reader = await come(store)
    for _ in range(CIRCUIT_JOIN_BURST):
        assert await come_and_go(store, ONE)
        (secret,) = await entries_by_code(store, 1)
        await store.forget_session(secret)
    clock.advance(1)
    waiting = await open_session(store, None)
    await store.request_match(waiting, None)
    assert not await come_and_go(store, ONE)
    assert await entries_by_code(store, 1) == []
    for secret in (waiting, host[0], reader[0]):
        assert await store.is_known(secret)


async def test_circuit_of_a_join_is_forgotten(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    reader = await come(store)
    for _ in range(CIRCUIT_JOIN_BURST):
        assert await come_and_go(store, ONE)
    clock.advance(CIRCUIT_JOIN_BURST * CIRCUIT_JOIN_EVERY_S)
    await store.visit(reader[0], is_pressed=True)
    await store.sweep()
    for _ in range(CIRCUIT_JOIN_BURST):
        assert await come_and_go(store, ONE)
