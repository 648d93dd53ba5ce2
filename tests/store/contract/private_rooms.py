"""The store contract as tests: private rooms, invitations and knocks."""

from __future__ import annotations

import pytest

from server.core.errors import (
    InvitationUnknownError,
    MemberUnknownError,
    NotAMemberError,
    NotOpenerError,
    RateLimitedError,
    RoomClosedError,
    RoomFullError,
    RoomLockedError,
    ServerFullError,
    SessionUnknownError,
    TitleUnfitError,
    TooManyRoomsError,
    VisitorError,
)
from server.core.ids import ChatId, Secret
from server.core.invite_code import CodeKey, InviteKeys
from server.core.limits import ALL_GUESS_BURST, GUESS_BURST, JOIN_BURST, Capacity
from server.core.room.log import Kind
from server.core.room.requests import RequestKind
from server.store.contract.chat import Store
from server.store.contract.private_rooms import (
    Admission,
    HostAction,
    NewInvitation,
    PrivateRoomView,
)
from server.stream.subscription import RequestNotice

from .chat import HOUR, MINUTE, NOBODY, MakeStore, kinds, meet, opened, texts, token
from .rooms import ROOMS, Seat, come


def invite_keys(letter: bytes) -> InviteKeys:
    """Make the keys of some invitation code."""
    return InviteKeys(CodeKey(letter * 32), CodeKey(letter.upper() * 32))


KEY, OTHER_KEY = invite_keys(b"k"), invite_keys(b"o")


def invitation(key: InviteKeys = KEY, uses: int = 20, lasts_s: float = HOUR) -> NewInvitation:
    return NewInvitation(key, uses, lasts_s)


async def open_room(store: Store, new: NewInvitation | None = None) -> Seat:
    """Create a session that opens a private room."""
    secret = await store.open_session()
    return secret, await store.open_room(secret, "A title", new or invitation())


async def show(store: Store, key: InviteKeys = KEY) -> tuple[Secret, Admission]:
    """Create a session that uses an invitation."""
    secret = await store.open_session()
    return secret, await store.use_invitation(secret, key)


async def seated(store: Store, key: InviteKeys = KEY) -> Seat:
    """Create a session that joins by an invitation."""
    secret, admission = await show(store, key)
    assert admission.is_member
    return secret, admission.chat_id


async def private_view(store: Store, seat: Seat) -> PrivateRoomView:
    view = await store.private_room(*seat)
    assert view is not None
    return view


async def refusal_of(store: Store, key: InviteKeys = KEY) -> type[VisitorError] | None:
    """Return the error with which a new session is refused, or `None`."""
    secret = await store.open_session()
    try:
        await store.use_invitation(secret, key)
    except VisitorError as error:
        return type(error)
    return None


async def test_guest_joins_the_room_of_the_opener_by_invitation(
    make_store: MakeStore,
) -> None:
    store, _ = make_store()
    opener = await open_room(store)
    guest = await seated(store)
    await store.post(*opener, "admission", token())
    assert await texts(store, guest) == ["admission"]
    assert (await store.view_chat(*guest)).title == "A title"
    assert not (await store.view_chat(*guest)).is_pair
    assert (await private_view(store, opener)).can_host
    assert not (await private_view(store, guest)).can_host
    assert (await private_view(store, guest)).opener_number == (
        await store.view_chat(*opener)
    ).my_number


