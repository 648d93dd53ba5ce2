"""A conversation opens with two, closes when one is gone, and vanishes with the last."""

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
from tests.core.people import opened, say, seat, texts

SEATS = [seat("one"), seat("two")]


def make_pair(outbox: Outbox | None = None) -> tuple[Room, Member, Member]:
    room = Room(outbox=outbox)
    first, second = room.join_pair(*SEATS)
    return room, first, second


def kinds(room: Room) -> list[tuple[Kind, int]]:
    return [(e.kind, e.sender) for e in room.log.read(after=0, limit=100).entries]


def test_two_who_come_together_each_see_both_come() -> None:
    room, first, second = make_pair()
    assert kinds(room) == [(Kind.MET, 1)]
    assert first.joined_seq == second.joined_seq == 0
    assert room.members == (first, second)


def test_later_comer_sees_nothing_from_before() -> None:
    room = Room()
    room.join(*SEATS[0])
    later = room.join(*SEATS[1])
    page = room.log.read(after=later.joined_seq, limit=10)
    assert [entry.sender for entry in page.entries] == [2]


def test_names_are_kept_for_those_who_left() -> None:
    room, first, _ = make_pair()
    names = room.names
    room.leave(first)
    assert room.names == names


def test_one_gone_closes_it_and_it_can_still_be_read() -> None:
    room, first, _ = make_pair()
    room.check_open()
    room.leave(first)
    assert room.state is RoomState.CLOSED
    assert kinds(room)[-1] == (Kind.LEFT, 1)
    with pytest.raises(ChatClosedError):
        room.check_open()


def test_one_who_never_came_is_told_apart() -> None:
    room, first, _ = make_pair()
    room.leave(first, Kind.ABSENT)
    assert kinds(room)[-1] == (Kind.ABSENT, 1)


def test_last_gone_leaves_no_word_and_no_name() -> None:
    room, first, second = make_pair()
    say(room, first, "words")
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
    say(room, first, "words")
    room.delete(first, 2)
    room.leave(first)
    # Nobody is left to publish it to.
    room.leave(second)
    published = [(new.entry.kind, new.entry.sender) for new in outbox]
    assert published == [(Kind.MESSAGE, 1), (Kind.DELETED, 1), (Kind.LEFT, 1)]
    assert [new.entry.seq for new in outbox] == [2, 3, 4]
    assert [new.entry.message and new.entry.message.text for new in outbox] == ["words", None, None]
    assert [dict(new.names) for new in outbox] == [{1: names[1]}] * 3
    assert {new.room_id for new in outbox} == {room.id}


def test_entry_of_a_muted_sender_is_hidden_from_those_who_muted_them() -> None:
    outbox: list[Publication] = []
    room, first, second = make_pair(outbox)
    room.mute(second, 1)
    say(room, first, "hidden")
    say(room, second, "shown")
    room.mute(second, 1)
    say(room, first, "shown again")
    hidden = [set(new.hidden_from) for new in outbox]
    assert hidden == [set(), {2}, set(), set()]


def test_leaving_twice_is_a_bug_and_raises() -> None:
    room, first, _ = make_pair()
    room.leave(first)
    with pytest.raises(KeyError):
        room.leave(first)


LIVES = [PAIR_LIFE, ROOM_LIFE]


@pytest.mark.parametrize(("life", "state", "event"), list(product(LIVES, RoomState, RoomEvent)))
def test_event_that_is_not_in_the_table_raises_and_changes_nothing(
    life: Life, state: RoomState, event: RoomEvent
) -> None:
    room = Room(replace(PAIR, life=life))
    room._state = state
    row = life.get(state, {})
    if event in row:
        room._move(event)
        assert room.state is row[event]
    else:
        with pytest.raises(KeyError):
            room._move(event)
        assert room.state is state


