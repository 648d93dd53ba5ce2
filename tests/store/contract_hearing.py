"""The promises about reading along, for whatever keeps the state; see `contract.py`."""

from __future__ import annotations

from contextlib import AsyncExitStack

from server.store.base_streams import Hear, Heard

from .contract import MakeStore, meet, nothing, token
from .contract_rooms import ROOMS, come


async def test_who_reads_along_hears_what_is_said_there_and_may_be_read(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second, third = await come(store), await come(store), await come(store)
    other = await come(store, "two")
    await store.mute(*third, 1)
    heard: list[tuple[str, str]] = []

    def hearing(who: str) -> Hear:
        def hear(what: Heard) -> bool:
            assert what.entry.message is not None
            heard.append((who, what.entry.message.text))
            assert what.names == {1: names[1]}
            return True

        return hear

    names = {person.number: person.name for person in await store.people(*first)}
    async with AsyncExitStack() as streams:
        seats = {"first": first, "second": second, "third": third, "other": other}
        for who, seat in seats.items():
            await store.read(*seat, after=0, limit=9)
            await streams.enter_async_context(store.stream(*seat, nothing, hearing(who)))
        await store.post(*first, "words", token())
    assert heard == [("first", "words"), ("second", "words")]
    await store.post(*first, "unheard", token(1, "1"))
    assert len(heard) == 2


async def test_who_has_not_read_so_far_or_does_not_take_it_hears_nothing_more(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    heard: list[int] = []

    def take_no_second(what: Heard) -> bool:
        heard.append(what.entry.seq)
        return len(heard) < 2

    async with store.stream(*second, nothing, take_no_second):
        await store.post(*first, "before the first read", token())
        assert heard == []
        await store.read(*second, after=0, limit=9)
        for serial in (1, 2, 3):
            clock.advance(60)
            await store.post(*first, f"{serial}", token(serial, f"{serial}"))
        # The second was not taken, so neither it nor the third counts as seen.
        assert heard == [3, 4]
        assert [e.seq for e in (await store.read(*second, after=3, limit=9)).entries] == [4, 5]
