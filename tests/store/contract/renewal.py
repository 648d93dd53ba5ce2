"""The store contract as tests: a new secret after the last conversation, and its delivery."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from server.core.errors import NotAMemberError, RateLimitedError, SessionUnknownError
from server.core.ids import ChatId, Secret
from server.core.limits import CIRCUIT_JOIN_BURST, JOIN_BURST, LATE_COOKIE_S, SAME_PARTNER_S
from server.store.contract.chat import Store
from server.store.contract.private_rooms import HostAction
from server.store.contract.session import Settings
from server.stream.subscription import StreamEnd

from .chat import (
    ANY,
    LISTEN,
    NOBODY,
    TALK,
    MakeStore,
    arrive,
    draw,
    drawn,
    meet,
    opened,
    texts,
    token,
)
from .circuits import CIRCUIT, OTHER
from .private_rooms import KEY, open_room, seated
from .rematch import NO_ROOM, THEIRS, both_ask
from .rooms import ROOMS, Seat, come


async def renewed(store: Store, secret: Secret) -> Secret:
    """Renew a secret, which is due."""
    new = await store.renew_secret(secret)
    assert new is not None
    assert new != secret
    return new


async def followed(store: Store, secret: Secret) -> Secret:
    """Present a secret that was renewed, as a browser does that has not received the new one."""
    assert await store.visit(secret, is_pressed=True) is None
    new = await store.follow_secret(secret)
    assert new is not None
    assert await store.visit(new, is_pressed=True, is_issued=True) is not None
    return new


async def alone(store: Store) -> Secret:
    """Open a session that has left its only conversation."""
    first, second = await meet(store)
    await store.leave(*first)
    await store.forget_session(second[0])
    return first[0]


async def leads_nowhere(store: Store, secrets: Sequence[Secret]) -> bool:
    """Whether none of these secrets finds a session."""
    found = [await store.follow_secret(secret) for secret in secrets]
    known = [await store.visit(secret, is_pressed=False) for secret in secrets]
    return found == known == [None] * len(secrets)


# When it is renewed


async def test_secret_is_renewed_after_the_last_conversation(make_store: MakeStore) -> None:
    store, _ = make_store()
    old = await alone(store)
    await store.set_language(old, "fa")
    new = await renewed(store, old)
    assert await store.is_known(old)
    with pytest.raises(SessionUnknownError):
        await store.match_state(old)
    assert await store.visit(new, is_pressed=True) == Settings("fa")
    assert (await store.counts()).sessions == 1
    assert not await store.is_known(old)
    assert await leads_nowhere(store, [old])


async def test_secret_is_renewed_once_for_each_departure(make_store: MakeStore) -> None:
    store, _ = make_store()
    fresh = await store.open_session()
    assert await store.renew_secret(fresh) is None
    assert await store.renew_secret(Secret.new()) is None
    new = await renewed(store, await alone(store))
    await store.visit(new, is_pressed=True)
    assert await store.renew_secret(new) is None


async def test_secret_is_kept_while_a_conversation_is_left(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    first, second = await meet(store)
    room = await store.join_room(first[0], "one")
    assert await store.renew_secret(first[0]) is None
    await store.leave(*first)
    assert await store.renew_secret(first[0]) is None
    await store.leave(first[0], room)
    assert await store.renew_secret(first[0]) is not None
    # The partner sits in a closed pair until they go on.
    assert await store.renew_secret(second[0]) is None
    await store.leave(*second)
    assert await store.renew_secret(second[0]) is not None


async def test_member_who_was_removed_gets_a_new_secret(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener, guest = await open_room(store), await seated(store)
    await store.host_action(*opener, HostAction.REMOVE, 2)
    assert await store.renew_secret(guest[0]) is not None


async def test_secret_is_kept_while_its_session_knocks(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener, old = await open_room(store), await alone(store)
    await store.host_action(*opener, HostAction.REQUIRE_KNOCK)
    knock = await store.use_invitation(old, KEY)
    assert await store.renew_secret(old) is None
    await store.host_action(*opener, HostAction.ADMIT, 2)
    new = await renewed(store, old)
    assert (await store.private_room(new, knock.chat_id)) is not None
    assert (await store.view_chat(new, knock.chat_id)).title == "A title"


async def test_secret_is_kept_once_the_next_conversation_is_shown(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, _ = await meet(store)
    await arrive(store)
    await store.request_match(first[0], None)
    match = await drawn(store, first[0])
    assert match.chat_id is not None
    await store.view_chat(first[0], match.chat_id)
    assert await store.renew_secret(first[0]) is None


# What moves along


async def test_block_holds_after_both_secrets_were_renewed(make_store: MakeStore) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    await store.block_partner(*first)
    people = []
    for seat in (first, second):
        await store.leave(*seat)
        people.append(await renewed(store, seat[0]))
    for _ in range(2):
        assert [(await store.request_match(who, ANY)).chat_id for who in people] == [None, None]
        clock.advance(SAME_PARTNER_S + 1)
        for who in people:
            await store.visit(who, is_pressed=True)
        await draw(store)
        assert [(await store.match_state(who)).chat_id for who in people] == [None, None]
    assert (await store.stored_data(people[0])).partner_count == 2


async def test_last_partner_is_not_met_at_once_after_renewal(make_store: MakeStore) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    await store.leave(*first)
    mine = await renewed(store, first[0])
    assert (await store.request_match(mine, ANY)).chat_id is None
    assert (await store.request_match(second[0], ANY)).chat_id is None
    theirs = await renewed(store, second[0])
    clock.advance(SAME_PARTNER_S + 1)
    for who in (mine, theirs):
        await store.visit(who, is_pressed=True)
    await draw(store)
    assert (await store.match_state(mine)).chat_id is not None
    assert (await store.match_state(theirs)).chat_id is not None


async def test_ticket_moves_to_the_new_secret(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    old, room = await come(store)
    await store.request_match(old, TALK)
    await store.leave(old, room)
    new = await renewed(store, old)
    assert (await store.match_state(new)).is_waiting
    assert (await store.counts()).waiting == 1
    _, match = await arrive(store, LISTEN)
    assert match.chat_id is not None
    assert (await store.match_state(new)).chat_id is not None


async def gone_on(store: Store) -> tuple[Seat, Seat]:
    """Leave a pair for the next one, whose page only the partner opens; return both new seats."""
    first, _ = await meet(store)
    waiting, _ = await arrive(store, TALK)
    await store.request_match(first[0], LISTEN)
    match = await drawn(store, first[0])
    partner_id = (await store.match_state(waiting)).chat_id
    assert match.chat_id is not None
    assert partner_id is not None
    return (first[0], match.chat_id), (waiting, partner_id)


async def test_match_made_before_the_renewal_moves_with_its_messages(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    (first, mine_id), partner = await gone_on(store)
    await store.view_chat(*partner)
    await store.post(*partner, "hello", token())
    mine: Seat = await renewed(store, first), mine_id
    assert await texts(store, mine) == ["hello"]
    await store.post(*mine, "and hello", token())
    assert await texts(store, partner) == ["hello", "and hello"]
    with pytest.raises(NotAMemberError):
        await store.read(first, mine_id, 0, 10)
    clock.advance(SAME_PARTNER_S + 1)
    await store.sweep()
    assert await texts(store, partner) == ["hello", "and hello"]


async def test_shown_code_moves_to_the_new_secret(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await both_ask(store)
    await store.leave(*first)
    await store.use_code(first[0], NO_ROOM, THEIRS)
    new = await renewed(store, first[0])
    assert (await store.match_state(new)).is_rematch
    assert (await store.stored_data(new)).code_count == 1
    await store.forget_session(second[0])
    await store.panic(new)
    assert await store.counts() == NOBODY


async def test_open_stream_moves_and_its_traffic_is_counted(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    old, room = await come(store)
    async with opened(store, old, None) as stream:
        stream.own_bytes = 500
        await store.leave(old, room)
        new = await renewed(store, old)
        assert stream.end is StreamEnd.MOVED
        assert (await store.counts()).streams == 1
        async with opened(store, new, None) as newer:
            assert newer.end is None
    assert (await store.lifetime(new)).traffic_bytes == 500
    assert (await store.counts()).streams == 0


# How it is handed on


async def test_lost_answer_does_not_lose_the_session(make_store: MakeStore) -> None:
    store, _ = make_store()
    old = await alone(store)
    await store.set_language(old, "fa")
    lost = [await renewed(store, old)]
    lost += [await followed(store, old) for _ in range(3)]
    new = await followed(store, lost[0])
    assert (await store.counts()).sessions == 1
    assert await store.visit(new, is_pressed=True) == Settings("fa")
    assert await leads_nowhere(store, [old])


async def test_used_secret_leads_nowhere_once_the_new_one_is_used(make_store: MakeStore) -> None:
    store, clock = make_store()
    old = await alone(store)
    issued = await renewed(store, old)
    newest = await followed(store, old)
    await store.visit(newest, is_pressed=True)
    assert await leads_nowhere(store, [old])
    # The answer with this one may have been overtaken: it may still arrive, and be used.
    clock.advance(LATE_COOKIE_S)
    again = await followed(store, issued)
    await store.visit(again, is_pressed=True)
    assert await leads_nowhere(store, [newest])
    clock.advance(1)
    assert await leads_nowhere(store, [old, issued, newest])
    assert await store.is_known(again)


async def test_followed_session_reads_what_is_posted_from_now_on(make_store: MakeStore) -> None:
    store, _ = make_store()
    (first, mine_id), partner = await gone_on(store)
    await renewed(store, first)
    await store.view_chat(*partner)
    await store.post(*partner, "sealed to the lost secret", token())
    mine: Seat = await followed(store, first), mine_id
    await store.post(*partner, "sealed to the next", token(1, "1"))
    await store.post(*mine, "answer", token())
    assert await texts(store, mine) == ["sealed to the next", "answer"]
    assert len(await texts(store, partner)) == 3


async def seated_by_a_lost_answer(store: Store) -> tuple[Secret, Seat]:
    """Join a room with a former secret, whose answers are lost; return it, and the newest seat."""
    old = await alone(store)
    await renewed(store, old)
    lost = await followed(store, old)
    return old, (lost, await store.join_room(lost, "one"))


async def test_former_secret_moves_a_seat_no_faster_than_a_room_is_joined(
    make_store: MakeStore,
) -> None:
    store, clock = make_store(rooms=ROOMS)
    reader = await come(store)
    await store.post(*reader, "first", token())
    old, (newest, chat_id) = await seated_by_a_lost_answer(store)
    for _ in range(JOIN_BURST - 1):
        newest = await followed(store, old)
    for _ in range(3):
        with pytest.raises(RateLimitedError) as caught:
            await store.follow_secret(old)
    # The session stays as it was.
    await store.post(*reader, "second", token(1, "1"))
    assert await store.is_known(old)
    clock.advance(caught.value.retry_after_s)
    newest = await followed(store, old)
    await store.post(*reader, "third", token(2, "2"))
    assert await texts(store, (newest, chat_id)) == ["third"]


async def test_sessions_of_a_circuit_share_the_limit_of_moved_seats(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    await come(store)
    olds = []
    for _ in range(CIRCUIT_JOIN_BURST // 4):
        first, second = await meet(store)
        await store.leave(*first)
        await store.forget_session(second[0])
        olds.append(first[0])
        lost = await renewed(store, first[0])
        await store.visit(lost, is_pressed=True, circuit=CIRCUIT, is_issued=True)
        await store.join_room(lost, "one")
    for _ in range(3):
        for old in olds:
            await store.follow_secret(old)
    for old in olds:
        with pytest.raises(RateLimitedError):
            await store.follow_secret(old)
    assert await store.join_room(await store.open_session(OTHER), "one")


async def test_former_secret_of_a_session_without_a_seat_is_always_followed(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(rooms=ROOMS)
    old = await alone(store)
    await renewed(store, old)
    for _ in range(4 * JOIN_BURST):
        await followed(store, old)


async def test_panic_with_a_former_secret_needs_no_new_one(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    old, (newest, _) = await seated_by_a_lost_answer(store)
    for _ in range(JOIN_BURST - 1):
        newest = await followed(store, old)
    with pytest.raises(RateLimitedError):
        await store.follow_secret(old)
    await store.panic(old)
    assert not await store.is_known(newest)
    assert await store.counts() == NOBODY


@pytest.mark.parametrize("is_panic", [True, False])
async def test_forgotten_session_leaves_no_former_secret(
    make_store: MakeStore, *, is_panic: bool
) -> None:
    store, _ = make_store()
    old = await alone(store)
    lost = await renewed(store, old)
    new = await followed(store, old)
    await (store.panic(new) if is_panic else store.forget_session(new))
    assert await leads_nowhere(store, [old, lost, new])
    assert await store.counts() == NOBODY


async def test_unused_new_secret_expires_with_its_session(make_store: MakeStore) -> None:
    store, clock = make_store()
    old = await alone(store)
    await renewed(store, old)
    clock.advance(20 * 60)
    assert await store.follow_secret(old) is not None
    clock.advance(1)
    await store.sweep()
    assert await leads_nowhere(store, [old])


async def test_present_secret_is_never_followed(make_store: MakeStore) -> None:
    store, _ = make_store()
    secret = await alone(store)
    assert await store.follow_secret(secret) is None
    assert await store.follow_secret(Secret.new()) is None


async def knocked_with_a_lost_answer(store: Store) -> tuple[Seat, Secret, ChatId]:
    """Knock with a former secret, whose answers are lost; return host, newest secret, chat id."""
    host, old = await open_room(store), await alone(store)
    await store.host_action(*host, HostAction.REQUIRE_KNOCK)
    await renewed(store, old)
    knock = await store.use_invitation(await followed(store, old), KEY)
    return host, await followed(store, old), knock.chat_id


async def test_knock_moves_to_the_next_secret(make_store: MakeStore) -> None:
    store, _ = make_store()
    host, newest, chat_id = await knocked_with_a_lost_answer(store)
    view = await store.private_room(*host)
    assert view is not None
    await store.host_action(*host, HostAction.ADMIT, view.knockers[0].number)
    assert await store.private_room(newest, chat_id) is not None
    # Nothing could seal the title again; the code opens it once more.
    assert (await store.view_chat(newest, chat_id)).title == ""
    await store.use_invitation(newest, KEY)
    assert (await store.view_chat(newest, chat_id)).title == "A title"


async def test_panic_of_the_host_works_whoever_knocks(make_store: MakeStore) -> None:
    store, _ = make_store()
    host, newest, _ = await knocked_with_a_lost_answer(store)
    await store.panic(host[0])
    assert not await store.is_known(host[0])
    await store.forget_session(newest)
    assert await store.counts() == NOBODY
