"""Streams that would write the same bytes share one write; each still writes every entry once.

The store, its rooms and the streams are real; transports take as much as a test wants. The naive
model is the log itself: the entries that a reader may see, each once and in order.
"""

from __future__ import annotations

import random
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import pytest

from server.core.errors import VisitorError
from server.core.limits import CELL_BYTES, HEARTBEAT_S
from server.core.room.log import Kind
from server.core.room.message import OpenEntry
from server.core.session.visibility import is_shown
from server.stream.live import SPREAD_S
from server.stream.source import HEARTBEAT
from server.stream.state import StreamState

from .fakes import FakeContext, FakeSource, FakeTransport, live_stream, run_tasks, start
from .readers import LATE_S, Reader, Room

STEPS = 120


@pytest.mark.parametrize("seed", range(12))
async def test_each_stream_writes_every_entry_once_in_order(seed: int) -> None:
    room = Room(seed)
    for language in ("en", "en", "en", "fa", "fa"):
        await room.join(language)
    witness = await room.join()
    room.readers.remove(witness)
    grouped = 0
    for _ in range(STEPS):
        # A member may post too fast, or name a member who is gone.
        with suppress(VisitorError):
            await room.step()
        await run_tasks()
        grouped += sum(reader.group is not None for reader in room.readers)
    assert grouped > STEPS, "streams were hardly ever in a broadcast group"
    for reader in room.readers:
        await room.unblock(reader)
    await run_tasks(999)
    await check_streams(room, witness)


async def check_streams(room: Room, witness: Reader) -> None:
    """Check that each stream wrote what its reader may see, once and in order.

    Also check that the store counted every byte, and that the streams leave their groups.
    """
    page = await room.server.store.read(witness.secret, witness.chat_id, 0, 1_000)
    assert witness.seqs == [entry.seq for entry in page.entries]
    for reader in room.readers:
        first = (await room.server.store.view_chat(reader.secret, reader.chat_id)).joined_seq
        for_all = {
            entry.seq
            for entry in page.entries
            if entry.seq > first and entry.sender not in reader.ever_muted
        }
        assert reader.seqs == sorted(set(reader.seqs))
        assert for_all <= set(reader.seqs)
        counted = (await room.server.store.lifetime(reader.secret)).traffic_bytes
        assert counted == sum(map(len, reader.transport.chunks))
    for reader in [*room.left, *room.readers]:
        reader.stream.lost()
        assert reader.group is None
    assert room.server.services.failures == {}


def run_now(call: Coroutine[Any, Any, object]) -> None:
    """Run a call of the store to its end at once; none of the calls used here suspends."""
    with suppress(StopIteration, VisitorError):
        call.send(None)
        raise AssertionError("the call suspended")


class Interruption:
    """Runs calls of the store in the middle of a delivery: some writes to a transport start one.

    Args:
        room: whose members make the calls.
        rng: decides which call is made, by which member, and when.
    """

    def __init__(self, room: Room, rng: random.Random) -> None:
        self._room, self._rng = room, rng
        self.calls = ["post", "mute", "leave", "panic"] * 3

    def maybe_run(self) -> None:
        """Run the next call, or leave it for a later write."""
        if not self.calls or not self._rng.randrange(3):
            return
        store, readers = self._room.server.store, self._room.readers
        call, actor = self.calls.pop(), self._rng.choice(readers[1:])
        if call == "post":
            run_now(self._room.post(actor))
        elif call == "mute":
            run_now(self._room.mute(actor, self._rng.choice(readers).number))
        elif len(readers) > 3:
            readers.remove(actor)
            leaving = store.leave(actor.secret, actor.chat_id)
            run_now(leaving if call == "leave" else store.panic(actor.secret))
            leaving.close()


