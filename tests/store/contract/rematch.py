"""The store contract as tests: meeting again by rematch codes."""

from __future__ import annotations

from contextlib import suppress

import pytest

from server.core.errors import (
    ChatClosedError,
    InvitationUnknownError,
    NotAMemberError,
    RateLimitedError,
    RoomLockedError,
    SessionUnknownError,
)
from server.core.ids import Secret
from server.core.invite_code import CodeKey, InviteKeys
from server.core.limits import GUESS_BURST, MATCH_OPEN_S, REMATCH_CODE_S, WAITER_PRESENT_S, Capacity
from server.core.room.log import Kind
from server.store.contract.chat import Store
from server.store.contract.matching import MatchState
from server.store.contract.private_rooms import Admission, HostAction

from .chat import MINUTE, NOBODY, Call, MakeStore, arrive, kinds, meet, opened, texts, token
from .private_rooms import KEY, invite_keys, open_room
from .rooms import ROOMS, Seat, come

MINE, THEIRS, NEWER = (CodeKey(letter * 32) for letter in (b"m", b"t", b"n"))
NO_ROOM, NO_CODE = invite_keys(b"r"), CodeKey(b"c" * 32)


async def both_ask(store: Store) -> tuple[Seat, Seat]:
    """Match two sessions that both ask for a rematch code."""
    first, second = await meet(store)
    await store.issue_rematch_code(*first, MINE)
    await store.issue_rematch_code(*second, THEIRS)
    return first, second


async def parted(store: Store) -> None:
    """Let two sessions ask for codes, and forget both."""
    for secret, _chat_id in await both_ask(store):
        await store.forget_session(secret)


async def come_with(store: Store, code: CodeKey) -> tuple[Secret, Admission | None]:
    """Create a session that shows a rematch code."""
    secret = await store.open_session()
    return secret, await store.use_code(secret, NO_ROOM, code)


async def met_again(store: Store, one: CodeKey = MINE, other: CodeKey = THEIRS) -> list[Seat]:
    """Create two sessions that show both codes; the one that waited comes first."""
    waiter, _ = await come_with(store, one)
    newcomer, admission = await come_with(store, other)
    waiter_id = (await store.match_state(waiter)).chat_id
    assert waiter_id is not None
    assert admission is not None
    return [(waiter, waiter_id), (newcomer, admission.chat_id)]


async def waits(store: Store, secret: Secret) -> bool:
    """Return whether a session waits for the holder of the other code."""
    state = await store.match_state(secret)
    return state.is_waiting and state.is_rematch


async def valid(store: Store, *codes: CodeKey) -> list[CodeKey]:
    """Return those of the codes that a new session can use."""
    usable = []
    for code in codes:
        with suppress(InvitationUnknownError):
            secret, _ = await come_with(store, code)
            await store.forget_session(secret)
            usable.append(code)
    return usable


@pytest.mark.parametrize("codes", [[MINE, THEIRS], [THEIRS, MINE]])
async def test_two_holders_of_codes_meet_again(make_store: MakeStore, codes: list[CodeKey]) -> None:
    store, clock = make_store()
    await both_ask(store)
    clock.advance(21 * MINUTE)
    await store.sweep()
    assert await store.counts() == NOBODY
    waiter, newcomer = await met_again(store, *codes)
    await store.post(*waiter, "you!", token())
    assert await texts(store, newcomer) == ["you!"]
    assert (await store.view_chat(*newcomer)).is_pair


async def test_showing_a_code_cancels_the_ticket(make_store: MakeStore) -> None:
    store, _ = make_store()
    await parted(store)
    waiter, _ = await arrive(store)
    assert await store.use_code(waiter, NO_ROOM, MINE) is None
    (secret, _), partner = await meet(store)
    assert await store.use_code(secret, NO_ROOM, MINE) is None
    state = await store.match_state(secret)
    assert (state.is_waiting, state.is_rematch, state.chat_id) == (True, True, None)
    assert (await store.counts()).waiting == 0
    # The present pair is left when the holder of the other code comes, and not before.
    assert await kinds(store, partner) == [Kind.MET]
    assert (await store.stored_data(secret)).is_waiting
    assert await store.use_code(secret, NO_ROOM, THEIRS) is None


