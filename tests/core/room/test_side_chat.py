"""Side chats keep the room's names, and a request for one is counted once."""

from __future__ import annotations

import pytest

from server.core.errors import (
    ChatClosedError,
    MemberUnknownError,
    NoSideChatsError,
    RoomClosedError,
    RoomFullError,
)
from server.core.limits import MAX_REQUESTS, MAX_SIDE_CHAT_REQUESTS, RING_ENTRIES
from server.core.room.lifecycle import ROOM_LIFE, RoomState
from server.core.room.log import Kind
from server.core.room.member import Member
from server.core.room.policy import Policy
from server.core.room.private import PrivateRoom
from server.core.room.requests import Request, RequestKind
from server.core.room.room import Room
from server.core.room.side_chat import SideChat
from tests.core.people import post, seat, texts


def make_room(has_side_chats: bool = True) -> Room:
    return Room(Policy(ROOM_LIFE, capacity=500, has_side_chats=has_side_chats))


def join(room: Room, count: int = 1) -> list[Member]:
    """Add some members."""
    first = room.log.last_seq
    return [room.join(*seat(f"c{first + n}")) for n in range(count)]


def make_side_chat(room: Room, one: Member, other: Member) -> tuple[SideChat, Member, Member]:
    side_chat = SideChat(room, one, other)
    return side_chat, *side_chat.seat_both(one, other)


def entries_of(room: Room) -> list[tuple[Kind, int, int]]:
    entries = room.log.read(after=0, limit=RING_ENTRIES).entries
    return [(entry.kind, entry.sender, entry.about) for entry in entries]


def requests_in(room: Room) -> list[tuple[int, int]]:
    """List who asks whom, by the member who is asked, in the order of asking."""
    return [(asker, member.number) for member in room.members for asker in member.requests]


# The conversation itself


def test_both_keep_their_names_from_the_room() -> None:
    room = make_room()
    _, second, third = join(room, 3)
    side_chat, _, _ = make_side_chat(room, third, second)
    assert side_chat.names == {1: room.name(3), 2: room.name(2)}


def test_both_get_new_numbers_and_chat_ids() -> None:
    room = make_room()
    _, second, third = join(room, 3)
    side_chat, one, other = make_side_chat(room, third, second)
    assert side_chat.members == (one, other)
    assert (one.number, other.number) == (1, 2)
    assert (one.handle, other.handle) == (third.handle, second.handle)
    assert len({one.chat_id, other.chat_id, second.chat_id, third.chat_id}) == 4
    assert entries_of(side_chat) == [(Kind.MET, 1, 2)]
    assert one.joined_seq == other.joined_seq == 0


def test_each_can_look_up_the_other_ones_room_number() -> None:
    room = make_room()
    _, second, third = join(room, 3)
    side_chat, one, other = make_side_chat(room, third, second)
    assert side_chat.numbers == (third.number, second.number)
    assert side_chat.number_in_room(one) == second.number
    assert side_chat.number_in_room(other) == third.number


def test_message_in_a_side_chat_does_not_appear_in_the_room() -> None:
    room = make_room()
    first, second = join(room, 2)
    side_chat, one, other = make_side_chat(room, first, second)
    before = entries_of(room)
    post(side_chat, one, "only for you")
    assert texts(side_chat, one) == texts(side_chat, other) == ["only for you"]
    assert entries_of(room) == before
    assert side_chat.nonce != room.nonce


def test_side_chat_is_no_pair_and_has_two_places() -> None:
    room = make_room()
    first, second, third = join(room, 3)
    side_chat, _, _ = make_side_chat(room, first, second)
    assert side_chat.is_pair is False
    assert Room().is_pair is True
    with pytest.raises(RoomFullError):
        side_chat.join(third.identity, third.chat_id)


def test_side_chat_closes_when_one_leaves_and_stays_readable() -> None:
    room = make_room()
    side_chat, one, other = make_side_chat(room, *join(room, 2))
    post(side_chat, one, "words")
    side_chat.check_open()
    side_chat.leave(one)
    with pytest.raises(ChatClosedError):
        side_chat.check_open()
    assert side_chat.state is RoomState.CLOSED
    assert entries_of(side_chat)[1:] == [(Kind.MESSAGE, 1, 0), (Kind.LEFT_ROOM, 1, 0)]
    assert texts(side_chat, other) == ["words"]
    assert (side_chat.name(1), side_chat.members) == (room.name(1), (other,))