@pytest.mark.parametrize("life", LIVES)
def test_no_table_leads_back_and_the_end_is_the_end(life: Life) -> None:
    order = list(RoomState)
    for state, row in life.items():
        assert all(order.index(next_state) >= order.index(state) for next_state in row.values())
    assert not life[RoomState.SHREDDED]
    reached = {RoomState.OPEN} | {state for row in life.values() for state in row.values()}
    assert set(life) == reached


def test_pair_is_over_when_one_is_gone_and_a_room_is_not() -> None:
    assert PAIR_LIFE[RoomState.OPEN][RoomEvent.MEMBER_GONE] is RoomState.CLOSED
    assert ROOM_LIFE[RoomState.OPEN][RoomEvent.MEMBER_GONE] is RoomState.OPEN


# Rooms


def make_room(capacity: int = 500, slow_s: float = 0) -> Room:
    return Room(Policy(ROOM_LIFE, capacity, slow_s))


def come(room: Room, count: int = 1) -> list[Member]:
    """Let some people in."""
    first = room.log.last_seq
    return [room.join(*seat(f"c{first + n}")) for n in range(count)]


def test_room_goes_on_when_members_come_and_go() -> None:
    room = make_room()
    first, second, third = come(room, 3)
    room.leave(first)
    room.leave(third)
    room.check_open()
    assert room.members == (second,)
    assert kinds(room)[-2:] == [(Kind.WENT, 1), (Kind.WENT, 3)]


def test_room_is_gone_with_the_last_one_out() -> None:
    room = make_room()
    first, second = come(room, 2)
    say(room, first, "words")
    room.leave(first)
    room.leave(second)
    assert room.state is RoomState.SHREDDED
    assert room.names == {}
    assert room.log.read(after=0, limit=100).entries == ()


def test_full_room_lets_nobody_in_and_changes_nothing() -> None:
    room = make_room(capacity=2)
    come(room, 2)
    before = kinds(room)
    with pytest.raises(RoomFullError):
        come(room)
    assert kinds(room) == before
    assert len(room.names) == 2
    room.leave(room.members[0])
    come(room)
    assert len(room.members) == 2


def test_number_is_never_given_twice() -> None:
    room = make_room()
    come(room, 2)
    for expected in range(3, 9):
        room.leave(room.members[0])
        (newcomer,) = come(room)
        assert newcomer.number == expected


def test_name_of_a_leaver_is_known_while_the_ring_speaks_of_them_and_no_longer() -> None:
    room = make_room()
    leaver, stays = come(room, 2)
    room.leave(leaver)
    left_seq = room.log.last_seq
    while room.log.get(left_seq) is not None:
        assert room.name(leaver.number)
        room.leave(come(room)[0])
    assert room.name(leaver.number) == ""
    assert room.name(stays.number)


def test_name_of_a_silent_member_is_kept_however_much_others_say() -> None:
    room = make_room()
    silent, talker = come(room, 2)
    for _ in range(2 * RING_ENTRIES):
        say(room, talker, "x")
    assert room.name(silent.number)


@given(st.lists(st.sampled_from(["come", "go first", "go last", "say"]), max_size=60))
def test_names_are_those_of_the_members_and_of_the_ring_and_no_others(steps: list[str]) -> None:
    room = make_room()
    room.log = RoomLog(max_messages=6, max_events=6)
    come(room)
    for step in steps:
        if step == "come":
            come(room)
        elif step == "say":
            say(room, room.members[-1], "x")
        elif len(room.members) > 1:
            room.leave(room.members[0 if step == "go first" else -1])
        ring = {entry.sender for entry in room.log.read(after=0, limit=20).entries}
        assert set(room.names) == ring | {member.number for member in room.members}


def test_server_with_a_revolving_door_does_not_grow() -> None:
    room = make_room()
    come(room)
    for _ in range(3 * RING_ENTRIES):
        come(room)
        room.leave(room.members[-1])
    assert len(room.names) <= RING_ENTRIES + 1


