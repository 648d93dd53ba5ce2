"""Two of a room talk beside it under the same names; nobody is asked more than once."""

from __future__ import annotations

import pytest

from server.core.errors import (
    ChatClosedError,
    MemberUnknownError,
    NoSideChatsError,
    RoomClosedError,
    RoomFullError,
)
from server.core.limits import MAX_ASKED, RING_ENTRIES
from server.core.room.lifecycle import ROOM_LIFE, RoomState
from server.core.room.log import Kind
from server.core.room.member import Member
from server.core.room.policy import Policy
from server.core.room.private import PrivateRoom
from server.core.room.room import Room
from server.core.room.side_chat import SideChat
from tests.core.people import say, seat, texts


def make_room(has_side_chats: bool = True) -> Room:
    return Room(Policy(ROOM_LIFE, capacity=500, has_side_chats=has_side_chats))


def come(room: Room, count: int = 1) -> list[Member]:
    """Let some people in."""
    first = room.log.last_seq
    return [room.join(*seat(f"c{first + n}")) for n in range(count)]


def make_aside(room: Room, one: Member, other: Member) -> tuple[SideChat, Member, Member]:
    side_chat = SideChat(room, one, other)
    return side_chat, *side_chat.seat_both(one, other)


def told(room: Room) -> list[tuple[Kind, int, int]]:
    entries = room.log.read(after=0, limit=RING_ENTRIES).entries
    return [(entry.kind, entry.sender, entry.about) for entry in entries]


def asked(room: Room) -> list[tuple[int, int]]:
    return [(sender, about) for kind, sender, about in told(room) if kind is Kind.ASKED]


# The talk itself


def test_both_keep_the_names_by_which_the_room_knows_them() -> None:
    room = make_room()
    _, second, third = come(room, 3)
    side_chat, _, _ = make_aside(room, third, second)
    assert side_chat.names == {1: room.name(3), 2: room.name(2)}


def test_two_are_numbered_anew_and_sit_underother_ids() -> None:
    room = make_room()
    _, second, third = come(room, 3)
    side_chat, one, other = make_aside(room, third, second)
    assert side_chat.members == (one, other)
    assert (one.number, other.number) == (1, 2)
    assert (one.handle, other.handle) == (third.handle, second.handle)
    assert len({one.chat_id, other.chat_id, second.chat_id, third.chat_id}) == 4
    assert told(side_chat) == [(Kind.MET, 1, 2)]
    assert one.joined_seq == other.joined_seq == 0


def test_each_is_told_which_one_of_the_room_theother_is() -> None:
    room = make_room()
    _, second, third = come(room, 3)
    side_chat, one, other = make_aside(room, third, second)
    assert side_chat.numbers == (third.number, second.number)
    assert side_chat.number_in_room(one) == second.number
    assert side_chat.number_in_room(other) == third.number


def test_what_is_said_beside_a_room_is_not_said_in_it() -> None:
    room = make_room()
    first, second = come(room, 2)
    side_chat, one, other = make_aside(room, first, second)
    before = told(room)
    say(side_chat, one, "only for you")
    assert texts(side_chat, one) == texts(side_chat, other) == ["only for you"]
    assert told(room) == before
    assert side_chat.nonce != room.nonce


def test_talk_beside_a_room_is_no_pair_and_has_two_places() -> None:
    room = make_room()
    first, second, third = come(room, 3)
    side_chat, _, _ = make_aside(room, first, second)
    assert side_chat.is_pair is False
    assert Room().is_pair is True
    with pytest.raises(RoomFullError):
        side_chat.join(third.identity, third.chat_id)


def test_talk_is_over_when_one_leaves_and_can_still_be_read() -> None:
    room = make_room()
    side_chat, one, other = make_aside(room, *come(room, 2))
    say(side_chat, one, "words")
    side_chat.check_open()
    side_chat.leave(one)
    with pytest.raises(ChatClosedError):
        side_chat.check_open()
    assert side_chat.state is RoomState.CLOSED
    assert told(side_chat)[1:] == [(Kind.MESSAGE, 1, 0), (Kind.WENT, 1, 0)]
    assert texts(side_chat, other) == ["words"]
    assert (side_chat.name(1), side_chat.members) == (room.name(1), (other,))


def test_talk_is_gone_with_the_last_one_and_the_room_goes_on() -> None:
    room = make_room()
    side_chat, one, other = make_aside(room, *come(room, 2))
    say(side_chat, one, "words")
    side_chat.leave(one)
    side_chat.leave(other)
    assert side_chat.state is RoomState.SHREDDED
    assert (told(side_chat), side_chat.names, side_chat.members) == ([], {}, ())
    room.check_open()
    assert len(room.names) == 2


def test_name_beside_a_room_outlasts_it_in_the_room() -> None:
    room = make_room()
    first, second = come(room, 2)
    names = room.names
    side_chat, _, _ = make_aside(room, first, second)
    room.leave(first)
    for _ in range(RING_ENTRIES):
        room.leave(come(room)[0])
    assert room.name(1) == ""
    assert side_chat.names == names


# Asking for one


def test_question_is_one_entry_with_whom_it_is_for() -> None:
    room = make_room()
    first, _, third = come(room, 3)
    room.ask(third, first.number)
    assert told(room)[-1] == (Kind.ASKED, 3, 1)
    assert list(third.asked) == [1]
    assert not first.asked