def test_side_chat_is_shredded_and_the_room_stays_open() -> None:
    room = make_room()
    side_chat, one, other = make_side_chat(room, *join(room, 2))
    post(side_chat, one, "words")
    side_chat.leave(one)
    side_chat.leave(other)
    assert side_chat.state is RoomState.SHREDDED
    assert (entries_of(side_chat), side_chat.names, side_chat.members) == ([], {}, ())
    room.check_open()
    assert len(room.names) == 2


def test_side_chat_keeps_a_name_that_the_room_dropped() -> None:
    room = make_room()
    first, second = join(room, 2)
    names = room.names
    side_chat, _, _ = make_side_chat(room, first, second)
    room.leave(first)
    for _ in range(RING_ENTRIES):
        room.leave(join(room)[0])
    assert room.name(1) == ""
    assert side_chat.names == names


# Requests


def test_request_is_kept_for_its_recipient_and_is_no_entry() -> None:
    room = make_room()
    first, second, third = join(room, 3)
    room.request_side_chat(third, first.number)
    assert room.log.last_seq == 3
    assert first.requests == {3: Request(RequestKind.SIDE_CHAT, asked_seq=3)}
    assert not second.requests
    assert list(third.side_chat_requests) == [1]
    assert not first.side_chat_requests


def test_request_needs_a_room_with_side_chats() -> None:
    rooms = [make_room(has_side_chats=False)]
    first, second = join(rooms[0], 2)
    rooms.append(make_side_chat(make_room(), first, second)[0])
    rooms.append(Room())
    rooms[2].join_pair(seat("a"), seat("b"))
    for room in rooms:
        before = entries_of(room)
        with pytest.raises(NoSideChatsError):
            room.request_side_chat(room.members[0], 2)
        assert entries_of(room) == before
        assert not room.members[0].side_chat_requests


@pytest.mark.parametrize("number", [-1, 0, 2, 3, 4])
def test_only_another_present_member_can_be_asked(number: int) -> None:
    room = make_room()
    _, gone, third = join(room, 3)
    room.leave(gone)
    with pytest.raises(MemberUnknownError):
        room.request_side_chat(third, number)
    assert not requests_in(room)
    assert not third.side_chat_requests


def test_repeated_request_is_counted_once() -> None:
    room = make_room()
    first, second, third = join(room, 3)
    for number in (2, 2, 3, 2, 3):
        room.request_side_chat(first, number)
    room.request_side_chat(second, first.number)
    room.request_side_chat(third, first.number)
    assert requests_in(room) == [(2, 1), (3, 1), (1, 2), (1, 3)]
    assert list(first.side_chat_requests) == [2, 3]


def test_request_does_not_reveal_a_mute() -> None:
    room = make_room()
    first, second, third = join(room, 3)
    room.mute(second, first.number)
    assert room.request_side_chat(first, second.number)
    assert not room.request_side_chat(first, second.number)
    assert room.request_side_chat(first, third.number)
    assert list(first.side_chat_requests) == [2, 3]
    assert (list(second.shown_requests()), list(third.shown_requests())) == ([], [1])
    room.mute(second, first.number)
    assert list(second.shown_requests()) == [1]


def test_request_in_a_closed_room_is_refused() -> None:
    room = PrivateRoom()
    first, _ = join(room, 2)
    room.close()
    with pytest.raises(RoomClosedError):
        room.request_side_chat(first, 2)


def test_muted_member_can_still_be_asked() -> None:
    room = make_room()
    first, second = join(room, 2)
    room.mute(first, second.number)
    room.request_side_chat(first, second.number)
    assert requests_in(room) == [(1, 2)]