def test_slow_room_makes_each_member_wait_and_nobody_else() -> None:
    room = make_room(slow_s=10)
    first, second = come(room, 2)
    room.check_pace(first, 100)
    say(room, first, "x", 100)
    room.check_pace(second, 100)
    with pytest.raises(RateLimitedError) as caught:
        room.check_pace(first, 103.5)
    assert caught.value.retry_after_s == 7
    room.check_pace(first, 110)


def test_closed_room_is_told_apart_from_a_pair_that_is_over() -> None:
    room = make_room()
    come(room)
    room._move(RoomEvent.CLOSED)
    with pytest.raises(RoomClosedError):
        room.check_open()


def test_room_that_is_not_slow_makes_nobody_wait() -> None:
    room = make_room()
    (member,) = come(room)
    say(room, member, "x", 100)
    room.check_pace(member, 100)


def test_message_says_whom_it_means_while_the_room_knows_the_name() -> None:
    room = make_room()
    first, second = come(room, 2)
    say(room, first, f"@{room.name(2).upper()} hello")
    room.leave(second)
    say(room, first, f"@{room.names[2]} come back")
    say(room, first, "@Nobody Here")
    meant = [entry.message and entry.message.meant for entry in opened(room, first)]
    assert meant == [None, None, (2,), None, (2,), ()]


def test_deleted_words_are_gone_at_once_and_everybody_is_told() -> None:
    room = make_room()
    first, second = come(room, 2)
    say(room, first, "secret words")
    room.delete(first, 3)
    entries = room.log.read(after=0, limit=9).entries
    assert [entry.sealed for entry in entries] == [b""] * 4
    assert texts(room, first) == []
    assert (entries[2].kind, entries[2].sender) == (Kind.ERASED, first.number)
    assert (entries[3].kind, entries[3].sender, entries[3].about) == (Kind.DELETED, 1, 3)
    assert room.own_messages(first, 9) == room.own_messages(second, 9) == []


@pytest.mark.parametrize("seq", [0, 1, 2, 4, 5, 99])
def test_only_a_message_of_ones_own_can_be_deleted_and_only_once(seq: int) -> None:
    room = make_room()
    first, second = come(room, 2)
    say(room, first, "mine")
    say(room, second, "theirs")
    room.delete(first, 3)
    before = room.log.read(after=0, limit=9).entries
    for place in (seq, 3):
        with pytest.raises(MessageUnknownError):
            room.delete(first, place)
    assert room.log.read(after=0, limit=9).entries == before


def test_message_that_the_ring_forgot_cannot_be_deleted() -> None:
    room = make_room()
    (member,) = come(room)
    for _ in range(RING_ENTRIES + 1):
        say(room, member, "x")
    with pytest.raises(MessageUnknownError):
        room.delete(member, 2)


def test_own_words_are_the_newest_first_and_as_many_as_are_asked_for() -> None:
    room = make_room()
    first, second = come(room, 2)
    for number in range(3):
        say(room, first, f"{number}")
        say(room, second, "theirs")
    own = room.own_messages(first, 2)
    assert [(entry.seq, entry.sender) for entry in own] == [(7, 1), (5, 1)]


def test_muting_is_switched_on_and_off_and_only_for_others() -> None:
    room = make_room()
    first, second = come(room, 2)
    room.mute(first, second.number)
    assert (first.muted, second.muted) == ({2}, set())
    room.mute(first, second.number)
    assert first.muted == set()
    for nobody in (first.number, 0, 3, -1):
        with pytest.raises(MemberUnknownError):
            room.mute(first, nobody)


def test_who_is_forgotten_is_not_remembered_as_muted() -> None:
    room = make_room()
    first, second = come(room, 2)
    for _ in range(2 * RING_ENTRIES):
        (newcomer,) = come(room)
        room.mute(first, newcomer.number)
        room.leave(newcomer)
    room.mute(first, second.number)
    assert len(first.muted) <= RING_ENTRIES
