"""The log keeps order, drops from whoever holds most of it, and reports how many were missed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import BadCursorError, MessageTooLongError
from server.core.limits import ENTRY_BYTES, RING_BYTES, RING_HORIZON, RING_MESSAGES
from server.core.room.log import Entry, Kind, RoomLog


def make_log(*bodies: bytes, max_messages: int = 3, max_bytes: int = 100) -> RoomLog:
    log = RoomLog(max_messages=max_messages, max_bytes=max_bytes)
    for body in bodies:
        log.append(Kind.MESSAGE, 1, sealed=body)
    return log


def test_reader_gets_only_entries_after_its_cursor() -> None:
    page = make_log(b"a", b"b", b"c").read(after=1, limit=10)
    assert [(e.seq, e.sealed) for e in page.entries] == [(2, b"b"), (3, b"c")]
    assert (page.cursor, page.missed_count) == (3, 0)


def test_up_to_date_reader_gets_an_empty_page_and_keeps_its_cursor() -> None:
    page = make_log(b"a").read(after=1, limit=10)
    assert (page.entries, page.cursor, page.missed_count) == ((), 1, 0)


def test_slow_reader_learns_how_many_messages_it_missed() -> None:
    page = make_log(b"a", b"b", b"c", b"d", b"e").read(after=0, limit=10)
    assert [e.seq for e in page.entries] == [3, 4, 5]
    assert page.missed_count == 2


def test_long_message_evicts_as_many_old_ones_as_it_needs() -> None:
    page = make_log(b"aaa", b"bbb", b"ccccc", max_bytes=6).read(after=0, limit=10)
    assert [e.sealed for e in page.entries] == [b"ccccc"]


def test_message_larger_than_the_log_is_refused_and_changes_nothing() -> None:
    log = make_log(b"a", max_bytes=6)
    with pytest.raises(MessageTooLongError):
        log.append(Kind.MESSAGE, 1, sealed=b"7 bytes")
    assert log.last_seq == 1
    assert [e.sealed for e in log.read(after=0, limit=10).entries] == [b"a"]


def test_entry_has_its_kind_and_sender() -> None:
    log = make_log()
    appended, _ = log.append(Kind.LEFT_PAIR, 2)
    (entry,) = log.read(after=0, limit=1).entries
    assert entry == appended
    assert (entry.kind, entry.sender, entry.sealed) == (Kind.LEFT_PAIR, 2, b"")


@pytest.mark.parametrize("cursor", [-1, 2])
def test_cursor_beyond_the_log_is_refused(cursor: int) -> None:
    with pytest.raises(BadCursorError):
        make_log(b"a").read(after=cursor, limit=10)


@pytest.mark.parametrize(
    "size", [{"max_messages": 0}, {"max_events": 0}, {"max_bytes": 0}, {"horizon": 0}]
)
def test_log_without_capacity_raises(size: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be able to hold"):
        RoomLog(**size)


def test_log_has_the_documented_default_bounds() -> None:
    log = RoomLog()
    for _ in range(RING_MESSAGES + 1):
        log.append(Kind.MESSAGE, 1, sealed=b"x")
    assert log.read(after=0, limit=1_000).missed_count == 1
    log.append(Kind.MESSAGE, 1, sealed=b"x" * RING_BYTES)
    assert len(log.read(after=0, limit=1_000).entries) == 1


def test_many_joins_evict_events_and_no_messages() -> None:
    log = RoomLog(max_messages=2, max_events=3)
    log.append(Kind.MESSAGE, 1, sealed=b"words")
    for number in range(2, 7):
        log.append(Kind.JOINED, number)
    page = log.read(after=0, limit=9)
    assert [entry.sender for entry in page.entries] == [1, 4, 5, 6]
    assert (page.cursor, page.missed_count) == (6, 2)


def test_many_messages_evict_no_events() -> None:
    log = RoomLog(max_messages=2, max_events=3)
    log.append(Kind.JOINED, 1)
    for text in (b"one", b"two", b"three"):
        log.append(Kind.MESSAGE, 1, sealed=text)
    page = log.read(after=0, limit=9)
    assert [entry.sealed for entry in page.entries] == [b"", b"two", b"three"]
    assert page.missed_count == 1


def test_exceeding_the_byte_bound_evicts_messages_only() -> None:
    log = RoomLog(max_messages=9, max_events=9, max_bytes=4)
    log.append(Kind.MET, 1, 2)
    log.append(Kind.MESSAGE, 1, sealed=b"one")
    log.append(Kind.MESSAGE, 1, sealed=b"two")
    assert [entry.seq for entry in log.read(after=0, limit=9).entries] == [1, 3]


def test_append_returns_the_evicted_entries() -> None:
    log = RoomLog(max_messages=1, max_events=1)
    first, none = log.append(Kind.MESSAGE, 1, sealed=b"one")
    assert none == []
    assert log.append(Kind.MESSAGE, 1, sealed=b"two")[1] == [first]


def test_erased_message_still_counts_as_a_message() -> None:
    log = RoomLog(max_messages=2, max_events=3)
    log.append(Kind.MESSAGE, 1, sealed=b"one")
    log.append(Kind.MESSAGE, 1, sealed=b"two")
    log.erase(1)
    log.append(Kind.MESSAGE, 1, sealed=b"three")
    assert [entry.sealed for entry in log.read(after=0, limit=9).entries] == [b"two", b"three"]


def test_shred_drops_everything() -> None:
    log = make_log(b"a", b"b")
    log.shred()
    page = log.read(after=0, limit=10)
    assert (page.entries, page.missed_count) == ((), 2)


def test_shred_is_idempotent_and_frees_all_bytes() -> None:
    log = make_log(b"aaaaaa", max_bytes=6)
    log.shred()
    log.shred()
    assert log.append(Kind.MESSAGE, 1, sealed=b"bbb")[0].seq == 2
    log.append(Kind.MESSAGE, 1, sealed=b"ccc")
    assert [e.sealed for e in log.read(after=0, limit=10).entries] == [b"bbb", b"ccc"]


@dataclass
class NaiveLog:
    """Keeps what the log should keep, and looks at everything each time."""

    max_messages: int
    max_events: int
    max_bytes: int
    horizon: int
    messages: list[tuple[int, bytes, int]] = field(default_factory=list)
    """`seq`, body and speaker of each message that is kept, oldest first."""

    events: list[tuple[int, bytes]] = field(default_factory=list)
    posted: list[int] = field(default_factory=list)
    """The `seq` of every message that was ever appended."""

    last_seq: int = 0

    def append(self, is_message: bool, body: bytes, speaker: int) -> list[int]:
        """Append an entry; return what was dropped for it, in that order."""
        self.last_seq += 1
        if not is_message:
            self.events.append((self.last_seq, b""))
            dropped = self.events[: -self.max_events]
            self.events = self.events[-self.max_events :]
            return [seq for seq, _ in dropped]
        self.messages.append((self.last_seq, body, speaker))
        self.posted.append(self.last_seq)
        dropped_seqs = []
        while sum(seq > self.messages[0][0] for seq in self.posted) >= self.horizon:
            dropped_seqs.append(self.messages.pop(0)[0])
        while len(self.messages) > self.max_messages:
            dropped_seqs.append(self.drop(lambda held: len(held)))
        while sum(len(body) for _, body, _ in self.messages) > self.max_bytes:
            dropped_seqs.append(self.drop(lambda held: sum(len(body) for _, body, _ in held)))
        return dropped_seqs

    def drop(self, size: Callable[[list[tuple[int, bytes, int]]], int]) -> int:
        """Drop the oldest message of whoever holds most."""
        by_speaker: dict[int, list[tuple[int, bytes, int]]] = {}
        for message in self.messages:
            by_speaker.setdefault(message[2], []).append(message)
        # Oldest message first, so that the first of the largest is the one to drop.
        others = [held for held in by_speaker.values() if held[0][0] != self.last_seq]
        victim = max(others, key=size)[0]
        self.messages.remove(victim)
        return victim[0]

    def kept(self) -> list[tuple[int, bytes]]:
        """Return `seq` and body of everything that is kept."""
        return sorted([(seq, body) for seq, body, _ in self.messages] + self.events)


@given(
    appended=st.lists(
        st.tuples(st.booleans(), st.binary(max_size=5), st.integers(1, 4)), max_size=40
    ),
    max_messages=st.integers(1, 8),
    max_events=st.integers(1, 8),
    max_bytes=st.integers(5, 30),
    horizon=st.integers(1, 30),
    limit=st.integers(1, 10),
    data=st.data(),
)
def test_read_agrees_with_a_naive_model(
    appended: list[tuple[bool, bytes, int]],
    max_messages: int,
    max_events: int,
    max_bytes: int,
    horizon: int,
    limit: int,
    data: st.DataObject,
) -> None:
    log = RoomLog(
        max_messages=max_messages, max_events=max_events, max_bytes=max_bytes, horizon=horizon
    )
    naive = NaiveLog(max_messages, max_events, max_bytes, horizon)
    for is_message, body, speaker in appended:
        kind = Kind.MESSAGE if is_message else Kind.JOINED
        body = body if is_message else b""
        entry, dropped = log.append(kind, 1, sealed=body, speaker=speaker)
        assert [old.seq for old in dropped] == naive.append(is_message, body, speaker)
        assert log.get(entry.seq) is entry
        kept = naive.kept()
        assert log.size_bytes == len(kept) * ENTRY_BYTES + sum(len(body) for _, body in kept)
    after = data.draw(st.integers(0, len(appended)))
    until = data.draw(st.none() | st.integers(0, len(appended)))

    page = log.read(after, limit=limit, until=until)

    last = len(appended) if until is None else until
    unread = [(seq, body) for seq, body in naive.kept() if after < seq <= last]
    assert [(e.seq, e.sealed) for e in page.entries] == unread[:limit]
    # Every entry is accounted for: already seen, missed, returned, or still unread.
    assert page.cursor == after + page.missed_count + len(page.entries)
    end = max(after, last)
    assert page.cursor == (unread[limit - 1][0] if len(unread) > limit else end)


@given(
    appended=st.lists(st.tuples(st.booleans(), st.integers(1, 4)), max_size=60),
    limit=st.integers(1, 5),
)
def test_reader_page_by_page_counts_each_gap_once(
    appended: list[tuple[bool, int]], limit: int
) -> None:
    log = RoomLog(max_messages=6, max_events=3)
    for is_message, speaker in appended:
        log.append(Kind.MESSAGE if is_message else Kind.JOINED, 1, sealed=b"", speaker=speaker)
    cursor, seqs, missed = 0, [], 0
    while cursor < log.last_seq:
        page = log.read(cursor, limit=limit)
        cursor, missed = page.cursor, missed + page.missed_count
        seqs += [entry.seq for entry in page.entries]
    assert seqs == sorted(set(seqs))
    assert missed == len(appended) - len(seqs)


def test_speaker_with_the_most_messages_loses_their_oldest() -> None:
    log = RoomLog(max_messages=6)
    for sender in (1, 2, 3):
        log.append(Kind.MESSAGE, sender, sealed=b"first words")
    for _ in range(20):
        log.append(Kind.MESSAGE, 4, sealed=b"flood")
    page = log.read(after=0, limit=9)
    assert [(entry.seq, entry.sender) for entry in page.entries] == [
        *((1, 1), (2, 2), (3, 3)),
        *((21, 4), (22, 4), (23, 4)),
    ]
    assert (page.cursor, page.missed_count) == (23, 17)


def test_speaker_with_the_most_bytes_loses_their_oldest() -> None:
    log = RoomLog(max_messages=99, max_bytes=20)
    for sender, length in ((1, 3), (2, 8), (1, 3), (2, 6)):
        log.append(Kind.MESSAGE, sender, sealed=b"x" * length)
    log.append(Kind.MESSAGE, 3, sealed=b"x" * 2)
    assert [entry.seq for entry in log.read(after=0, limit=9).entries] == [1, 3, 4, 5]


def test_sessions_that_share_a_speaker_share_one_part_of_the_ring() -> None:
    log = RoomLog(max_messages=6)
    for sender in (1, 2, 3):
        log.append(Kind.MESSAGE, sender, sealed=b"words")
    for sender in range(10, 30):
        log.append(Kind.MESSAGE, sender, sealed=b"flood", speaker=10)
    kept = log.read(after=0, limit=9).entries
    assert [entry.sender for entry in kept] == [1, 2, 3, 27, 28, 29]


def test_message_past_the_horizon_is_dropped_although_the_ring_is_not_full() -> None:
    log = RoomLog(max_messages=9, horizon=3)
    for _ in range(4):
        log.append(Kind.MESSAGE, 1, sealed=b"words")
    assert [entry.seq for entry in log.read(after=0, limit=9).entries] == [2, 3, 4]


def test_message_past_the_horizon_is_dropped_first() -> None:
    log = RoomLog(max_messages=4, horizon=6)
    for sender in (1, 2, 3):
        log.append(Kind.MESSAGE, sender, sealed=b"old")
    for posted in range(1, 10):
        log.append(Kind.MESSAGE, 4, sealed=b"new")
        kept = [entry.sender for entry in log.read(after=0, limit=9).entries]
        # Two of the first three were posted after the first one, so four more reach the horizon.
        past = min(3, max(0, posted - 3))
        assert kept == [*range(past + 1, 4), *[4] * (past + 1)]


def test_ring_of_a_busy_room_is_not_filled_by_former_speakers() -> None:
    log = RoomLog()
    for sender in range(1, RING_MESSAGES + 1):
        log.append(Kind.MESSAGE, sender, sealed=b"one word")
    for turn in range(RING_HORIZON + RING_MESSAGES):
        log.append(Kind.MESSAGE, 1_000 + turn % 4, sealed=b"the present conversation")
    kept = log.read(after=0, limit=999).entries
    assert [entry.seq for entry in kept] == list(
        range(log.last_seq - RING_MESSAGES + 1, log.last_seq + 1)
    )


def test_give_way_drops_from_the_largest_holder_then_events() -> None:
    log = RoomLog()
    log.append(Kind.JOINED, 1)
    for sender in (1, 2, 2):
        log.append(Kind.MESSAGE, sender, sealed=b"words")
    dropped = [entry.seq for _ in range(5) for entry in log.give_way()]
    assert dropped == [3, 2, 4, 1]
    assert log.size_bytes == 0


def test_erased_entry_keeps_only_its_position_and_sender() -> None:
    log = RoomLog(max_messages=3, max_bytes=100)
    for text in (b"one", b"two", b"three"):
        log.append(Kind.MESSAGE, 4, epoch=3, sealed=text)
    log.erase(2)
    assert log.get(2) == Entry(2, Kind.ERASED, 4)
    assert [entry.sealed for entry in log.read(after=0, limit=9).entries] == [b"one", b"", b"three"]


def test_erasing_frees_bytes() -> None:
    log = RoomLog(max_messages=9, max_bytes=6)
    for text in (b"aaa", b"bbb"):
        log.append(Kind.MESSAGE, 1, sealed=text)
    log.erase(1)
    log.append(Kind.MESSAGE, 1, sealed=b"ccc")
    assert [entry.sealed for entry in log.read(after=0, limit=9).entries] == [b"", b"bbb", b"ccc"]


@pytest.mark.parametrize("seq", [-1, 0, 1, 5])
def test_missing_entry_is_none_and_cannot_be_erased(seq: int) -> None:
    log = RoomLog(max_messages=3, max_bytes=100)
    for _ in range(4):
        log.append(Kind.MESSAGE, 1, sealed=b"x")
    assert log.get(seq) is None
    with pytest.raises(ValueError, match="no such entry"):
        log.erase(seq)


def test_drop_epochs_drops_their_messages_and_no_events() -> None:
    log = RoomLog(max_messages=9, max_events=9, max_bytes=100)
    for epoch in (1, 1, 2, 3):
        log.append(Kind.MESSAGE, 1, epoch=epoch, sealed=b"words")
        log.append(Kind.JOINED, 2)
    log.erase(3)
    dropped = log.drop_epochs(2)
    assert [entry.seq for entry in dropped] == [1, 3, 5]
    page = log.read(after=0, limit=9)
    assert [entry.seq for entry in page.entries] == [2, 4, 6, 7, 8]
    assert page.missed_count == 3
    assert log.drop_epochs(2) == []


def test_message_continues_only_the_one_right_before_it_of_the_same_sender() -> None:
    log = make_log(b"a", b"b", max_messages=9)
    log.append(Kind.MESSAGE, 2, sealed=b"other")
    log.append(Kind.MESSAGE, 1, sealed=b"c")
    log.append(Kind.LEFT_ROOM, 1)
    log.append(Kind.MESSAGE, 1, sealed=b"d")
    log.append(Kind.MESSAGE, 1, sealed=b"e")
    entries = log.read(after=0, limit=10).entries
    continues = [entry.continues(before) for before, entry in pairwise(entries)]
    assert continues == [True, False, False, False, False, True]
    first, _, last = entries[0], entries[1], entries[-1]
    assert not last.continues(first)  # what stood between may have been dropped
    log.erase(1)
    erased, second = log.read(after=0, limit=2).entries
    assert not second.continues(erased)
