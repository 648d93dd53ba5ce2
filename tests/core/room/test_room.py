"""A pair closes when one member leaves; every conversation is deleted with its last member."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import (
    ChatClosedError,
    MemberUnknownError,
    MessageUnknownError,
    RateLimitedError,
    RoomClosedError,
    RoomFullError,
)
from server.core.limits import RING_ENTRIES
from server.core.room.lifecycle import PAIR_LIFE, ROOM_LIFE, Life, RoomEvent, RoomState
from server.core.room.log import Kind, RoomLog
from server.core.room.member import Member
from server.core.room.policy import PAIR, Policy
from server.core.room.publication import Outbox, Publication
from server.core.room.room import Room
from tests.core.people import open_entries, post, seat, texts

SEATS = [seat("one"), seat("two")]


def make_pair(outbox: Outbox | None = None) -> tuple[Room, Member, Member]:
    room = Room(outbox=outbox)
    first, second = room.join_pair(*SEATS)
    return room, first, second


def kinds(room: Room) -> list[tuple[Kind, int]]:
    return [(e.kind, e.sender) for e in room.log.read(after=0, limit=100).entries]


def test_two_members_of_a_pair_see_one_event_for_both() -> None:
    room, first, second = make_pair()
    assert kinds(room) == [(Kind.MET, 1)]
    assert first.joined_seq == second.joined_seq == 0
    assert room.members == (first, second)


def test_later_member_sees_no_earlier_entries() -> None:
    room = Room()
    room.join(*SEATS[0])
    later = room.join(*SEATS[1])
    page = room.log.read(after=later.joined_seq, limit=10)
    assert [entry.sender for entry in page.entries] == [2]


def test_names_of_former_members_are_kept() -> None:
    room, first, _ = make_pair()
    names = room.names
    room.leave(first)
    assert room.names == names


def test_pair_closes_when_one_leaves_and_stays_readable() -> None:
    room, first, _ = make_pair()
    room.check_open()
    room.leave(first)
    assert room.state is RoomState.CLOSED
    assert kinds(room)[-1] == (Kind.LEFT_PAIR, 1)
    with pytest.raises(ChatClosedError):
        room.check_open()


def test_absent_member_gets_a_different_event() -> None:
    room, first, _ = make_pair()
    room.leave(first, Kind.ABSENT)
    assert kinds(room)[-1] == (Kind.ABSENT, 1)


def test_last_departure_deletes_messages_and_names() -> None:
    room, first, second = make_pair()
    post(room, first, "words")
    room.leave(first)
    room.leave(second)
    assert room.state is RoomState.SHREDDED
    assert room.log.read(after=0, limit=100).entries == ()
    assert room.names == {}
    assert room.members == ()


def test_each_entry_is_published_in_the_clear_with_its_names() -> None:
    outbox: list[Publication] = []
    room, first, second = make_pair(outbox)
    names = dict(room.names)
    del outbox[:]
    post(room, first, "words")
    room.delete(first, 2)
    room.leave(first)
    # Nobody is left to publish it to.
    room.leave(second)
    published = [(new.entry.kind, new.entry.sender) for new in outbox]
    assert published == [(Kind.MESSAGE, 1), (Kind.DELETED, 1), (Kind.LEFT_PAIR, 1)]
    assert [new.entry.seq for new in outbox] == [2, 3, 4]
    assert [new.entry.message and new.entry.message.text for new in outbox] == ["words", None, None]
    assert [dict(new.names) for new in outbox] == [{1: names[1]}] * 3
    assert {new.room_id for new in outbox} == {room.id}


def test_entry_of_a_muted_sender_is_hidden_from_those_who_muted_them() -> None:
    outbox: list[Publication] = []
    room, first, second = make_pair(outbox)
    room.mute(second, 1)
    post(room, first, "hidden")
    post(room, second, "shown")
    room.mute(second, 1)
    post(room, first, "shown again")
    hidden = [set(new.hidden_from) for new in outbox]
    assert hidden == [set(), {2}, set(), set()]


def test_leaving_twice_raises() -> None:
    room, first, _ = make_pair()
    room.leave(first)
    with pytest.raises(KeyError):
        room.leave(first)


LIVES = [PAIR_LIFE, ROOM_LIFE]


@pytest.mark.parametrize(("life", "state", "event"), list(product(LIVES, RoomState, RoomEvent)))
def test_event_missing_from_the_table_raises(
    life: Life, state: RoomState, event: RoomEvent
) -> None:
    room = Room(replace(PAIR, life=life))
    room._state = state
    row = life.get(state, {})
    if event in row:
        room._transition(event)
        assert room.state is row[event]
    else:
        with pytest.raises(KeyError):
            room._transition(event)
        assert room.state is state


@pytest.mark.parametrize("life", LIVES)
def test_state_tables_only_lead_forward(life: Life) -> None:
    order = list(RoomState)
    for state, row in life.items():
        assert all(order.index(next_state) >= order.index(state) for next_state in row.values())
    assert not life[RoomState.SHREDDED]
    reached = {RoomState.OPEN} | {state for row in life.values() for state in row.values()}
    assert set(life) == reached


def test_departure_closes_a_pair_but_not_a_room() -> None:
    assert PAIR_LIFE[RoomState.OPEN][RoomEvent.MEMBER_GONE] is RoomState.CLOSED
    assert ROOM_LIFE[RoomState.OPEN][RoomEvent.MEMBER_GONE] is RoomState.OPEN


# Rooms


def make_room(capacity: int = 500, slow_s: float = 0) -> Room:
    return Room(Policy(ROOM_LIFE, capacity, slow_s))


def join(room: Room, count: int = 1) -> list[Member]:
    """Add some members."""
    first = room.log.last_seq
    return [room.join(*seat(f"c{first + n}")) for n in range(count)]


def test_room_stays_open_when_members_leave() -> None:
    room = make_room()
    first, second, third = join(room, 3)
    room.leave(first)
    room.leave(third)
    room.check_open()
    assert room.members == (second,)
    assert kinds(room)[-2:] == [(Kind.LEFT_ROOM, 1), (Kind.LEFT_ROOM, 3)]


def test_room_is_shredded_with_the_last_member() -> None:
    room = make_room()
    first, second = join(room, 2)
    post(room, first, "words")
    room.leave(first)
    room.leave(second)
    assert room.state is RoomState.SHREDDED
    assert room.names == {}
    assert room.log.read(after=0, limit=100).entries == ()


def test_full_room_refuses_a_member_and_does_not_change() -> None:
    room = make_room(capacity=2)
    join(room, 2)
    before = kinds(room)
    with pytest.raises(RoomFullError):
        join(room)
    assert kinds(room) == before
    assert len(room.names) == 2
    room.leave(room.members[0])
    join(room)
    assert len(room.members) == 2


def test_member_number_is_never_reused() -> None:
    room = make_room()
    join(room, 2)
    for expected in range(3, 9):
        room.leave(room.members[0])
        (newcomer,) = join(room)
        assert newcomer.number == expected


def test_name_of_a_leaver_is_kept_while_the_ring_mentions_them() -> None:
    room = make_room()
    leaver, stays = join(room, 2)
    room.leave(leaver)
    left_seq = room.log.last_seq
    while room.log.get(left_seq) is not None:
        assert room.name(leaver.number)
        room.leave(join(room)[0])
    assert room.name(leaver.number) == ""
    assert room.name(stays.number)


def test_name_of_a_silent_member_is_kept() -> None:
    room = make_room()
    silent, talker = join(room, 2)
    for _ in range(2 * RING_ENTRIES):
        post(room, talker, "x")
    assert room.name(silent.number)


@given(st.lists(st.sampled_from(["join", "first leaves", "last leaves", "post"]), max_size=60))
def test_names_are_those_of_members_and_ring_entries(steps: list[str]) -> None:
    room = make_room()
    room.log = RoomLog(max_messages=6, max_events=6)
    join(room)
    for step in steps:
        if step == "join":
            join(room)
        elif step == "post":
            post(room, room.members[-1], "x")
        elif len(room.members) > 1:
            room.leave(room.members[0 if step == "first leaves" else -1])
        ring = {entry.sender for entry in room.log.read(after=0, limit=20).entries}
        assert set(room.names) == ring | {member.number for member in room.members}


def test_names_do_not_grow_with_many_joins_and_departures() -> None:
    room = make_room()
    join(room)
    for _ in range(3 * RING_ENTRIES):
        join(room)
        room.leave(room.members[-1])
    assert len(room.names) <= RING_ENTRIES + 1


def test_slow_room_delays_each_member_separately() -> None:
    room = make_room(slow_s=10)
    first, second = join(room, 2)
    room.check_pace(first, 100)
    post(room, first, "x", 100)
    room.check_pace(second, 100)
    with pytest.raises(RateLimitedError) as caught:
        room.check_pace(first, 103.5)
    assert caught.value.retry_after_s == 7
    room.check_pace(first, 110)


def test_closed_room_raises_another_error_than_a_closed_pair() -> None:
    room = make_room()
    join(room)
    room._transition(RoomEvent.CLOSED)
    with pytest.raises(RoomClosedError):
        room.check_open()


def test_room_without_slow_mode_delays_nobody() -> None:
    room = make_room()
    (member,) = join(room)
    post(room, member, "x", 100)
    room.check_pace(member, 100)


def test_message_mentions_members_whose_names_are_kept() -> None:
    room = make_room()
    first, second = join(room, 2)
    post(room, first, f"@{room.name(2).upper()} hello")
    room.leave(second)
    post(room, first, f"@{room.names[2]} come back")
    post(room, first, "@Nobody Here")
    meant = [entry.message and entry.message.mentions for entry in open_entries(room, first)]
    assert meant == [None, None, (2,), None, (2,), ()]


def test_deleted_message_is_erased_and_announced() -> None:
    room = make_room()
    first, second = join(room, 2)
    post(room, first, "secret words")
    room.delete(first, 3)
    entries = room.log.read(after=0, limit=9).entries
    assert [entry.sealed for entry in entries] == [b""] * 4
    assert texts(room, first) == []
    assert (entries[2].kind, entries[2].sender) == (Kind.ERASED, first.number)
    assert (entries[3].kind, entries[3].sender, entries[3].about) == (Kind.DELETED, 1, 3)
    assert room.own_messages(first, 9) == room.own_messages(second, 9) == []


@pytest.mark.parametrize("seq", [0, 1, 2, 4, 5, 99])
def test_only_an_own_message_can_be_deleted_and_only_once(seq: int) -> None:
    room = make_room()
    first, second = join(room, 2)
    post(room, first, "mine")
    post(room, second, "theirs")
    room.delete(first, 3)
    before = room.log.read(after=0, limit=9).entries
    for place in (seq, 3):
        with pytest.raises(MessageUnknownError):
            room.delete(first, place)
    assert room.log.read(after=0, limit=9).entries == before


def test_message_dropped_from_the_ring_cannot_be_deleted() -> None:
    room = make_room()
    (member,) = join(room)
    for _ in range(RING_ENTRIES + 1):
        post(room, member, "x")
    with pytest.raises(MessageUnknownError):
        room.delete(member, 2)


def test_own_messages_are_newest_first_up_to_the_limit() -> None:
    room = make_room()
    first, second = join(room, 2)
    for number in range(3):
        post(room, first, f"{number}")
        post(room, second, "theirs")
    own = room.own_messages(first, 2)
    assert [(entry.seq, entry.sender) for entry in own] == [(7, 1), (5, 1)]


def test_mute_toggles_and_applies_only_to_others() -> None:
    room = make_room()
    first, second = join(room, 2)
    room.mute(first, second.number)
    assert (first.muted, second.muted) == ({2}, set())
    room.mute(first, second.number)
    assert first.muted == set()
    for nobody in (first.number, 0, 3, -1):
        with pytest.raises(MemberUnknownError):
            room.mute(first, nobody)


def test_unknown_numbers_do_not_stay_muted() -> None:
    room = make_room()
    first, second = join(room, 2)
    for _ in range(2 * RING_ENTRIES):
        (newcomer,) = join(room)
        room.mute(first, newcomer.number)
        room.leave(newcomer)
    room.mute(first, second.number)
    assert len(first.muted) <= RING_ENTRIES
