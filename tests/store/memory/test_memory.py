"""`MemoryStore` passes every contract test, and stores handles instead of secrets."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from server.core.ids import CircuitKey, Secret
from server.core.invite_code import CodeKey, InviteKeys
from server.core.limits import CIRCUIT_KEPT_S, MAX_FORMER_HANDLES, Capacity
from server.core.room.log import Entry
from server.core.room.public import PublicRoom
from server.core.room.room import Room
from server.core.session.session import Session
from server.store.contract.chat import Store
from server.store.contract.private_rooms import HostAction, NewInvitation
from server.store.memory.inspect import reachable
from server.store.memory.store import MemoryStore
from tests.fakes import FakeClock
from tests.store.contract.admission import *  # noqa: F403
from tests.store.contract.arrivals import *  # noqa: F403
from tests.store.contract.broadcast import *  # noqa: F403
from tests.store.contract.chat import *  # noqa: F403 every contract test runs here
from tests.store.contract.chat import HOUR, MakeStore, arrive, meet, token
from tests.store.contract.circuits import *  # noqa: F403
from tests.store.contract.circuits import CIRCUIT, come_by, take_matches
from tests.store.contract.interactions import *  # noqa: F403
from tests.store.contract.kept import *  # noqa: F403
from tests.store.contract.messages import *  # noqa: F403
from tests.store.contract.pace import *  # noqa: F403
from tests.store.contract.private_rooms import *  # noqa: F403
from tests.store.contract.rematch import *  # noqa: F403
from tests.store.contract.renewal import *  # noqa: F403
from tests.store.contract.rooms import *  # noqa: F403
from tests.store.contract.rooms import ROOMS
from tests.store.contract.session import *  # noqa: F403
from tests.store.contract.shares import *  # noqa: F403
from tests.store.contract.side_chats import *  # noqa: F403
from tests.store.contract.unopened import *  # noqa: F403
from tests.store.contract.unread import *  # noqa: F403


@pytest.fixture
def make_store() -> MakeStore:
    def make(
        capacity: Capacity | None = None, rooms: Sequence[PublicRoom] = ()
    ) -> tuple[Store, FakeClock]:
        clock = FakeClock()
        return MemoryStore(capacity, clock, rooms), clock

    return make


async def test_room_forgets_circuits_without_a_further_message() -> None:
    clock = FakeClock()
    store = MemoryStore(clock=clock, rooms=ROOMS)
    key = CircuitKey(b"the key of a circuit")
    secret = await store.open_session(key)
    seat = secret, await store.join_room(secret, "one")
    await store.post(*seat, "hello", token())
    await store.visit(secret, is_pressed=True)
    assert key in reachable(store)
    clock.advance(CIRCUIT_KEPT_S)
    await store.sweep()
    assert key not in reachable(store)
    assert await store.is_known(secret)


def sealed_messages(store: Store) -> list[bytes]:
    """Return every sealed message that is reachable from the store."""
    return [item.sealed for item in reachable(store) if isinstance(item, Entry) and item.sealed]


async def test_cookie_that_never_arrives_fills_no_table() -> None:
    store = MemoryStore(clock=FakeClock())
    first, _ = await meet(store)
    await store.leave(*first)
    issued = [await store.renew_secret(first[0])]
    issued += [await store.follow_secret(first[0]) for _ in range(100)]
    assert all(issued)
    assert len(store._former._by_handle) == MAX_FORMER_HANDLES
    assert await store.follow_secret(issued[1] or first[0]) is None
    newest = await store.follow_secret(first[0])
    assert newest is not None
    await store.visit(newest, is_pressed=True)
    assert await store.follow_secret(first[0]) is None


@pytest.mark.checklist(12)
async def test_store_keeps_no_secret() -> None:
    store = MemoryStore(clock=FakeClock())
    first, second = await meet(store)
    await store.post(*first, "hello", token())
    raw = {first[0]._raw, second[0]._raw}
    stored = reachable(store)
    assert [item for item in stored if isinstance(item, Session)]
    assert not [item for item in stored if isinstance(item, Secret)]
    assert not [item for item in stored if isinstance(item, bytes) and item in raw]


@pytest.mark.checklist(12)
async def test_forgotten_conversation_is_unreachable_from_the_store() -> None:
    clock = FakeClock()
    store = MemoryStore(clock=clock)
    first, second = await meet(store)
    await store.post(*first, "the words", token())
    assert len(sealed_messages(store)) == 1
    await store.leave(*first)
    await store.leave(*second)
    await arrive(store)
    clock.advance(13 * HOUR)
    await store.sweep()
    stored = reachable(store)
    assert not [item for item in stored if isinstance(item, Session | Room)]
    assert sealed_messages(store) == []


@pytest.mark.checklist(12)
async def test_forgotten_handles_are_unreachable_from_the_store() -> None:
    clock = FakeClock()
    store = MemoryStore(clock=clock)
    (first, _), (second, _) = await meet(store)
    waiter, _ = await arrive(store)
    handles: set[bytes] = {secret.handle for secret in (first, second, waiter)}
    clock.advance(13 * HOUR)
    await store.sweep()
    stored = reachable(store)
    assert not [item for item in stored if isinstance(item, bytes) and item in handles]


async def test_deleted_message_is_unreachable_from_the_store() -> None:
    store = MemoryStore(clock=FakeClock())
    first, _second = await meet(store)
    await store.post(*first, "the words", token())
    (sealed,) = sealed_messages(store)
    await store.delete_message(*first, 2)
    assert sealed_messages(store) == []
    assert sealed not in reachable(store)


async def test_empty_public_room_references_no_conversation() -> None:
    rooms = [PublicRoom("one", {"en": "One"}, {}, {})]
    store = MemoryStore(clock=FakeClock(), rooms=rooms)
    secret = await store.open_session()
    chat_id = await store.join_room(secret, "one")
    await store.post(secret, chat_id, "the words", token())
    assert [item for item in reachable(store) if isinstance(item, Room)]
    await store.leave(secret, chat_id)
    assert not [item for item in reachable(store) if isinstance(item, Room)]


async def test_forgotten_private_room_is_unreachable_from_the_store() -> None:
    clock = FakeClock()
    store = MemoryStore(clock=clock)
    key = CodeKey(b"the key of an invitation, hashed")
    keys = InviteKeys(key, CodeKey(b"the key that its title opens by."))
    opener, knocker = await store.open_session(), await store.open_session()
    chat_id = await store.open_room(opener, "the title", NewInvitation(keys, 5, HOUR))
    await store.host_action(opener, chat_id, HostAction.REQUIRE_KNOCK)
    await store.use_invitation(knocker, keys)
    assert key in reachable(store)
    forgotten: set[object] = {opener.handle, knocker.handle, key, "the title"}
    clock.advance(13 * HOUR)
    await store.sweep()
    stored = reachable(store)
    assert not [item for item in stored if isinstance(item, Session | Room)]
    assert not [item for item in stored if isinstance(item, bytes | str) and item in forgotten]


async def test_kept_form_is_unreachable_after_its_session() -> None:
    store = MemoryStore(clock=FakeClock())
    secret = await store.open_session()
    await store.keep_form(secret, b"words")
    assert secret.handle in reachable(store)
    await store.panic(secret)
    assert secret.handle not in reachable(store)


@pytest.mark.checklist(12)
async def test_circuit_is_unreachable_when_nothing_of_it_counts() -> None:
    clock = FakeClock()
    store = MemoryStore(clock=clock)
    secret = await come_by(store)
    await take_matches(store, secret, 2)
    assert CIRCUIT in reachable(store)
    await store.panic(secret)
    clock.advance(HOUR)
    await store.sweep()
    assert CIRCUIT not in reachable(store)
