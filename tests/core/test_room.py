"""A conversation opens with two, closes when one is gone, and vanishes with the last."""

from __future__ import annotations

from itertools import product

import pytest

from server.core.errors import ChatClosedError
from server.core.ids import ChatId, Handle
from server.core.room import TRANSITIONS, Member, Room, RoomEvent, RoomState
from server.core.roomlog import Kind

SEATS = [(Handle(b"first"), ChatId("one")), (Handle(b"second"), ChatId("two"))]


def make_pair() -> tuple[Room, Member, Member]:
    room = Room()
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


def test_names_cannot_be_changed_from_outside() -> None:
    room, _, _ = make_pair()
    room.names.clear()
    assert len(room.names) == 2


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
    room.log.append(Kind.MESSAGE, 1, b"words")
    room.leave(first)
    room.leave(second)
    assert room.state is RoomState.SHREDDED
    assert room.log.read(after=0, limit=100).entries == ()
    assert room.names == {}
    assert room.members == ()


def test_last_gone_wakes_whoever_still_reads() -> None:
    room, first, second = make_pair()
    woken: list[str] = []
    room.leave(first)
    with room.log.waking(lambda: woken.append("woken")):
        room.leave(second)
    assert woken == ["woken"]


def test_leaving_twice_is_a_bug_and_raises() -> None:
    room, first, _ = make_pair()
    room.leave(first)
    with pytest.raises(KeyError):
        room.leave(first)


@pytest.mark.parametrize(("state", "event"), list(product(RoomState, RoomEvent)))
def test_event_that_is_not_in_the_table_raises_and_changes_nothing(
    state: RoomState, event: RoomEvent
) -> None:
    room = Room()
    room._state = state
    if event in TRANSITIONS[state]:
        room._move(event)
        assert room.state is TRANSITIONS[state][event]
    else:
        with pytest.raises(KeyError):
            room._move(event)
        assert room.state is state


def test_every_state_stands_in_the_table_and_nothing_leads_back() -> None:
    assert set(TRANSITIONS) == set(RoomState)
    order = list(RoomState)
    for state, row in TRANSITIONS.items():
        assert all(order.index(next_state) > order.index(state) for next_state in row.values())
