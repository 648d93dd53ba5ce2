"""A room has one pace, which its speakers share fairly; nobody notices it while there is room."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.cells import Event
from server.core.errors import RateLimitedError
from server.core.ids import CircuitKey
from server.core.limits import (
    CIRCUIT_KEPT_S,
    NEWCOMER_S,
    POST_BURST,
    POST_EVERY_S,
    ROOM_BURST_CELLS,
    ROOM_CELLS_PER_S,
    SHARE_CELLS,
)
from server.core.ratelimit import TokenBucket
from server.core.room.log import Kind
from server.core.room.message import Message, OpenEntry
from server.core.room.pace import RoomPace, message_cells
from server.core.room.room import Room
from server.locales.language import load_language
from server.web.render.entries import render_entry
from tests.core.people import seat

OLD = NEWCOMER_S
"""Seconds that a member has been present who is no newcomer."""


def wait_of(
    pace: RoomPace, speaker: int, now_s: float, cells: int = 1, present_s: float = OLD
) -> int:
    """Return the seconds that a speaker has to wait; 0 if they may post now."""
    try:
        pace.check(speaker, cells, present_s, now_s)
    except RateLimitedError as error:
        return error.retry_after_s
    return 0


def say(pace: RoomPace, speaker: int, now_s: float, cells: int = 1, present_s: float = OLD) -> bool:
    """Post if the speaker may; return whether they did."""
    if wait_of(pace, speaker, now_s, cells, present_s):
        return False
    pace.charge(speaker, cells, now_s)
    return True


def make_busy(pace: RoomPace, now_s: float = 0, speaker: int = 99) -> None:
    """Let one speaker use up everything that the room has to spare."""
    while say(pace, speaker, now_s):
        pass


def flood(pace: RoomPace, speakers: range, seconds: int, now_s: float = 0) -> dict[int, int]:
    """Let speakers try ten times a second; return the cells that each of them wrote."""
    written = dict.fromkeys(speakers, 0)
    for tenth in range(10 * seconds):
        for speaker in speakers:
            written[speaker] += say(pace, speaker, now_s + tenth / 10)
    return written


def test_one_speaker_gets_the_whole_rate_and_no_more() -> None:
    seconds = 100
    (written,) = flood(RoomPace(), range(1, 2), seconds).values()
    most = ROOM_BURST_CELLS + SHARE_CELLS + seconds * ROOM_CELLS_PER_S
    assert most - SHARE_CELLS - 2 <= written <= most


def test_many_speakers_together_get_no_more_than_the_rate() -> None:
    pace, seconds = RoomPace(), 100
    begun = sum(flood(pace, range(60), seconds).values())
    most_at_first = ROOM_BURST_CELLS + 60 * SHARE_CELLS
    assert begun <= most_at_first + seconds * ROOM_CELLS_PER_S
    written = flood(pace, range(60), seconds, now_s=seconds)
    assert sum(written.values()) == pytest.approx(seconds * ROOM_CELLS_PER_S, rel=0.05)
    assert max(written.values()) - min(written.values()) <= 2


def test_quiet_speaker_is_not_slowed_by_a_flood() -> None:
    pace = RoomPace()
    flood(pace, range(1, 11), 20)
    # Eleven speakers: an equal share is one cell in less than four seconds.
    for turn in range(20):
        now_s = 20 + 5 * turn
        make_busy(pace, now_s, speaker=1)
        assert say(pace, 100, now_s)
        flood(pace, range(1, 11), 5, now_s)


def test_what_quiet_speakers_leave_is_shared_by_the_others() -> None:
    pace, written = RoomPace(), {1: 0, 2: 0}
    flood(pace, range(1, 3), 30)
    for tenth in range(600):
        now_s = 30 + tenth / 10
        if tenth % 100 == 0:
            assert say(pace, 3, now_s)
        for speaker in written:
            written[speaker] += say(pace, speaker, now_s)
    total = 60 * ROOM_CELLS_PER_S - 6
    assert written[1] + written[2] == pytest.approx(total, abs=6)
    assert min(written.values()) >= 0.9 * total / 2


@dataclass
class NaiveShares:
    """Max-min sharing with a list of buckets that is walked each time."""

    missing: dict[int, float] = field(default_factory=dict)
    """Speaker -> cells until the bucket is full; full buckets are left out."""

    def advance(self, seconds: float) -> None:
        """Refill: all together at the rate of the room, each at the same speed."""
        cells = seconds * ROOM_CELLS_PER_S
        while self.missing and cells > 1e-12:
            first = min(self.missing.values())
            step = min(first, cells / len(self.missing))
            cells -= step * len(self.missing)
            self.missing = {
                speaker: missing - step
                for speaker, missing in self.missing.items()
                if missing - step > 1e-12
            }


@given(
    steps=st.lists(
        st.tuples(st.integers(1, 6), st.integers(1, 8), st.floats(0, 4)), min_size=1, max_size=60
    )
)
def test_shares_agree_with_a_naive_model(steps: list[tuple[int, int, float]]) -> None:
    pace, naive, now_s = RoomPace(), NaiveShares(), 0.0
    for speaker, cells, seconds in steps:
        now_s += seconds
        naive.advance(seconds)
        pace.charge(speaker, cells, now_s)
        most = SHARE_CELLS + 64
        naive.missing[speaker] = min(most, naive.missing.get(speaker, 0.0) + cells)
        for each in range(1, 7):
            missing = pace._full_at.get(each, 0.0) - pace._virtual
            assert max(0.0, missing) == pytest.approx(naive.missing.get(each, 0.0), abs=1e-6)
        assert len(pace._heap) <= 2 * pace.speakers + 17


def test_wait_is_enough_if_nobody_else_begins_to_speak() -> None:
    rng = random.Random(1)  # noqa: S311 the same steps in each run
    pace, now_s, waits = RoomPace(), 0.0, 0
    for _ in range(3_000):
        now_s += rng.random() / 20
        speaker = rng.randrange(8)
        wait_s = wait_of(pace, speaker, now_s)
        if wait_s:
            waits += 1
            now_s += wait_s
            assert wait_of(pace, speaker, now_s) == 0
        pace.charge(speaker, rng.choice([1, 1, 2, 4]), now_s)
    assert waits > 100


def test_newcomer_waits_in_a_busy_room_only() -> None:
    pace = RoomPace()
    assert wait_of(pace, 1, 0, present_s=0) == 0
    make_busy(pace)
    assert wait_of(pace, 2, 0, present_s=NEWCOMER_S - 1) > 0
    assert wait_of(pace, 3, 0, present_s=NEWCOMER_S) == 0
    # The newcomer's share fills while they wait.
    assert wait_of(pace, 2, 2, present_s=NEWCOMER_S - 1) == 0


def test_member_who_begins_in_a_busy_room_has_a_few_messages() -> None:
    pace = RoomPace()
    make_busy(pace)
    said = 0
    while say(pace, 1, 0):
        said += 1
    assert said == SHARE_CELLS


def test_share_that_is_full_is_not_stored() -> None:
    pace = RoomPace()
    make_busy(pace)
    for speaker in range(5):
        say(pace, speaker, 0)
    assert pace.speakers == 6
    pace.charge(1, 1, 3_600)
    assert pace.speakers == 1


def test_long_message_is_charged_by_its_cells() -> None:
    names = {1: "Incomprehensible Grasshopper"}
    for text in ("x", "x" * 300, "x" * 301, "x" * 2_000, "&" * 2_000, "\u1000" * 2_000):
        entry = OpenEntry(9_999_999, Kind.MESSAGE, 1, message=Message(text))
        event = Event(render_entry(entry, names, load_language("en")))
        assert message_cells(text) * 498 == len(event.chunk)


def test_long_message_in_a_busy_room_needs_a_full_share() -> None:
    pace = RoomPace()
    pace.charge(1, 1, 0)
    flood(pace, range(10, 20), 10)
    assert wait_of(pace, 1, 10, cells=8) == 0
    pace.charge(1, 8, 10)
    assert wait_of(pace, 1, 10) > 0
    assert wait_of(pace, 2, 10) == 0


def test_long_messages_of_many_speakers_do_not_add_up() -> None:
    pace = RoomPace()
    make_busy(pace)
    written = sum(8 * say(pace, speaker, 0, cells=8) for speaker in range(60))
    assert written <= ROOM_BURST_CELLS + 60 * SHARE_CELLS / 8
    assert wait_of(pace, 100, 0) == 0


def test_longest_message_in_a_quiet_room_needs_no_wait() -> None:
    assert wait_of(RoomPace(), 1, 0, cells=32, present_s=0) == 0


def test_long_message_is_paid_back_before_the_next() -> None:
    pace = RoomPace()
    make_busy(pace)
    pace.charge(1, 32, 0)
    assert wait_of(pace, 1, 5) > 0
    # Others who have spoken less come first, as long as the room is busy.
    assert wait_of(pace, 2, 5) == 0
    assert wait_of(pace, 1, 30) == 0


# Circuits


A, B = CircuitKey(b"a" * 16), CircuitKey(b"b" * 16)


def test_sessions_of_one_circuit_are_one_speaker() -> None:
    pace = RoomPace()
    assert [pace.speaker_of(number, A, 0) for number in (3, 4, 5)] == [3, 3, 3]
    assert pace.speaker_of(6, B, 0) == 6


def test_session_keeps_its_speaker_when_its_circuit_changes() -> None:
    pace = RoomPace()
    assert pace.speaker_of(4, A, 0) == 4
    speaker = pace.speaker_of(5, A, 0)
    assert pace.speaker_of(speaker, B, 0) == 4
    # A third session that comes through the new circuit has the same share.
    assert pace.speaker_of(6, B, 0) == 4


def test_without_circuits_each_session_is_a_speaker() -> None:
    pace = RoomPace()
    assert [pace.speaker_of(number, None, 0) for number in (3, 4)] == [3, 4]
    assert pace.circuits == 0


def test_circuit_is_forgotten_some_time_after_its_last_message() -> None:
    pace = RoomPace()
    pace.speaker_of(1, A, 0)
    pace.speaker_of(2, B, 5)
    pace.speaker_of(1, A, 10)
    pace.forget_circuits(CIRCUIT_KEPT_S + 5)
    assert pace.circuits == 1
    pace.forget_circuits(CIRCUIT_KEPT_S + 10)
    assert pace.circuits == 0


# Ordinary conversations


@pytest.mark.parametrize("seed", range(5))
def test_lively_room_of_twenty_people_never_waits(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 the same hour in each run
    pace, refused, posted = RoomPace(), 0, 0
    # Each writes about every fifteen seconds, some much more often, often one thought in pieces.
    due = [(rng.expovariate(1 / 15), person) for person in range(20)]
    while (now := min(due))[0] < 3_600:
        due.remove(now)
        now_s, person = now
        text = "x" * rng.choice([5, 20, 60, 120, 120, 400, 1_200 if rng.random() < 0.1 else 30])
        refused += not say(pace, person, now_s, message_cells(text), present_s=now_s)
        posted += 1
        every_s = 10 if person < 4 else 25
        pause_s = 2 if rng.random() < 0.3 else rng.expovariate(1 / every_s)
        due.append((now_s + max(1, pause_s), person))
    assert posted > 4_000
    assert refused == 0


def test_twenty_people_may_greet_a_newcomer_at_once() -> None:
    pace = RoomPace()
    assert all(say(pace, person, 0) for person in range(20))
    assert say(pace, 20, 1, present_s=1)


def test_pair_is_not_slowed_beyond_the_bucket_of_a_session() -> None:
    room = Room()
    both = room.join_pair(seat("a"), seat("b"))
    buckets = [TokenBucket(burst=POST_BURST, every_s=POST_EVERY_S, now_s=0) for _ in both]
    for second in range(600):
        for member, bucket in zip(both, buckets, strict=True):
            try:
                bucket.take(second)
            except RateLimitedError:
                continue
            room.check_share(member, A, "words", second)
    assert room.pace is None
