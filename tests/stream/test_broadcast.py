"""Streams that say the same say it in unison; however they part and join, each says all of it once.

The store, its rooms and the streams are real here; the lines take as much as a test wants.
"""

from __future__ import annotations

from contextlib import suppress

import pytest

from server.core.errors import VisitorError
from server.core.limits import HEARTBEAT_S
from server.core.room.log import FOR_ONE, Kind
from server.core.room.message import OpenEntry
from server.core.session.visibility import is_shown
from server.stream.broadcast import BroadcastGroup
from server.stream.live import SPREAD_S, LiveStream
from server.stream.source import HEARTBEAT

from .fakes import FakeContext, FakeSource, entry, speak, turns
from .readers import LATE_S, Reader, Room

STEPS = 120


@pytest.mark.parametrize("seed", range(12))
async def test_each_says_everything_once_in_order_whoever_parts_and_joins(seed: int) -> None:
    room = Room(seed)
    for language in ("en", "en", "en", "fa", "fa"):
        await room.come(language)
    witness = await room.come()
    room.readers.remove(witness)
    gather = 0
    for _ in range(STEPS):
        # Somebody may be too fast, or no longer know of somebody.
        with suppress(VisitorError):
            await room.step()
        await turns()
        gather += sum(reader.group is not None for reader in room.readers)
    assert gather > STEPS, "it was in unison that they read"
    for reader in room.readers:
        await room.empty(reader)
    await turns(999)
    await check(room, witness)


async def check(room: Room, witness: Reader) -> None:
    """Each has said what is for them, once and in order, and it was counted to the byte."""
    page = await room.server.store.read(witness.secret, witness.chat_id, 0, 1_000)
    assert witness.seqs == [entry.seq for entry in page.entries]
    for reader in room.readers:
        first = (await room.server.store.chat(reader.secret, reader.chat_id)).joined_seq
        for_all = {
            entry.seq
            for entry in page.entries
            if entry.seq > first and entry.sender not in reader.ever_muted
        }
        assert reader.seqs == sorted(set(reader.seqs))
        assert for_all <= set(reader.seqs)
        spent = (await room.server.store.lifetime(reader.secret)).traffic_bytes
        assert spent == sum(map(len, reader.outlet.chunks))
    for reader in [*room.gone, *room.readers]:
        reader.live.lost()
        assert reader.group is None
    assert room.server.services.failures == {}


async def test_those_who_are_along_share_one_chunk_and_one_count() -> None:
    room = Room()
    readers = [await room.come() for _ in range(5)]
    persian = await room.come("fa")
    await turns()
    (group,) = {reader.group for reader in readers}
    assert group is not None
    assert persian.group not in (None, group)
    await room.post(readers[0])
    assert len({id(reader.outlet.chunks[-1]) for reader in readers}) == 1
    assert len(group) == 5


async def test_no_heartbeat_comes_before_its_time_after_what_was_said_in_unison() -> None:
    room = Room()
    first, second = await room.come(), await room.come()
    await room.pass_time(HEARTBEAT_S - 5)
    await room.post(second)
    said = len(first.outlet.chunks)
    await room.pass_time(HEARTBEAT_S - 2)
    assert len(first.outlet.chunks) == said
    await room.pass_time(2 + SPREAD_S + LATE_S)
    assert first.outlet.chunks[said:] == [HEARTBEAT.chunk]
    assert first.group is second.group is not None


async def test_who_mutes_is_told_alone_and_the_words_reach_the_others_only() -> None:
    room = Room()
    first, second, third = [await room.come() for _ in range(3)]
    await room.mute(third, first.number)
    assert third.group is None
    await room.post(first)
    assert second.seqs[-1] == first.seqs[-1] == 4
    assert third.seqs[-1] == 3
    # What others say is heard at once, and alone.
    await room.post(second)
    assert (third.seqs[-1], third.group) == (5, None)
    await room.mute(third, first.number)
    await room.post(second)
    assert (third.seqs[-1], third.group) == (6, second.group)


async def test_what_is_for_one_is_said_to_nobody_else_and_all_go_on_together() -> None:
    room = Room()
    first, second, third = [await room.come() for _ in range(3)]
    await room.server.store.start_side_chat(first.secret, first.chat_id, second.number)
    assert [reader.seqs[-1] for reader in (first, second, third)] == [3, 4, 3]
    await room.post(first)
    await turns()
    assert [reader.seqs[-1] for reader in (first, second, third)] == [5, 5, 5]
    assert first.group is second.group is third.group is not None