def test_oldest_pending_request_is_dropped_at_the_limit() -> None:
    room = make_room()
    first, *others = join(room, MAX_SIDE_CHAT_REQUESTS + 3)
    for count, other in enumerate(others, start=1):
        room.request_side_chat(first, other.number)
        assert len(first.side_chat_requests) == min(count, MAX_SIDE_CHAT_REQUESTS)
    assert list(first.side_chat_requests) == [
        other.number for other in others[-MAX_SIDE_CHAT_REQUESTS:]
    ]
    # What was dropped is no longer shown to the member who was asked.
    assert [asked for _, asked in requests_in(room)] == list(first.side_chat_requests)
    room.request_side_chat(first, others[0].number)
    assert (1, 2) in requests_in(room)


def test_request_ends_when_the_asker_leaves() -> None:
    room = make_room()
    first, second, _ = join(room, 3)
    room.request_side_chat(first, second.number)
    room.leave(first)
    assert not requests_in(room)


def test_both_requests_end_when_the_side_chat_begins() -> None:
    room = make_room()
    first, second, third = join(room, 3)
    for one, other in ((first, second), (second, first), (third, first)):
        room.request_side_chat(one, other.number)
    room.settle_side_chat(second, first)
    assert requests_in(room) == [(3, 1)]
    assert (list(first.side_chat_requests), list(second.side_chat_requests)) == ([], [])


def test_oldest_request_to_one_member_is_dropped_at_the_limit() -> None:
    room = make_room()
    first, *others = join(room, MAX_REQUESTS + 3)
    for other in others:
        room.request_side_chat(other, first.number)
    assert list(first.requests) == [other.number for other in others[-MAX_REQUESTS:]]


# Broken connections


def test_broken_connection_is_announced_once_until_a_message() -> None:
    room = make_room()
    first, second = join(room, 2)
    for _ in range(3):
        room.announce_disconnect(first)
    post(room, second, "hello?")
    room.announce_disconnect(first)
    assert entries_of(room)[2:] == [(Kind.DISCONNECTED, 1, 0), (Kind.MESSAGE, 2, 0)]
    post(room, first, "here")
    room.announce_disconnect(first)
    room.announce_disconnect(second)
    assert entries_of(room)[-2:] == [(Kind.DISCONNECTED, 1, 0), (Kind.DISCONNECTED, 2, 0)]


def test_broken_connection_in_a_closed_pair_is_not_announced() -> None:
    room = Room()
    first, second = room.join_pair(seat("a"), seat("b"))
    room.leave(first)
    before = entries_of(room)
    room.announce_disconnect(second)
    assert entries_of(room) == before


# Known members


def test_member_knows_present_members_and_those_in_their_log() -> None:
    room = make_room()
    gone_before, sees_all, gone_after = join(room, 3)
    room.leave(gone_before)
    (newcomer,) = join(room)
    room.leave(gone_after)
    assert room.known_to(sees_all) == {1, 2, 3, 4}
    assert room.known_to(newcomer) == {2, 3, 4}


def test_both_members_in_a_met_entry_are_known() -> None:
    room = make_room()
    (member,) = join(room)
    room.log.append(Kind.MET, 8, 9)
    assert room.known_to(member) == {member.number, 8, 9}


def test_leaver_is_unknown_once_no_entry_names_them() -> None:
    room = make_room()
    first, leaver = join(room, 2)
    room.leave(leaver)
    left_seq = room.log.last_seq
    while room.log.get(left_seq) is not None:
        assert leaver.number in room.known_to(first)
        room.leave(join(room)[0])
    assert leaver.number not in room.known_to(first)


def test_silent_member_is_known_without_any_entry() -> None:
    room = make_room()
    first, silent = join(room, 2)
    for _ in range(RING_ENTRIES):
        room.leave(join(room)[0])
    assert {first.number, silent.number} <= room.known_to(first)


def test_waiting_visitor_is_unknown_until_admitted() -> None:
    room = PrivateRoom()
    (opener,) = join(room)
    inside = room.knock(*seat("k"), "A title")
    away = room.knock(*seat("l"), "A title")
    assert room.known_to(opener) == {opener.number}
    for number in (inside.number, away.number):
        with pytest.raises(MemberUnknownError):
            room.mute(opener, number)
        with pytest.raises(MemberUnknownError):
            room.request_side_chat(opener, number)
    room.admit(inside.number)
    room.reject(away.number)
    assert room.known_to(opener) == {opener.number, inside.number}