def test_room_without_private_talks_lets_nobody_ask() -> None:
    rooms = [make_room(has_side_chats=False)]
    first, second = come(rooms[0], 2)
    rooms.append(make_aside(make_room(), first, second)[0])
    rooms.append(Room())
    rooms[2].join_pair(seat("a"), seat("b"))
    for room in rooms:
        before = told(room)
        with pytest.raises(NoSideChatsError):
            room.ask(room.members[0], 2)
        assert told(room) == before
        assert not room.members[0].asked


@pytest.mark.parametrize("number", [-1, 0, 2, 3, 4])
def test_only_somebody_else_who_is_here_can_be_asked(number: int) -> None:
    room = make_room()
    _, gone, third = come(room, 3)
    room.leave(gone)
    with pytest.raises(MemberUnknownError):
        room.ask(third, number)
    assert not asked(room)
    assert not third.asked


def test_asking_twice_is_one_question_and_asking_another_is_another() -> None:
    room = make_room()
    first, second, third = come(room, 3)
    for number in (2, 2, 3, 2, 3):
        room.ask(first, number)
    room.ask(second, first.number)
    room.ask(third, first.number)
    assert asked(room) == [(1, 2), (1, 3), (2, 1), (3, 1)]
    assert list(first.asked) == [2, 3]


def test_question_is_told_alike_whether_theother_has_muted_one_or_not() -> None:
    room = make_room()
    first, second, third = come(room, 3)
    room.mute(second, first.number)
    assert room.ask(first, second.number)
    assert not room.ask(first, second.number)
    assert room.ask(first, third.number)
    assert told(room)[-2:] == [(Kind.ASKED, 1, 2), (Kind.ASKED, 1, 3)]
    assert list(first.asked) == [2, 3]


def test_nobody_is_asked_in_a_room_that_is_closed() -> None:
    room = PrivateRoom()
    first, _ = come(room, 2)
    room.close()
    with pytest.raises(RoomClosedError):
        room.ask(first, 2)


def test_who_muted_somebody_can_still_ask_them() -> None:
    room = make_room()
    first, second = come(room, 2)
    room.mute(first, second.number)
    room.ask(first, second.number)
    assert asked(room) == [(1, 2)]


def test_oldest_question_is_let_go_when_there_are_too_many() -> None:
    room = make_room()
    first, *others = come(room, MAX_ASKED + 3)
    for count, other in enumerate(others, start=1):
        room.ask(first, other.number)
        assert len(first.asked) == min(count, MAX_ASKED)
    assert list(first.asked) == [other.number for other in others[-MAX_ASKED:]]
    room.ask(first, others[0].number)
    assert asked(room)[-1] == asked(room)[0] == (1, 2)


# A line that broke off


def test_broken_line_is_told_once_until_its_member_speaks() -> None:
    room = make_room()
    first, second = come(room, 2)
    for _ in range(3):
        room.announce_quiet(first)
    say(room, second, "hello?")
    room.announce_quiet(first)
    assert told(room)[2:] == [(Kind.QUIET, 1, 0), (Kind.MESSAGE, 2, 0)]
    say(room, first, "here")
    room.announce_quiet(first)
    room.announce_quiet(second)
    assert told(room)[-2:] == [(Kind.QUIET, 1, 0), (Kind.QUIET, 2, 0)]


def test_broken_line_in_a_talk_that_is_over_is_told_nobody() -> None:
    room = Room()
    first, second = room.join_pair(seat("a"), seat("b"))
    room.leave(first)
    before = told(room)
    room.announce_quiet(second)
    assert told(room) == before


# Whom one knows


def test_member_knows_who_is_here_and_whom_the_log_has_named_since_their_coming() -> None:
    room = make_room()
    gone_before, sees_all, gone_after = come(room, 3)
    room.leave(gone_before)
    (newcomer,) = come(room)
    room.leave(gone_after)
    assert room.known_to(sees_all) == {1, 2, 3, 4}
    assert room.known_to(newcomer) == {2, 3, 4}


def test_both_whom_one_entry_names_are_known() -> None:
    room = make_room()
    (member,) = come(room)
    room.log.append(Kind.MET, 8, 9)
    assert room.known_to(member) == {member.number, 8, 9}


def test_who_left_is_unknown_when_no_entry_names_them_any_more() -> None:
    room = make_room()
    first, leaver = come(room, 2)
    room.leave(leaver)
    left_seq = room.log.last_seq
    while room.log.get(left_seq) is not None:
        assert leaver.number in room.known_to(first)
        room.leave(come(room)[0])
    assert leaver.number not in room.known_to(first)


def test_silent_member_is_known_also_when_no_entry_names_them_any_more() -> None:
    room = make_room()
    first, silent = come(room, 2)
    for _ in range(RING_ENTRIES):
        room.leave(come(room)[0])
    assert {first.number, silent.number} <= room.known_to(first)


def test_who_waits_outside_is_known_to_nobody_before_they_are_let_in() -> None:
    room = PrivateRoom()
    (opener,) = come(room)
    inside = room.knock(*seat("k"), "A title")
    away = room.knock(*seat("l"), "A title")
    assert room.known_to(opener) == {opener.number}
    for number in (inside.number, away.number):
        with pytest.raises(MemberUnknownError):
            room.mute(opener, number)
        with pytest.raises(MemberUnknownError):
            room.ask(opener, number)
    room.admit(inside.number)
    room.send_away(away.number)
    assert room.known_to(opener) == {opener.number, inside.number}