async def test_code_is_useless_until_both_have_asked(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    await store.issue_rematch_code(*first, MINE)
    assert await valid(store, MINE) == []
    await store.issue_rematch_code(*second, THEIRS)
    assert await valid(store, MINE, THEIRS) == [MINE, THEIRS]


async def test_code_shown_by_two_sessions_counts_for_the_latest(make_store: MakeStore) -> None:
    store, _ = make_store()
    await parted(store)
    one, _ = await come_with(store, MINE)
    (two, _), _ = await met_again(store)
    assert (await store.match_state(two)).chat_id is not None
    assert await store.match_state(one) == MatchState(is_waiting=False, chat_id=None)


@pytest.mark.parametrize("age_s", [REMATCH_CODE_S - 1, REMATCH_CODE_S])
async def test_code_is_valid_for_a_day(make_store: MakeStore, age_s: float) -> None:
    store, clock = make_store()
    await parted(store)
    clock.advance(age_s)
    expected = [MINE, THEIRS] if age_s < REMATCH_CODE_S else []
    assert await valid(store, MINE, THEIRS) == expected
    await store.sweep()
    assert await valid(store, MINE, THEIRS) == expected


async def test_wait_ends_when_the_code_expires(make_store: MakeStore) -> None:
    store, clock = make_store()
    await parted(store)
    clock.advance(REMATCH_CODE_S - 1)
    secret, _ = await come_with(store, MINE)
    woken: list[str] = []
    async with opened(store, secret, None, lambda: woken.append("woken")):
        await store.sweep()
        assert (await waits(store, secret), woken) == (True, [])
        clock.advance(1)
        await store.sweep()
        assert (await waits(store, secret), woken) == (False, ["woken"])


STOPS: dict[str, Call] = {
    "cancel": lambda store, secret, _chat: store.cancel_match(secret),
    "request_match": lambda store, secret, _chat: store.request_match(secret, None),
    "leave": lambda store, secret, chat: store.leave(secret, chat),
}


@pytest.mark.parametrize("stop", STOPS)
async def test_code_stays_valid_after_waiting_is_cancelled(
    make_store: MakeStore, stop: str
) -> None:
    store, clock = make_store()
    await parted(store)
    _, present = await met_again(store)
    await store.view_chat(*present)
    clock.advance(MATCH_OPEN_S)
    await store.sweep()
    await STOPS[stop](store, *present)
    assert not await waits(store, present[0])
    assert (await come_with(store, MINE))[1] is None
    assert await store.use_code(present[0], NO_ROOM, THEIRS) is not None


@pytest.mark.parametrize("away_s", [WAITER_PRESENT_S, WAITER_PRESENT_S + 1])
async def test_absent_holder_is_matched_on_return(make_store: MakeStore, away_s: int) -> None:
    store, clock = make_store()
    await parted(store)
    one, _ = await come_with(store, MINE)
    async with opened(store, one, None):
        clock.advance(5 * MINUTE)
    clock.advance(away_s)
    other, admission = await come_with(store, THEIRS)
    assert [admission is None, await waits(store, other)] == [away_s > WAITER_PRESENT_S] * 2
    assert (await store.match_state(one)).chat_id is not None
    assert (await store.match_state(other)).chat_id is not None


async def test_codes_are_revoked_when_both_have_met(make_store: MakeStore) -> None:
    store, clock = make_store()
    first, _ = await both_ask(store)
    for seat in await met_again(store):
        await store.view_chat(*seat)
    for pause_s in (0, MATCH_OPEN_S):
        clock.advance(pause_s)
        await store.sweep()
        assert await valid(store, MINE, THEIRS) == []
    assert (await store.stored_data(first[0])).code_count == 0


@pytest.mark.parametrize("came", [0, 1, None])
async def test_codes_of_an_unopened_rematch_stay_valid(
    make_store: MakeStore, came: int | None
) -> None:
    store, clock = make_store()
    await parted(store)
    seats = await met_again(store)
    if came is not None:
        await store.view_chat(*seats[came])
    for pause_s, waiting in ((MATCH_OPEN_S - 1, [False, False]), (1, [came == 0, came == 1])):
        clock.advance(pause_s)
        for secret, _ in seats:
            await store.visit(secret, is_pressed=False)
        await store.sweep()
        assert [await waits(store, secret) for secret, _ in seats] == waiting
    if came is None:
        await met_again(store)
    else:
        assert await kinds(store, seats[came]) == [Kind.MET, Kind.ABSENT]
        assert (await come_with(store, (THEIRS, MINE)[came]))[1] is not None
        assert (await store.match_state(seats[came][0])).chat_id not in {None, seats[came][1]}


async def test_wrong_code_is_one_guess_and_keeps_the_pair(make_store: MakeStore) -> None:
    store, _ = make_store()
    await parted(store)
    (secret, chat_id), _ = await meet(store)
    for _ in range(GUESS_BURST):
        with pytest.raises(InvitationUnknownError):
            await store.use_code(secret, NO_ROOM, NO_CODE)
    for code in (MINE, NO_CODE):
        with pytest.raises(RateLimitedError):
            await store.use_code(secret, NO_ROOM, code)
    assert (await store.view_chat(secret, chat_id)).is_open


async def test_code_is_announced_to_the_partner_once(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await both_ask(store)
    await store.issue_rematch_code(*first, NEWER)
    assert await kinds(store, second) == [Kind.MET, Kind.REMATCH, Kind.REMATCH]
    assert await valid(store, MINE, NEWER, THEIRS) == [NEWER, THEIRS]


async def test_code_is_issued_only_in_an_open_pair(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    (first, first_id), (second, second_id) = await meet(store)
    for foreign in (await come(store), (first, second_id), (Secret.new(), first_id)):
        with pytest.raises(NotAMemberError):
            await store.issue_rematch_code(*foreign, MINE)
    with pytest.raises(SessionUnknownError):
        await store.use_code(Secret.new(), NO_ROOM, MINE)
    await store.issue_rematch_code(first, first_id, MINE)
    assert (await store.stored_data(first)).code_count == 1
    await store.leave(second, second_id)
    assert (await store.stored_data(first)).code_count == 0
    with pytest.raises(ChatClosedError):
        await store.issue_rematch_code(first, first_id, MINE)


async def test_codes_are_bounded_and_the_oldest_give_way(make_store: MakeStore) -> None:
    store, clock = make_store(Capacity(sessions=2))
    for keys in (b"ab", b"cd", b"ef"):
        for seat, key in zip(await meet(store), keys, strict=True):
            await store.issue_rematch_code(*seat, CodeKey(bytes([key]) * 32))
        clock.advance(21 * MINUTE)
        await store.sweep()
    codes = [CodeKey(bytes([key]) * 32) for key in b"abcdef"]
    assert await valid(store, *codes) == codes[2:]


async def test_use_code_accepts_invitations(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener, (first, _) = await open_room(store), await meet(store)
    admission = await store.use_code(first[0], KEY, NO_CODE)
    assert admission == await store.use_invitation(first[0], KEY)
    assert (await store.view_chat(*first)).is_open
    await store.host_action(*opener, HostAction.LOCK)
    with pytest.raises(RoomLockedError):
        await store.use_code(await store.open_session(), KEY, NO_CODE)


async def test_code_of_one_kind_is_refused_as_the_other(make_store: MakeStore) -> None:
    store, _ = make_store()
    await open_room(store)
    await parted(store)
    secret = await store.open_session()
    mine = InviteKeys(MINE, MINE)
    for invitation, rematch in ((mine, NO_CODE), (NO_ROOM, KEY.key), (mine, KEY.key)):
        with pytest.raises(InvitationUnknownError):
            await store.use_code(secret, invitation, rematch)
    with pytest.raises(InvitationUnknownError):
        await store.use_invitation(secret, mine)
    assert await store.list_chats(secret) == []


async def test_panic_revokes_own_codes_and_their_counterparts(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await both_ask(store)
    waiter, _ = await come_with(store, THEIRS)
    woken: list[str] = []
    async with opened(store, waiter, None, lambda: woken.append("woken")):
        await store.panic(first[0])
        assert (await waits(store, waiter), woken) == (False, ["woken"])
    assert await valid(store, MINE, THEIRS) == []
    assert (await store.stored_data(second[0])).code_count == 0
