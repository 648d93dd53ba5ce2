"""A private room has one opener at a time, who decides who may join."""

from __future__ import annotations

import pytest

from server.core.errors import (
    MemberUnknownError,
    NotOpenerError,
    RoomClosedError,
    RoomFullError,
    RoomLockedError,
)
from server.core.invite_code import CodeKey
from server.core.limits import MAX_KNOCKERS, RING_ENTRIES
from server.core.room.lifecycle import RoomState
from server.core.room.log import Kind
from server.core.room.member import Member
from server.core.room.private import Invitation, PrivateRoom
from tests.core.people import seat


def make_room(members: int = 1) -> tuple[PrivateRoom, list[Member]]:
    room = PrivateRoom()
    return room, [room.join(*seat(f"{n}")) for n in range(members)]


def knock(room: PrivateRoom) -> int:
    return room.knock(*seat("k"), "A title").number


def state(room: PrivateRoom) -> RoomState:
    return room.state


def kinds(room: PrivateRoom) -> list[tuple[Kind, int]]:
    return [(e.kind, e.sender) for e in room.log.read(after=0, limit=RING_ENTRIES).entries]


@pytest.mark.parametrize(("uses", "now_s", "good"), [(1, 99, True), (1, 100, False), (0, 0, False)])
def test_invitation_is_limited_in_time_and_uses(uses: int, now_s: float, good: bool) -> None:
    assert Invitation(CodeKey(b"k"), uses, 100, b"").is_valid(now_s) is good


def test_first_member_is_the_opener() -> None:
    room, (first, second) = make_room(2)
    room.check_opener(first)
    with pytest.raises(NotOpenerError):
        room.check_opener(second)


def test_longest_present_member_succeeds_the_opener() -> None:
    room, members = make_room(4)
    room.leave(members[1])
    room.leave(members[0])
    assert room.opener == 3
    assert kinds(room)[-2:] == [(Kind.LEFT_ROOM, 1), (Kind.OPENER, 3)]
    room.leave(members[3])
    assert room.opener == 3
    assert kinds(room)[-1] == (Kind.LEFT_ROOM, 4)


def test_succession_counts_from_admission_not_from_the_knock() -> None:
    room, (opener,) = make_room()
    waits = knock(room)
    inside = room.join(*seat("x"))
    room.admit(waits)
    assert inside.number > waits
    room.leave(opener)
    assert room.opener == inside.number


def test_locked_room_refuses_visitors() -> None:
    room, _ = make_room()
    room.is_locked = True
    with pytest.raises(RoomLockedError):
        room.check_admission()
    room.is_locked = False
    room.check_admission()


def test_visitor_who_knocks_keeps_their_name_when_admitted() -> None:
    room, _ = make_room()
    number = knock(room)
    name = room.name(number)
    assert name
    assert [member.number for member in room.members] == [1]
    # A knock is no entry: a gap in the numbers would tell the other members.
    assert (kinds(room), room.log.last_seq) == ([(Kind.JOINED, 1)], 1)
    member = room.admit(number)
    assert (member.number, room.name(number)) == (number, name)
    assert room.knockers == ()
    assert kinds(room)[-1] == (Kind.JOINED, number)
    # They cannot read earlier entries.
    assert member.joined_seq == room.log.last_seq - 1


def test_knock_is_a_request_to_the_opener_until_it_is_answered() -> None:
    room, (opener, other) = make_room(2)
    first, second = knock(room), knock(room)
    assert list(opener.requests) == [first, second]
    room.admit(first)
    assert list(opener.requests) == [second]
    room.reject(second)
    assert not opener.requests
    assert not other.requests


def test_new_opener_takes_over_the_knocks() -> None:
    room, (opener, other) = make_room(2)
    number = knock(room)
    room.leave(opener)
    assert list(other.requests) == [number]
    room.admit(number)
    assert not other.requests


def test_knock_is_answered_only_once() -> None:
    room, _ = make_room()
    first, second = knock(room), knock(room)
    room.admit(first)
    room.reject(second)
    for number in (first, second, 0, 99):
        with pytest.raises(MemberUnknownError):
            room.admit(number)
        with pytest.raises(MemberUnknownError):
            room.reject(number)


def test_name_of_a_rejected_visitor_is_deleted_with_the_knock() -> None:
    room, _ = make_room()
    number = knock(room)
    assert room.name(number)
    room.reject(number)
    assert room.name(number) == ""


def test_number_of_waiting_visitors_is_bounded() -> None:
    room, _ = make_room()
    room.requires_knock = True
    for _ in range(MAX_KNOCKERS):
        room.check_admission()
        knock(room)
    with pytest.raises(RoomFullError):
        room.check_admission()
    room.requires_knock = False
    room.check_admission()


def test_opener_cannot_be_removed_but_others_can() -> None:
    room, (opener, other) = make_room(2)
    assert room.find(other.number) is other
    for number in (opener.number, 0, 3):
        with pytest.raises(MemberUnknownError):
            room.find(number)
    room.leave(other, Kind.REMOVED)
    assert kinds(room)[-1] == (Kind.REMOVED, other.number)


def test_closed_room_can_only_be_read() -> None:
    room, (opener, other) = make_room(2)
    room.close()
    assert state(room) is RoomState.CLOSED
    assert kinds(room)[-1] == (Kind.CLOSED, opener.number)
    with pytest.raises(RoomClosedError):
        room.check_open()
    with pytest.raises(RoomClosedError):
        room.check_opener(opener)
    room.leave(opener)
    # A closed room needs no successor.
    assert kinds(room)[-1] == (Kind.LEFT_ROOM, opener.number)
    room.leave(other)
    assert state(room) is RoomState.SHREDDED
