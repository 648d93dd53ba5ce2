"""The store in memory keeps every promise of the contract, and keeps handles only."""

from __future__ import annotations

import gc

import pytest

from server.core.ids import Secret
from server.core.limits import Capacity
from server.core.room import Room
from server.core.session import Session
from server.store.base import Store
from server.store.memory import MemoryStore
from tests.fakes import FakeClock

from .contract import *  # noqa: F403 every promise is a test of this file
from .contract import HOUR, MakeStore, arrive, meet, token


@pytest.fixture
def make_store() -> MakeStore:
    def make(capacity: Capacity | None = None) -> tuple[Store, FakeClock]:
        clock = FakeClock()
        return MemoryStore(capacity, clock), clock

    return make


def reachable(start: object) -> list[object]:
    """Everything that hangs on an object, classes and modules left out."""
    seen: dict[int, object] = {}
    waiting = [start]
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, type) or type(found).__name__ == "module":
            continue
        seen[id(found)] = found
        waiting.extend(o for o in gc.get_referents(found) if not callable(o))
    return list(seen.values())


async def test_store_keeps_no_secret() -> None:
    store = MemoryStore(clock=FakeClock())
    first, second = await meet(store)
    await store.post(*first, "hello", token())
    raw = {first[0]._raw, second[0]._raw}
    kept = reachable(store)
    assert [found for found in kept if isinstance(found, Session)]
    assert not [found for found in kept if isinstance(found, Secret)]
    assert not [found for found in kept if isinstance(found, bytes) and found in raw]


async def test_nothing_of_a_conversation_hangs_on_the_store_when_everybody_is_forgotten() -> None:
    clock = FakeClock()
    store = MemoryStore(clock=clock)
    first, second = await meet(store)
    await store.post(*first, "the words", token())
    await store.leave(*first)
    await store.leave(*second)
    await arrive(store)
    clock.advance(13 * HOUR)
    await store.forget_due()
    kept = reachable(store)
    assert not [found for found in kept if isinstance(found, Session | Room)]
    assert not [found for found in kept if isinstance(found, bytes) and b"the words" in found]


async def test_no_handle_of_a_forgotten_session_hangs_on_the_store() -> None:
    clock = FakeClock()
    store = MemoryStore(clock=clock)
    (first, _), (second, _) = await meet(store)
    waiter, _ = await arrive(store)
    handles: set[bytes] = {secret.handle for secret in (first, second, waiter)}
    clock.advance(13 * HOUR)
    await store.forget_due()
    kept = reachable(store)
    assert not [found for found in kept if isinstance(found, bytes) and found in handles]