@pytest.mark.parametrize("seed", range(20))
async def test_calls_during_a_delivery_keep_the_order_of_entries(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, rng = Room(seed), random.Random(seed)  # noqa: S311 the same steps in each run
    for language in ("en", "en", "fa", "en", "fa", "en"):
        reader = await room.join(language)
        # An entry that is being delivered when a member mutes or leaves may still be written.
        reader.transport.is_visible = lambda _seq: True
    interruption, write = Interruption(room, rng), FakeTransport.write

    def write_and_interrupt(transport: FakeTransport, chunk: bytes) -> None:
        write(transport, chunk)
        interruption.maybe_run()

    monkeypatch.setattr(FakeTransport, "write", write_and_interrupt)
    for _ in range(30):
        room.server.clock.advance(60)
        await room.post(rng.choice(room.readers))
        await run_tasks(99)
    assert not interruption.calls
    assert all(reader.stream.state is StreamState.LIVE for reader in room.readers)
    # The first reader stays, and mutes nobody.
    await check_streams(room, room.readers[0])


async def test_live_streams_of_one_language_share_one_chunk() -> None:
    room = Room()
    readers = [await room.join() for _ in range(5)]
    persian = await room.join("fa")
    await run_tasks()
    (group,) = {reader.group for reader in readers}
    assert group is not None
    assert persian.group not in (None, group)
    await room.post(readers[0])
    assert len({id(reader.transport.chunks[-1]) for reader in readers}) == 1
    assert len(group) == 5


async def test_heartbeat_is_due_from_the_last_write_of_the_group() -> None:
    room = Room()
    first, second = await room.join(), await room.join()
    await room.pass_time(HEARTBEAT_S - 5)
    await room.post(second)
    written = len(first.transport.chunks)
    await room.pass_time(HEARTBEAT_S - 2)
    assert len(first.transport.chunks) == written
    await room.pass_time(2 + SPREAD_S + LATE_S)
    assert first.transport.chunks[written:] == [HEARTBEAT.chunk]
    assert first.group is second.group is not None


async def test_message_of_a_muted_member_is_written_to_others_only() -> None:
    room = Room()
    first, second, third = [await room.join() for _ in range(3)]
    await room.mute(third, first.number)
    await room.post(first)
    assert second.seqs[-1] == first.seqs[-1] == 4
    assert third.seqs[-1] == 3
    # The hidden entry was skipped; the reader follows in a group of those who skipped one.
    assert None is not third.group is not second.group
    await room.post(second)
    assert third.seqs[-1] == 5
    await room.mute(third, first.number)
    await room.post(first)
    assert third.seqs[-1] == 6


async def test_unmuted_member_never_stands_below_the_name_of_another() -> None:
    room = Room()
    first, second, third = [await room.join() for _ in range(3)]
    await room.post(second)
    await room.mute(third, first.number)
    await room.post(first)
    await room.mute(third, first.number)
    await room.post(first)
    # For the others it continues the message before, which the third reader does not have.
    assert b" s" in second.transport.chunks[-1].partition(b">")[0]
    assert b" s" not in third.transport.chunks[-1].partition(b">")[0]


async def test_request_to_one_reader_leaves_the_group_intact() -> None:
    room = Room()
    first, second, third = [await room.join() for _ in range(3)]
    group, written = first.group, [len(reader.transport.chunks) for reader in room.readers]
    await room.server.store.request_side_chat(first.secret, first.chat_id, second.number)
    await run_tasks()
    news = [reader.transport.chunks[at:] for reader, at in zip(room.readers, written, strict=True)]
    assert [len(chunks) for chunks in news] == [0, 1, 0]
    assert len(news[1][0]) == CELL_BYTES
    assert b"asks for a private talk" in news[1][0]
    assert first.group is third.group is group is not None
    await room.post(first)
    await run_tasks()
    assert [reader.seqs[-1] for reader in (first, second, third)] == [4, 4, 4]
    assert first.group is second.group is third.group is group


async def test_entries_written_by_a_group_are_not_unread() -> None:
    room = Room()
    first, second = await room.join(), await room.join()
    store = room.server.store
    other = await store.join_room(first.secret, "quiet")
    await room.post(second)
    assert first.group is not None
    assert await store.unread_elsewhere(first.secret, other) == []
    first.stream.wake()
    assert await store.unread_elsewhere(first.secret, other) == []
    await run_tasks()
    # The first of these messages pauses the transport.
    await room.block(first)
    for _ in range(2):
        await room.post(second)
    (unread,) = await store.unread_elsewhere(first.secret, other)
    assert unread.chat_id == first.chat_id


class BrokenTransport(FakeTransport):
    """Fails at each write once `is_broken` is set, and at `finish` if `cannot_finish` is."""

    is_broken = False
    cannot_finish = False

    def write(self, chunk: bytes) -> None:
        """See `StreamTransport`."""
        if self.is_broken:
            raise OSError
        super().write(chunk)

    def finish(self, closing: bytes) -> None:
        """See `StreamTransport`."""
        if self.cannot_finish:
            raise OSError
        super().finish(closing)


@pytest.mark.parametrize("cannot_finish", [False, True])
async def test_failing_transport_ends_only_its_own_stream(*, cannot_finish: bool) -> None:
    context = FakeContext()
    sources = [FakeSource(context) for _ in range(3)]
    streams = [live_stream(source) for source in sources]
    transports = [BrokenTransport(stream) for stream in streams]
    for stream, transport in zip(streams, transports, strict=True):
        await stream.open()
        stream.attach(transport)
    await run_tasks()
    group = sources[0].subscription.group
    assert group is not None
    assert len(group) == 3
    transports[1].is_broken, transports[1].cannot_finish = True, cannot_finish
    context.publish(1)
    context.publish(2)
    assert [transports[at].written[-1] for at in (0, 2)] == ["(entry 2)"] * 2
    assert [source.is_open for source in sources] == [True, False, True]
    assert (transports[1].finish_calls, transports[1].cut_calls) == (
        (0, 1) if cannot_finish else (1, 0)
    )
    assert (len(group), context.failures) == (2, {"OSError": 1 + cannot_finish})


async def test_rendering_error_ends_each_stream_of_the_group() -> None:
    source = FakeSource()
    transport = await start(live_stream(source))
    assert source.subscription.group is not None
    source.is_broken = True
    source.context.publish(1)
    await run_tasks()
    assert (transport.written, transport.finish_calls) == (["", "<i></i>"], 1)
    assert source.is_open is False
    assert source.context.failures == {"KeyError": 1}


async def test_group_that_missed_an_entry_reads_it_from_the_log() -> None:
    source = FakeSource()
    transport = await start(live_stream(source))
    group, reads = source.subscription.group, source.reads
    assert group is not None
    source.pending = ["read"]
    source.context.publish(2)
    await run_tasks()
    assert (transport.written[-1], source.reads) == ("read", reads + 2)


async def test_stream_behind_a_group_does_not_join_it() -> None:
    context = FakeContext()
    first, second = FakeSource(context), FakeSource(context)
    second.cursor = -1
    for source in (first, second):
        await start(live_stream(source))
    assert first.subscription.group is not None
    assert second.subscription.group is None


async def test_constant_rate_stream_joins_no_group_and_keeps_its_ticks() -> None:
    room = Room()
    constant = await room.join(constant_rate_s=2)
    first, second = await room.join(), await room.join()
    await room.pass_time(9)
    written = len(constant.transport.chunks)
    await room.post(first)
    assert (constant.group, len(constant.transport.chunks)) == (None, written)
    assert first.group is second.group is not None
    # The period is drawn near two seconds, and has a phase of its own.
    for _ in range(3):
        await room.pass_time(1.5)
    assert constant.seqs[-1] == 4
    assert len(constant.transport.chunks) - written in (2, 3)


@pytest.mark.parametrize("kind", Kind)
async def test_entry_for_everyone_is_visible_without_mutes(kind: Kind) -> None:
    room = Room()
    reader = await room.join()
    await room.join()
    seat = room.seat(reader.secret, reader.chat_id)
    assert is_shown(OpenEntry(1, kind, sender=2, about=2), seat)
