"""The store contract as tests: sessions of one circuit, and sessions that take many matches."""

from __future__ import annotations

import pytest

from server.core.errors import CooldownError
from server.core.ids import ChatId, CircuitKey, Secret
from server.core.limits import (
    FREE_MATCHES,
    HEAD_COUNT_MAX_S,
    LOOK_MAX_S,
    MATCH_DECAY_S,
    MATCH_PAUSE_S,
    MAX_CIRCUIT_TICKETS,
)
from server.core.matching.preferences import Intent, Preferences
from server.store.contract.chat import Store

from .chat import ANY, LISTEN, TALK, MakeStore, arrive, draw, drawn, opened

CIRCUIT, OTHER = CircuitKey(b"one circuit"), CircuitKey(b"another one")


async def come_by(
    store: Store, preferences: Preferences = ANY, circuit: CircuitKey | None = CIRCUIT
) -> Secret:
    """Open a session on a circuit, and ask for a match."""
    secret = await open_session(store, circuit)
    await store.request_match(secret, preferences)
    return secret


async def open_session(store: Store, circuit: CircuitKey | None) -> Secret:
    """Open a session that has moved to a circuit: of the new ones each circuit has a few only."""
    secret = await store.open_session()
    await store.visit(secret, is_pressed=False, circuit=circuit)
    return secret


async def chat_of(store: Store, secret: Secret) -> ChatId | None:
    return (await store.match_state(secret)).chat_id


async def open_both(store: Store, *secrets: Secret) -> None:
    """Let both open the pair into which they were matched, as their browsers do."""
    for secret in secrets:
        chat_id = await chat_of(store, secret)
        assert chat_id is not None
        await store.view_chat(secret, chat_id)


async def test_two_sessions_of_a_circuit_meet_before_anybody_else(make_store: MakeStore) -> None:
    store, _ = make_store()
    await arrive(store, TALK)
    one, other = await come_by(store, TALK), await come_by(store, TALK)
    stranger = await come_by(store, ANY, OTHER)
    await store.draw_matches()
    assert await chat_of(store, one) is not None
    assert await chat_of(store, other) is not None
    assert len(await store.list_chats(one)) == 1
    await draw(store)
    assert await chat_of(store, stranger) is not None


async def test_two_of_a_circuit_meet_again_at_once(make_store: MakeStore) -> None:
    store, _ = make_store()
    one, other = await come_by(store), await come_by(store)
    for _ in range(3):
        await store.draw_matches()
        await open_both(store, one, other)
        for secret in (one, other):
            await store.request_match(secret, None)


async def test_third_session_of_a_circuit_displaces_the_oldest(make_store: MakeStore) -> None:
    store, _ = make_store()
    first = await come_by(store, LISTEN)
    woken: list[str] = []
    async with opened(store, first, None, lambda: woken.append("woken")):
        second = await come_by(store, LISTEN)
        third = await come_by(store, LISTEN)
        assert woken == ["woken"]
    assert not (await store.match_state(first)).is_waiting
    assert (await store.match_state(second)).is_waiting
    assert (await store.match_state(third)).is_waiting
    assert (await store.counts()).waiting == MAX_CIRCUIT_TICKETS


async def test_session_that_comes_by_another_circuit_counts_there(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await come_by(store, LISTEN), await come_by(store, LISTEN)
    moved = await come_by(store, LISTEN, OTHER)
    await store.visit(moved, is_pressed=True, circuit=CIRCUIT)
    waiting = [(await store.match_state(secret)).is_waiting for secret in (first, second, moved)]
    assert waiting == [False, True, True]


async def test_sessions_without_circuits_are_not_counted_together(make_store: MakeStore) -> None:
    store, _ = make_store()
    for _ in range(2 * MAX_CIRCUIT_TICKETS):
        await come_by(store, TALK, None)
    await draw(store)
    assert (await store.counts()).waiting == 2 * MAX_CIRCUIT_TICKETS


async def take_matches(store: Store, secret: Secret, count: int) -> None:
    """Match a session with newcomers, who leave at once."""
    for _ in range(count):
        await store.request_match(secret, None)
        partner, state = await arrive(store)
        await open_both(store, secret, partner)
        assert state.chat_id is not None
        await store.leave(partner, state.chat_id)


async def test_session_that_takes_many_matches_has_to_pause(make_store: MakeStore) -> None:
    store, clock = make_store()
    secret = await store.open_session()
    await take_matches(store, secret, FREE_MATCHES)
    await take_matches(store, secret, 1)
    with pytest.raises(CooldownError):
        await store.request_match(secret, None)
    clock.advance(MATCH_PAUSE_S)
    await store.request_match(secret, None)
    assert (await drawn(store, secret)).is_waiting


async def test_new_session_of_a_circuit_has_to_pause_too(make_store: MakeStore) -> None:
    store, clock = make_store()
    for _ in range(FREE_MATCHES + 1):
        secret = await open_session(store, CIRCUIT)
        await take_matches(store, secret, 1)
        await store.panic(secret)
    fresh = await open_session(store, CIRCUIT)
    with pytest.raises(CooldownError):
        await store.request_match(fresh, ANY)
    await store.request_match(await store.open_session(OTHER), ANY)
    clock.advance((FREE_MATCHES + 1) * MATCH_DECAY_S)
    await store.sweep()
    await store.request_match(fresh, ANY)


async def test_two_windows_that_meet_count_as_one_match(make_store: MakeStore) -> None:
    store, _ = make_store()
    for _ in range(FREE_MATCHES):
        one, other = await come_by(store), await come_by(store)
        await store.draw_matches()
        await open_both(store, one, other)
        for secret in (one, other):
            await store.panic(secret)
    await come_by(store)


async def test_two_who_share_no_language_know_that_somebody_waits(make_store: MakeStore) -> None:
    store, clock = make_store()
    waits = [Preferences(Intent.ANY, speak=frozenset({code})) for code in ("fa", "en")]
    secrets = [(await arrive(store, preferences))[0] for preferences in waits]
    clock.advance(LOOK_MAX_S)
    for secret in secrets:
        assert (await drawn(store, secret)).sees_other_language
    await store.panic(secrets[0])
    clock.advance(LOOK_MAX_S)
    await store.visit(secrets[1], is_pressed=False)
    assert not (await drawn(store, secrets[1])).sees_other_language


async def test_number_of_people_is_rough_and_stays_for_minutes(make_store: MakeStore) -> None:
    store, clock = make_store()
    assert await store.people_here() == 0
    for _ in range(24):
        await store.open_session()
    assert await store.people_here() == 0
    clock.advance(HEAD_COUNT_MAX_S)
    assert await store.people_here() == 20
