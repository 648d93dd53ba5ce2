"""The promises about reading along, for whatever keeps the state; see `contract.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from server.core.ids import ChatId, Secret
from server.core.room.log import Kind
from server.store.contract.chat import Store
from server.stream.broadcast import NewEntry
from server.stream.subscription import Stream

from .chat import FakeEar, Hear, MakeStore, meet, token
from .rooms import ROOMS, come

Seat = tuple[Secret, ChatId]


class Listeners:
    """Streams whose readers have read all that was there, and what each of them hears."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._streams: list[Stream] = []
        self.heard: list[tuple[str, str]] = []
        """Who, and what: the words, or the kind of an event."""

        self.woken: list[str] = []

    async def add(self, **seats: Seat) -> None:
        """Let these read, and then listen."""
        for who, seat in seats.items():
            cursor = (await self._store.read(*seat, after=0, limit=99)).cursor
            ear = FakeEar(self._waking(who), self._hearing(who), cursor)
            self._streams.append(await self._store.open_stream(*seat, ear))

    def close(self) -> None:
        """End all of them."""
        for stream in self._streams:
            stream.close()

    def taken(self) -> list[tuple[str, str]]:
        """What was heard since the last time."""
        heard, self.heard = self.heard, []
        return heard

    def _waking(self, who: str) -> Callable[[], object]:
        return lambda: self.woken.append(who)

    def _hearing(self, who: str) -> Hear:
        def hear(what: NewEntry) -> bool:
            message = what.entry.message
            self.heard.append((who, message.text if message else what.entry.kind.value))
            return True

        return hear


async def test_live_readers_receive_the_entries_they_may_read(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second, third = await come(store), await come(store), await come(store)
    other = await come(store, "two")
    await store.mute(*third, 1)
    listeners = Listeners(store)
    await listeners.add(first=first, second=second, third=third, other=other)
    await store.post(*first, "words", token())
    assert listeners.taken() == [("first", "words"), ("second", "words")]
    # Passed over, and not behind: the next words are heard at once.
    await store.post(*second, "more", token())
    assert listeners.taken() == [(who, "more") for who in ("first", "second", "third")]
    assert listeners.woken == []
    listeners.close()
    await store.post(*first, "unheard", token(1, "1"))
    assert (listeners.heard, listeners.woken) == ([], [])


async def test_live_readers_receive_events_as_well_as_messages(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    listeners = Listeners(store)
    await listeners.add(first=first)
    third = await come(store)
    await store.post(*second, "words", token())
    (said,) = await store.own_messages(*second)
    await store.delete(*second, said.seq)
    await store.leave(*third)
    assert [what for _, what in listeners.taken()] == [
        *("joined", "words"),
        *("deleted", Kind.WENT.value),
    ]
    assert listeners.woken == []


async def test_entry_for_one_member_is_delivered_to_no_other(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second, third = await come(store), await come(store), await come(store)
    listeners = Listeners(store)
    await listeners.add(first=first, second=second, third=third)
    await store.start_side_chat(*first, 2)
    assert listeners.taken() == [("second", Kind.ASKED.value)]
    await store.post(*first, "words", token())
    assert [who for who, _ in listeners.taken()] == ["first", "second", "third"]


async def test_reader_that_is_behind_is_woken_instead(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    heard, woken = [], []

    def take_no_second(what: NewEntry) -> bool:
        heard.append(what.seq)
        return len(heard) < 2

    ear = FakeEar(lambda: woken.append("woken"), take_no_second)
    stream = await store.open_stream(*second, ear)
    await store.post(*first, "before the first read", token())
    assert (heard, woken) == ([], ["woken"])
    await store.read(*second, after=0, limit=9)
    ear.pass_over(1)
    ear.pass_over(2)
    for serial in (1, 2, 3):
        clock.advance(60)
        await store.post(*first, f"{serial}", token(serial, f"{serial}"))
    # The second was not taken, so neither it nor the third counts as seen.
    assert heard == [3, 4]
    assert woken == ["woken"] * 3
    assert [e.seq for e in (await store.read(*second, after=3, limit=9)).entries] == [4, 5]
    stream.close()


async def test_entry_is_opened_once_for_all_live_readers(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    seats: Sequence[Seat] = [await come(store) for _ in range(3)]
    heard: list[NewEntry] = []

    def hear(what: NewEntry) -> bool:
        heard.append(what)
        return True

    streams = [
        await store.open_stream(*seat, FakeEar(hear=hear, cursor=seq))
        for seat, seq in zip(seats, (3, 3, 3), strict=True)
    ]
    await store.post(*seats[0], "words", token())
    names = {person.number: person.name for person in await store.list_members(*seats[0])}
    assert len({id(what) for what in heard}) == 1
    assert [what.names for what in heard] == [{1: names[1]}] * 3
    for stream in streams:
        stream.close()