async def test_what_was_heard_in_unison_is_no_news_elsewhere() -> None:
    room = Room()
    first, second = await room.come(), await room.come()
    store = room.server.store
    other = await store.join(first.secret, "quiet")
    await room.post(second)
    assert first.group is not None
    assert await store.unread_elsewhere(first.secret, other) == []
    first.live.part()
    assert await store.unread_elsewhere(first.secret, other) == []
    # The first of these is what fills the line.
    await room.fill(first)
    for _ in range(2):
        await room.post(second)
    (news,) = await store.unread_elsewhere(first.secret, other)
    assert news.chat_id == first.chat_id


async def test_line_that_fails_ends_and_the_others_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, group = FakeContext(), None
    lives, outlets, feeds = [], [], []
    for _ in range(3):
        feed = FakeSource()
        live = LiveStream("", feed, server)
        outlets.append(await speak(live))
        group = group or live.found()
        lives.append(live)
        feeds.append(feed)

    def fail(_chunk: bytes) -> None:
        raise OSError

    monkeypatch.setattr(outlets[1], "write", fail)
    assert group is not None
    assert all(live.join(group) for live in lives)
    group.hear(entry(1))
    assert [outlet.said[-1] for outlet in outlets] == ["(heard 1)", "<i></i>", "(heard 1)"]
    assert [feed.open_streams for feed in feeds] == [1, 0, 1]
    assert (len(group), server.failures) == (2, {"OSError": 1})


async def test_words_that_cannot_be_rendered_end_each_stream_by_itself() -> None:
    server, feed = FakeContext(), FakeSource()
    live = LiveStream("", feed, server)
    outlet = await speak(live)
    group = live.found()
    assert live.join(group)
    feed.is_broken = True
    group.hear(entry(1))
    await turns()
    assert (outlet.said, outlet.finished, feed.open_streams) == (["", "<i></i>"], 1, 0)
    assert server.failures == {"KeyError": 1}


async def test_who_has_said_less_does_not_join_and_what_is_not_the_next_is_read() -> None:
    server, feed = FakeContext(), FakeSource()
    live = LiveStream("", feed, server)
    await speak(live)
    assert not live.join(BroadcastGroup(1, server.clock))
    group = live.found()
    assert live.join(group)
    feed.waiting = ["read"]
    group.hear(entry(2))
    await turns()
    assert len(group) == 0
    assert feed.reads == 3


async def test_steady_stream_speaks_alone_and_in_its_own_time() -> None:
    room = Room()
    steady, first, second = await room.come(constant_rate_s=2), await room.come(), await room.come()
    await room.pass_time(9)
    said = len(steady.outlet.chunks)
    await room.post(first)
    assert (steady.group, len(steady.outlet.chunks)) == (None, said)
    assert first.group is second.group is not None
    for _ in range(2):
        await room.pass_time(2)
    assert (steady.seqs[-1], len(steady.outlet.chunks)) == (4, said + 2)


async def test_line_that_cannot_even_end_keeps_nothing_from_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = Room()
    readers = [await room.come() for _ in range(3)]
    broken = readers[1]

    def fail(_chunk: bytes) -> None:
        raise OSError

    (group,) = {reader.group for reader in readers}
    assert group is not None
    monkeypatch.setattr(broken.outlet, "write", fail)
    monkeypatch.setattr(broken.outlet, "finish", fail)
    group.discard(broken.live)
    group.add(broken.live, fail)
    group.add(readers[2].live, readers[2].outlet.write)
    await room.post(readers[0])
    await room.post(readers[0])
    assert [reader.seqs[-1] for reader in readers] == [5, 3, 5]
    assert (broken.outlet.cuts, len(group)) == (1, 2)
    assert room.server.services.failures == {"OSError": 2}


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in FOR_ONE])
async def test_whatever_is_not_for_one_is_for_all_who_mute_nobody(kind: Kind) -> None:
    room = Room()
    reader = await room.come()
    await room.come()
    seat = room.seat(reader.secret, reader.chat_id)
    assert is_shown(OpenEntry(1, kind, sender=2, about=2), seat)
