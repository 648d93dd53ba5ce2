"""The store contract as tests: an invitation is used up when its visitor opens the page."""

from __future__ import annotations

import pytest

from server.core.errors import InvitationUnknownError, NotAMemberError
from server.core.ids import Secret
from server.core.limits import GUESS_BURST, MATCH_OPEN_S, USE_RETURNS
from server.store.contract.chat import Store
from server.store.contract.private_rooms import HostAction
from tests.fakes import FakeClock

from .chat import MINUTE, NOBODY, MakeStore, texts, token
from .private_rooms import (
    KEY,
    OTHER_KEY,
    invitation,
    open_room,
    private_view,
    refusal_of,
    seated,
    show,
)
from .rooms import Seat


async def pass_time(store: Store, clock: FakeClock, *present: Secret) -> None:
    """Let the time pass in which an entry has to be opened."""
    clock.advance(MATCH_OPEN_S)
    for secret in present:
        await store.visit(secret, is_pressed=True)
    await store.sweep()


async def people(store: Store, seat: Seat) -> int:
    return len(await store.list_members(*seat))


async def test_entry_that_nobody_opens_gives_its_use_back(make_store: MakeStore) -> None:
    store, clock = make_store()
    host = await open_room(store, invitation(uses=1))
    lost, chat_id = await seated(store)
    # The use is reserved meanwhile.
    assert (await private_view(store, host)).uses_left == 0
    assert await refusal_of(store) is InvitationUnknownError
    clock.advance(MATCH_OPEN_S - 1)
    await store.sweep()
    assert await people(store, host) == 2
    await pass_time(store, clock, lost)
    assert await people(store, host) == 1
    assert (await private_view(store, host)).uses_left == 1
    with pytest.raises(NotAMemberError):
        await store.view_chat(lost, chat_id)
    guest = await seated(store)
    await store.post(*host, "words", token())
    assert await texts(store, guest) == ["words"]


async def test_entry_that_is_opened_uses_the_invitation_up(make_store: MakeStore) -> None:
    store, clock = make_store()
    host = await open_room(store, invitation(uses=2))
    guest, chat_id = await seated(store)
    await store.view_chat(guest, chat_id)
    for _ in range(2):
        await pass_time(store, clock, guest)
        assert await people(store, host) == 2
        assert (await private_view(store, host)).uses_left == 1
    # Whoever leaves then has used it all the same.
    await store.leave(guest, chat_id)
    assert (await private_view(store, host)).uses_left == 1
    last, chat_id = await seated(store)
    await store.view_chat(last, chat_id)
    await store.forget_session(last)
    assert await refusal_of(store) is InvitationUnknownError


async def test_forgotten_newcomer_gives_the_use_back_at_once(make_store: MakeStore) -> None:
    store, _ = make_store()
    host = await open_room(store, invitation(uses=1))
    for _ in range(USE_RETURNS):
        lost, _ = await seated(store)
        # As when the connection was closed before the answer.
        await store.forget_session(lost)
        assert await people(store, host) == 1
    guest = await seated(store)
    await store.view_chat(*guest)
    await store.forget_session(guest[0])
    assert await refusal_of(store) is InvitationUnknownError


async def test_use_is_not_given_back_for_ever(make_store: MakeStore) -> None:
    store, _ = make_store()
    host = await open_room(store, invitation(uses=1))
    for _ in range(1 + USE_RETURNS):
        await store.forget_session((await seated(store))[0])
    assert (await private_view(store, host)).uses_left == 0
    assert await refusal_of(store) is InvitationUnknownError


async def test_visitor_who_shows_the_last_use_again_is_led_to_the_same_room(
    make_store: MakeStore,
) -> None:
    store, _ = make_store()
    host = await open_room(store, invitation(uses=1))
    guest, admission = await show(store)
    for _ in range(2 * GUESS_BURST):
        assert await store.use_invitation(guest, KEY) == admission
    await store.host_action(*host, HostAction.REMOVE, 2)
    with pytest.raises(InvitationUnknownError):
        await store.use_invitation(guest, KEY)


async def test_knock_that_nobody_opens_gives_its_use_back(make_store: MakeStore) -> None:
    store, clock = make_store()
    host = await open_room(store, invitation(uses=1))
    await store.host_action(*host, HostAction.REQUIRE_KNOCK)
    lost, _ = await show(store)
    await pass_time(store, clock, lost)
    assert (await private_view(store, host)).knockers == []
    assert await store.list_requests(*host) == []
    knocker, knock = await show(store)
    await store.knock_state(knocker, knock.chat_id)
    await pass_time(store, clock, knocker)
    assert len((await private_view(store, host)).knockers) == 1
    assert await refusal_of(store) is InvitationUnknownError
    await store.stop_knocking(knocker, knock.chat_id)
    assert (await private_view(store, host)).uses_left == 0


async def test_knock_that_is_turned_away_uses_the_invitation_up(make_store: MakeStore) -> None:
    store, _ = make_store()
    host = await open_room(store, invitation(uses=1))
    await store.host_action(*host, HostAction.REQUIRE_KNOCK)
    await show(store)
    (knocker,) = (await private_view(store, host)).knockers
    await store.host_action(*host, HostAction.REJECT, knocker.number)
    assert await refusal_of(store) is InvitationUnknownError


async def test_admitted_visitor_has_to_open_the_room(make_store: MakeStore) -> None:
    store, clock = make_store()
    host = await open_room(store, invitation(uses=1))
    await store.host_action(*host, HostAction.REQUIRE_KNOCK)
    await show(store)
    (knocker,) = (await private_view(store, host)).knockers
    await store.host_action(*host, HostAction.ADMIT, knocker.number)
    await pass_time(store, clock)
    assert await people(store, host) == 1
    assert (await private_view(store, host)).uses_left == 1


async def test_use_of_a_revoked_invitation_is_not_given_back(make_store: MakeStore) -> None:
    store, clock = make_store()
    host = await open_room(store, invitation(uses=1, lasts_s=10 * MINUTE))
    lost, _ = await seated(store)
    await store.issue_invitation(*host, invitation(OTHER_KEY, uses=1))
    await store.forget_session(lost)
    assert await refusal_of(store) is InvitationUnknownError
    assert (await private_view(store, host)).uses_left == 1
    late, _ = await seated(store, OTHER_KEY)
    await store.host_action(*host, HostAction.CLOSE)
    await pass_time(store, clock, late)
    assert await refusal_of(store, OTHER_KEY) is InvitationUnknownError
    for secret in (host[0], late):
        await store.forget_session(secret)


async def test_use_given_back_after_the_time_is_worth_nothing(make_store: MakeStore) -> None:
    store, clock = make_store()
    host = await open_room(store, invitation(uses=1, lasts_s=MATCH_OPEN_S))
    await seated(store)
    await pass_time(store, clock)
    assert await people(store, host) == 1
    assert await refusal_of(store) is InvitationUnknownError


async def test_host_who_goes_leaves_nothing_of_an_unopened_entry(make_store: MakeStore) -> None:
    store, clock = make_store()
    host = await open_room(store)
    lost, _ = await seated(store)
    await store.panic(host[0])
    await pass_time(store, clock, lost)
    await store.forget_session(lost)
    assert await store.counts() == NOBODY
