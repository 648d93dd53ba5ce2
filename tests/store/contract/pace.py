"""The store contract as tests: a room's pace and ring under a flood, the budget of all rings."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from server.core.errors import RateLimitedError
from server.core.ids import CircuitKey
from server.core.limits import (
    CIRCUIT_JOIN_EVERY_S,
    NEWCOMER_S,
    POST_EVERY_S,
    RING_MESSAGES,
    ROOM_BURST_CELLS,
    ROOM_CELLS_PER_S,
    SHARE_CELLS,
    Capacity,
)
from server.store.contract.chat import Store
from tests.fakes import FakeClock

from .chat import NOBODY, MakeStore, entries, meet, texts
from .circuits import open_session
from .private_rooms import open_room, seated
from .rooms import ROOMS, Seat
from .unread import post_new

ONE = CircuitKey(b"1" * 16)
KIB = 1_024


async def take_seat_by(store: Store, circuit: CircuitKey | None, name: str = "one") -> Seat:
    """Create a session on a circuit that joins a room."""
    secret = await open_session(store, circuit)
    return secret, await store.join_room(secret, name)


async def crowd(
    store: Store, clock: FakeClock, circuits: Sequence[CircuitKey | None]
) -> list[Seat]:
    """Let a session for each circuit join, and become members who are no newcomers."""
    seats = []
    for circuit in circuits:
        seats.append(await take_seat_by(store, circuit))
        # Slowly enough for the sessions of one circuit.
        clock.advance(CIRCUIT_JOIN_EVERY_S)
    clock.advance(NEWCOMER_S)
    return seats


async def may_post(store: Store, seat: Seat, words: str = "flood") -> bool:
    """Post, if the member may."""
    try:
        await post_new(store, seat, words)
    except RateLimitedError:
        return False
    return True


async def flood(store: Store, clock: FakeClock, seats: Sequence[Seat], seconds: int) -> int:
    """Let every member try once a second; return how many messages were posted."""
    posted = 0
    for _ in range(seconds):
        for seat in seats:
            posted += await may_post(store, seat)
        clock.advance(1)
    return posted


def circuit_no(number: int) -> CircuitKey:
    """Make the key of some circuit."""
    return CircuitKey(number.to_bytes(16, "big"))


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("attackers", [10, 60])
async def test_flood_is_held_to_the_pace_of_the_room(
    make_store: MakeStore, *, attackers: int, known: bool
) -> None:
    store, clock = make_store(rooms=ROOMS)
    keys = [circuit_no(number) if known else None for number in range(attackers)]
    seats = await crowd(store, clock, keys)
    seconds = 30
    posted = await flood(store, clock, seats, seconds)
    at_once = ROOM_BURST_CELLS + attackers * SHARE_CELLS
    assert posted <= at_once + seconds * ROOM_CELLS_PER_S
    later = await flood(store, clock, seats, seconds)
    assert later <= seconds * ROOM_CELLS_PER_S + attackers * 0.5


async def test_sessions_of_one_circuit_share_one_share(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    *hostile, honest = await crowd(store, clock, [*[ONE] * 30, circuit_no(2)])
    await flood(store, clock, hostile, 20)
    # Two speakers: half of the rate is more than the session's own bucket gives.
    for _ in range(10):
        assert await may_post(store, honest, "words")
        for _ in range(int(POST_EVERY_S)):
            await flood(store, clock, hostile, 1)


async def test_without_circuits_each_session_has_a_share(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    *hostile, honest = await crowd(store, clock, [None] * 21)
    await flood(store, clock, hostile, 20)
    assert await may_post(store, honest, "words")
    for _ in range(5):
        # An equal share of 21 speakers.
        await flood(store, clock, hostile, int(21 / ROOM_CELLS_PER_S) + 1)
        assert await may_post(store, honest, "words")


async def test_new_circuit_brings_no_new_share(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    *hostile, honest = await crowd(store, clock, [*[ONE] * 10, circuit_no(2)])
    await flood(store, clock, hostile, 10)
    for number, (secret, _) in enumerate(hostile, start=100):
        await store.visit(secret, is_pressed=True, circuit=circuit_no(number))
    await flood(store, clock, hostile, 20)
    for _ in range(10):
        assert await may_post(store, honest, "words")
        await flood(store, clock, hostile, int(POST_EVERY_S))


async def test_wait_in_a_busy_room_is_enough_and_the_text_is_not_counted(
    make_store: MakeStore,
) -> None:
    store, clock = make_store(rooms=ROOMS)
    seats = await crowd(store, clock, [ONE] * 30)
    await flood(store, clock, seats, 20)
    while await may_post(store, seats[0]):
        pass
    before = (await store.view_chat(*seats[0])).post_count
    with pytest.raises(RateLimitedError) as caught:
        await post_new(store, seats[0])
    assert (await store.view_chat(*seats[0])).post_count == before
    clock.advance(caught.value.retry_after_s)
    assert await may_post(store, seats[0])


async def test_flood_pushes_out_its_own_words(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    *honest, reader = await crowd(store, clock, [circuit_no(number) for number in range(1, 11)])
    for _ in range(8):
        for seat in honest:
            await post_new(store, seat, "words")
        clock.advance(10)
    hostile = await crowd(store, clock, [ONE] * 30 + [circuit_no(99)] * 30)
    for turn in range(10):
        # Six after six: each of them holds less than an honest member.
        await flood(store, clock, hostile[6 * turn : 6 * turn + 6], 9)
    kept = await texts(store, reader)
    assert len(kept) == RING_MESSAGES
    assert len([text for text in kept if text.startswith("words")]) == 8 * len(honest)
    page = await store.read(*reader, after=0, limit=1_000)
    last = (await store.view_chat(*reader)).last_seq
    joined = (await store.view_chat(*reader)).joined_seq
    # What is missing between the words is counted.
    assert page.missed_count == last - joined - len(page.entries) > 0
    listed = await store.list_entries(*reader, after=0)
    assert list(listed.seqs) == [entry.seq for entry in page.entries]
    assert listed.missed_count == page.missed_count


async def test_pair_is_never_held_back_by_a_pace(make_store: MakeStore) -> None:
    store, clock = make_store()
    seats = await meet(store)
    for _ in range(120):
        clock.advance(POST_EVERY_S)
        for seat in seats:
            assert await may_post(store, seat)


async def test_largest_conversation_gives_way_when_all_take_too_much(
    make_store: MakeStore,
) -> None:
    store, clock = make_store(Capacity(ring_mib=1), rooms=ROOMS)
    quiet = await open_room(store)
    await post_new(store, quiet, "a few words")
    letter = "x" * 1_990
    busy = [(await meet(store))[0] for _ in range(8)]
    for _ in range(70):
        clock.advance(POST_EVERY_S)
        for seat in busy:
            await post_new(store, seat, letter)
        counts = await store.counts()
        assert counts.ring_percent <= 100
    assert counts.ring_percent >= 98
    kept = [len(await texts(store, seat)) for seat in busy]
    assert max(kept) - min(kept) <= 1
    assert sum(kept) * 2 * KIB < 2**20
    assert await texts(store, quiet) == ["a few words 0"]
    for seat in busy:
        page = await store.read(*seat, after=0, limit=1_000)
        assert page.cursor == len(page.entries) + page.missed_count
        await store.leave(*seat)
    # The partners hold the conversations, until they leave.
    assert (await store.counts()).ring_percent >= 98


async def test_memory_of_a_conversation_is_free_when_all_have_left(make_store: MakeStore) -> None:
    store, clock = make_store(Capacity(ring_mib=1), rooms=ROOMS)
    opener, guest = await open_room(store), await seated(store)
    for _ in range(60):
        clock.advance(60)
        await store.visit(opener[0], is_pressed=True)
        await post_new(store, opener, "x" * 1_990)
    assert (await store.counts()).ring_percent > 10
    await store.delete_message(*opener, (await entries(store, guest))[-1].seq)
    for seat in (opener, guest):
        await store.forget_session(seat[0])
    assert await store.counts() == NOBODY


async def test_newcomer_begins_with_an_empty_share_only_once(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    speakers = await crowd(store, clock, [circuit_no(number) for number in range(1, 11)])
    await flood(store, clock, speakers, 20)
    newcomer = await take_seat_by(store, circuit_no(99))
    while await may_post(store, newcomer):
        pass
    # Until the share is full again, while the others go on.
    await flood(store, clock, speakers, 30)
    for seat in speakers:
        await may_post(store, seat)
    assert await may_post(store, newcomer)
