"""The store contract as tests: entries that are delivered to open streams at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from server.core.ids import ChatId, Secret
from server.core.room.log import Kind
from server.store.contract.chat import Store
from server.stream.broadcast import NewEntry
from server.stream.subscription import Subscription
from tests.subscriber import FakeSubscriber, OnEntry

from .chat import MakeStore, meet, token
from .rooms import ROOMS, come

Seat = tuple[Secret, ChatId]


class LiveReaders:
    """Open streams whose readers are up to date, and what each of them receives."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._streams: list[Subscription] = []
        self.received: list[tuple[str, str]] = []
        """(reader, text of the message or kind of the event)."""

        self.woken: list[str] = []

    async def add(self, **seats: Seat) -> None:
        """Let members read everything, and open a stream for each."""
        for name, seat in seats.items():
            cursor = (await self._store.read(*seat, after=0, limit=99)).cursor
            subscriber = FakeSubscriber(self._on_wake(name), self._on_entry(name), cursor)
            self._streams.append(await self._store.open_stream(*seat, subscriber))

    def close(self) -> None:
        """Close all streams."""
        for stream in self._streams:
            self._store.streams.close(stream)

    def take(self) -> list[tuple[str, str]]:
        """Return what was received since the last call."""
        received, self.received = self.received, []
        return received

    def _on_wake(self, name: str) -> Callable[[], object]:
        return lambda: self.woken.append(name)

    def _on_entry(self, name: str) -> OnEntry:
        def on_entry(new: NewEntry) -> bool:
            message = new.entry.message
            self.received.append((name, message.text if message else new.entry.kind.value))
            return True

        return on_entry


async def test_live_readers_receive_the_entries_they_may_read(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second, third = await come(store), await come(store), await come(store)
    other = await come(store, "two")
    await store.toggle_mute(*third, 1)
    readers = LiveReaders(store)
    await readers.add(first=first, second=second, third=third, other=other)
    await store.post(*first, "words", token())
    assert readers.take() == [("first", "words"), ("second", "words")]
    # The hidden entry was skipped, so this reader is not behind and receives the next at once.
    await store.post(*second, "more", token())
    assert readers.take() == [(name, "more") for name in ("first", "second", "third")]
    assert readers.woken == []
    readers.close()
    await store.post(*first, "not received", token(1, "1"))
    assert (readers.received, readers.woken) == ([], [])


async def test_live_readers_receive_events_as_well_as_messages(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    readers = LiveReaders(store)
    await readers.add(first=first)
    third = await come(store)
    await store.post(*second, "words", token())
    (own,) = await store.own_messages(*second)
    await store.delete_message(*second, own.seq)
    await store.leave(*third)
    assert [content for _, content in readers.take()] == [
        *("joined", "words"),
        *("deleted", Kind.LEFT_ROOM.value),
    ]
    assert readers.woken == []


async def test_request_wakes_only_the_member_asked(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second, third = await come(store), await come(store), await come(store)
    readers = LiveReaders(store)
    await readers.add(first=first, second=second, third=third)
    await store.request_side_chat(*first, 2)
    assert (readers.take(), readers.woken) == ([], ["second"])
    await store.post(*first, "words", token())
    assert [name for name, _ in readers.take()] == ["first", "second", "third"]


async def test_reader_that_is_behind_is_woken_instead(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    offered, woken = [], []

    def accept_only_the_first(new: NewEntry) -> bool:
        offered.append(new.seq)
        return len(offered) < 2

    subscriber = FakeSubscriber(lambda: woken.append("woken"), accept_only_the_first)
    stream = await store.open_stream(*second, subscriber)
    await store.post(*first, "before the first read", token())
    assert (offered, woken) == ([], ["woken"])
    await store.read(*second, after=0, limit=9)
    subscriber.skip(1)
    subscriber.skip(2)
    for serial in (1, 2, 3):
        clock.advance(60)
        await store.post(*first, f"{serial}", token(serial, f"{serial}"))
    # The second was not accepted, so neither it nor the third counts as seen.
    assert offered == [3, 4]
    assert woken == ["woken"] * 3
    assert [e.seq for e in (await store.read(*second, after=3, limit=9)).entries] == [4, 5]
    store.streams.close(stream)


async def test_entry_is_opened_once_for_all_live_readers(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    seats: Sequence[Seat] = [await come(store) for _ in range(3)]
    received: list[NewEntry] = []

    def accept(new: NewEntry) -> bool:
        received.append(new)
        return True

    streams = [
        await store.open_stream(*seat, FakeSubscriber(on_entry=accept, cursor=seq))
        for seat, seq in zip(seats, (3, 3, 3), strict=True)
    ]
    await store.post(*seats[0], "words", token())
    names = {person.number: person.name for person in await store.list_members(*seats[0])}
    assert len({id(new) for new in received}) == 1
    assert [new.names for new in received] == [{1: names[1]}] * 3
    for stream in streams:
        store.streams.close(stream)