async def test_private_room_is_listed_only_for_its_members(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    secret, chat_id = await open_room(store)
    assert len(await store.list_rooms(secret)) == len(ROOMS)
    public = await store.join_room(secret, "one")
    assert [
        (own.chat_id, own.public_name, own.title) for own in await store.list_chats(secret)
    ] == [
        (chat_id, "", "A title"),
        (public, "one", ""),
    ]
    assert await store.list_chats(None) == await store.list_chats(Secret.new()) == []


@pytest.mark.parametrize("title", ["", " \u200b ", "x" * 61])
async def test_title_outside_its_limits_is_refused(make_store: MakeStore, title: str) -> None:
    store, _ = make_store()
    secret = await store.open_session()
    with pytest.raises(TitleUnfitError):
        await store.open_room(secret, title, invitation())
    assert (await store.counts()).conversations == 0


async def test_title_is_cleaned_to_one_line(make_store: MakeStore) -> None:
    store, _ = make_store()
    secret = await store.open_session()
    chat_id = await store.open_room(secret, " a\n\u202eb ", invitation())
    assert (await store.view_chat(secret, chat_id)).title == "a b"


async def test_invitation_expires_after_its_uses(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener = await open_room(store, invitation(uses=2))
    first = await seated(store)
    assert (await private_view(store, opener)).uses_left == 1
    # A member who shows it again uses nothing up.
    assert await store.use_invitation(first[0], KEY) == Admission(first[1], is_member=True)
    await seated(store)
    assert (await private_view(store, opener)).uses_left == 0
    assert await refusal_of(store) is InvitationUnknownError


async def test_invitation_expires_after_its_time(make_store: MakeStore) -> None:
    store, clock = make_store()
    opener = await open_room(store, invitation(lasts_s=10 * MINUTE))
    clock.advance(10 * MINUTE - 1)
    assert (await private_view(store, opener)).valid_for_s == 1
    await seated(store)
    clock.advance(1)
    assert await refusal_of(store) is InvitationUnknownError
    await store.sweep()
    assert (await private_view(store, opener)).uses_left == 0


async def test_new_invitation_revokes_the_older_one(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener = await open_room(store)
    guest = await seated(store)
    with pytest.raises(NotOpenerError):
        await store.issue_invitation(*guest, invitation(OTHER_KEY))
    await store.issue_invitation(*opener, invitation(OTHER_KEY))
    assert await refusal_of(store) is InvitationUnknownError
    await seated(store, OTHER_KEY)


async def test_wrong_guesses_of_one_session_are_limited(make_store: MakeStore) -> None:
    store, clock = make_store()
    await open_room(store)
    secret = await store.open_session()
    for _ in range(GUESS_BURST):
        with pytest.raises(InvitationUnknownError):
            await store.use_invitation(secret, OTHER_KEY)
    # A correct code is refused as well, so that it cannot be distinguished from a wrong one.
    for key in (KEY, OTHER_KEY):
        with pytest.raises(RateLimitedError) as caught:
            await store.use_invitation(secret, key)
    clock.advance(caught.value.retry_after_s)
    await store.use_invitation(secret, KEY)


async def test_wrong_guesses_of_all_sessions_together_are_limited(make_store: MakeStore) -> None:
    store, clock = make_store()
    await open_room(store)
    for _ in range(ALL_GUESS_BURST):
        assert await refusal_of(store, OTHER_KEY) is InvitationUnknownError
    assert await refusal_of(store) is await refusal_of(store, OTHER_KEY) is RateLimitedError
    clock.advance(1)
    assert await refusal_of(store) is None


async def test_guesses_can_be_checked_before_a_code_is_read(make_store: MakeStore) -> None:
    store, clock = make_store()
    secret = await store.open_session()
    with pytest.raises(SessionUnknownError):
        await store.check_guess(Secret.new())
    for _ in range(2 * GUESS_BURST):
        await store.check_guess(secret)  # costs none
    for _ in range(GUESS_BURST):
        await store.check_guess(secret)
        with pytest.raises(InvitationUnknownError):
            await store.use_invitation(secret, OTHER_KEY)
    with pytest.raises(RateLimitedError) as caught:
        await store.check_guess(secret)
    clock.advance(caught.value.retry_after_s)
    await store.check_guess(secret)


async def test_errors_of_opening_a_room_come_in_the_documented_order(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(Capacity(rooms=1))
    secret = await store.open_session()
    with pytest.raises(SessionUnknownError):
        await store.open_room(Secret.new(), "", invitation())
    for _ in range(2 * JOIN_BURST):
        with pytest.raises(TitleUnfitError):
            await store.open_room(secret, "", invitation())  # costs no join
    for _ in range(JOIN_BURST):
        await store.leave(secret, await store.open_room(secret, "A title", invitation()))
    with pytest.raises(RateLimitedError):
        await store.open_room(secret, "", invitation())
    await open_room(store)
    # A room in which somebody is with somebody does not give way.
    await store.use_invitation(await store.open_session(), KEY)
    fresh = await store.open_session()
    with pytest.raises(TitleUnfitError):
        await store.open_room(fresh, "", invitation())
    with pytest.raises(ServerFullError):
        await store.open_room(fresh, "A title", invitation())


async def test_right_invitation_costs_no_guess(make_store: MakeStore) -> None:
    store, _ = make_store()
    await open_room(store)
    secret, _admission = await show(store)
    for _ in range(2 * GUESS_BURST):
        await store.use_invitation(secret, KEY)


async def test_locked_room_admits_nobody_and_keeps_its_invitation(
    make_store: MakeStore,
) -> None:
    store, _ = make_store()
    opener = await open_room(store, invitation(uses=1))
    await store.host_action(*opener, HostAction.LOCK)
    assert (await private_view(store, opener)).is_locked
    assert await refusal_of(store) is RoomLockedError
    await store.host_action(*opener, HostAction.UNLOCK)
    await seated(store)


async def test_knocking_visitor_waits_until_admitted(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener, member = await open_room(store), await seated(store)
    await store.host_action(*opener, HostAction.REQUIRE_KNOCK)
    secret, admission = await show(store)
    assert not admission.is_member
    knocking = (secret, admission.chat_id)
    assert await store.knock_state(*knocking) == admission
    assert await store.use_invitation(secret, KEY) == admission
    with pytest.raises(NotAMemberError):
        await store.view_chat(*knocking)
    (knocker,) = (await private_view(store, opener)).knockers
    assert (await private_view(store, member)).knockers == []
    await store.host_action(*opener, HostAction.ADMIT, knocker.number)
    assert await store.knock_state(*knocking) == Admission(admission.chat_id, is_member=True)
    assert (await store.view_chat(*knocking)).names == {knocker.number: knocker.name}
    assert await kinds(store, knocking) == [Kind.JOINED]


async def test_knock_is_announced_to_the_opener_only(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener, member = await open_room(store), await seated(store)
    await store.host_action(*opener, HostAction.REQUIRE_KNOCK)
    woken: list[str] = []
    async with opened(store, *opener, lambda: woken.append("woken")):
        await show(store)
        assert woken == ["woken"]
    (request,) = await store.list_requests(*opener)
    assert (request.number, request.kind, request.is_new) == (3, RequestKind.KNOCK, True)
    assert request.name
    assert await store.list_requests(*member) == []
    # No entry has a number that the member cannot see.
    assert (await store.view_chat(*member)).last_seq == 2
    assert await kinds(store, member) == [Kind.JOINED]


@pytest.mark.parametrize("action", [HostAction.ADMIT, HostAction.REJECT])
async def test_answered_knock_is_no_longer_listed(
    make_store: MakeStore, action: HostAction
) -> None:
    store, _ = make_store()
    opener = await open_room(store)
    await store.host_action(*opener, HostAction.REQUIRE_KNOCK)
    await show(store)
    await store.host_action(*opener, action, 2)
    assert await store.list_requests(*opener) == []


async def test_new_opener_is_shown_those_who_knock(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener, member = await open_room(store), await seated(store)
    await store.host_action(*opener, HostAction.REQUIRE_KNOCK)
    await show(store)
    async with opened(store, *member) as stream:
        await store.leave(*opener)
        assert stream.notices == [RequestNotice(3)]
    assert [request.number for request in await store.list_requests(*member)] == [3]


async def test_rejected_knock_is_deleted(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener = await open_room(store)
    await store.host_action(*opener, HostAction.REQUIRE_KNOCK)
    secret, admission = await show(store)
    (knocker,) = (await private_view(store, opener)).knockers
    await store.host_action(*opener, HostAction.REJECT, knocker.number)
    with pytest.raises(NotAMemberError):
        await store.knock_state(secret, admission.chat_id)
    for action in (HostAction.ADMIT, HostAction.REJECT):
        with pytest.raises(MemberUnknownError):
            await store.host_action(*opener, action, knocker.number)


async def test_withdrawn_or_forgotten_knock_is_deleted(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener = await open_room(store)
    await store.host_action(*opener, HostAction.REQUIRE_KNOCK)
    first, admission = await show(store)
    second, _ = await show(store)
    await store.stop_knocking(first, ChatId("abcdefghijkl"))
    await store.stop_knocking(Secret.new(), admission.chat_id)
    assert len((await private_view(store, opener)).knockers) == 2
    await store.stop_knocking(first, admission.chat_id)
    await store.forget_session(second)
    assert (await private_view(store, opener)).knockers == []


async def test_knock_id_of_another_session_is_refused(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener = await open_room(store)
    await store.host_action(*opener, HostAction.REQUIRE_KNOCK)
    _, admission = await show(store)
    for secret in (opener[0], Secret.new(), await store.open_session()):
        with pytest.raises(NotAMemberError):
            await store.knock_state(secret, admission.chat_id)


async def test_removing_a_member_revokes_the_invitation(
    make_store: MakeStore,
) -> None:
    store, _ = make_store()
    opener, guest, other = await open_room(store), await seated(store), await seated(store)
    await store.host_action(*opener, HostAction.REMOVE, 2)
    with pytest.raises(NotAMemberError):
        await store.view_chat(*guest)
    assert (await kinds(store, other))[-1] is Kind.REMOVED
    with pytest.raises(InvitationUnknownError):
        await store.use_invitation(guest[0], KEY)
    for nobody in (0, 1, 2, 9):
        with pytest.raises(MemberUnknownError):
            await store.host_action(*opener, HostAction.REMOVE, nobody)


async def test_closed_room_is_announced_and_stays_readable(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener, guest = await open_room(store), await seated(store)
    await store.host_action(*opener, HostAction.REQUIRE_KNOCK)
    knocking, admission = await show(store)
    await store.post(*guest, "words", token(nonce="a"))
    await store.host_action(*opener, HostAction.CLOSE)
    for seat in (opener, guest):
        assert await texts(store, seat) == ["words"]
        assert (await kinds(store, seat))[-1] is Kind.CLOSED
        assert not (await store.view_chat(*seat)).is_open
        with pytest.raises(RoomClosedError):
            await store.post(*seat, "more", token(nonce="b"))
    with pytest.raises(NotAMemberError):
        await store.knock_state(knocking, admission.chat_id)
    assert await refusal_of(store) is InvitationUnknownError
    for action in HostAction:
        with pytest.raises(RoomClosedError):
            await store.host_action(*opener, action)
    with pytest.raises(RoomClosedError):
        await store.issue_invitation(*opener, invitation())


@pytest.mark.parametrize("action", HostAction)
async def test_only_the_opener_can_perform_host_actions(
    make_store: MakeStore, action: HostAction
) -> None:
    store, _ = make_store(rooms=ROOMS)
    opener, guest = await open_room(store), await seated(store)
    before = await private_view(store, opener)
    with pytest.raises(NotOpenerError):
        await store.host_action(*guest, action, 1)
    public, (pair, _other) = await come(store), await meet(store)
    for seat in (public, pair, (Secret.new(), opener[1]), (guest[0], opener[1])):
        with pytest.raises(NotAMemberError):
            await store.host_action(*seat, action, 1)
    assert await private_view(store, opener) == before
    assert await store.private_room(*public) is None


async def test_longest_member_succeeds_an_opener_who_leaves(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener, second, third = await open_room(store), await seated(store), await seated(store)
    await store.leave(*opener)
    assert (await private_view(store, second)).can_host
    assert not (await private_view(store, third)).can_host
    assert (await kinds(store, third))[-2:] == [Kind.LEFT_ROOM, Kind.OPENER]
    await store.host_action(*second, HostAction.LOCK)


async def test_empty_private_room_is_deleted_with_its_invitation(
    make_store: MakeStore,
) -> None:
    store, _ = make_store()
    opener = await open_room(store)
    await store.host_action(*opener, HostAction.REQUIRE_KNOCK)
    knocking, admission = await show(store)
    assert (await store.counts()).conversations == 1
    await store.leave(*opener)
    assert (await store.counts()).conversations == 0
    assert await refusal_of(store) is InvitationUnknownError
    with pytest.raises(NotAMemberError):
        await store.knock_state(knocking, admission.chat_id)
    await store.forget_session(knocking)


async def test_private_rooms_are_bounded(make_store: MakeStore) -> None:
    store, _ = make_store(Capacity(rooms=1))
    opener, guest = await open_room(store), await seated(store)
    with pytest.raises(ServerFullError):
        await open_room(store, invitation(OTHER_KEY))
    await store.leave(*opener)
    await store.leave(*guest)
    await open_room(store, invitation(OTHER_KEY))


async def test_knocks_count_as_rooms_of_the_session(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    opener = await open_room(store)
    await store.host_action(*opener, HostAction.REQUIRE_KNOCK)
    secret, admission = await show(store)
    for room in ROOMS[:3]:
        await store.join_room(secret, room.name)
    with pytest.raises(TooManyRoomsError):
        await store.open_room(secret, "Another", invitation(OTHER_KEY))
    with pytest.raises(TooManyRoomsError):
        await store.join_room(secret, "five")
    assert await store.use_invitation(secret, KEY) == admission


async def test_knocking_visitors_are_bounded(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener = await open_room(store, invitation(uses=99))
    await store.host_action(*opener, HostAction.REQUIRE_KNOCK)
    for _ in range(20):
        await show(store)
    assert await refusal_of(store) is RoomFullError
    await store.host_action(*opener, HostAction.ALLOW_DIRECT_JOIN)
    await seated(store)


async def test_unknown_session_cannot_use_private_rooms(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener = await open_room(store)
    with pytest.raises(SessionUnknownError):
        await store.open_room(Secret.new(), "A title", invitation(OTHER_KEY))
    with pytest.raises(SessionUnknownError):
        await store.use_invitation(Secret.new(), KEY)
    with pytest.raises(NotAMemberError):
        await store.private_room(Secret.new(), opener[1])


async def test_nothing_is_left_when_all_sessions_are_forgotten(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    opener = await open_room(store)
    await seated(store)
    await store.host_action(*opener, HostAction.REQUIRE_KNOCK)
    await show(store)
    clock.advance(21 * MINUTE)
    await store.sweep()
    assert await store.counts() == NOBODY
