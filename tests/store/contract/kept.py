"""The store contract as tests: refused forms, codes shown again, conversations just left."""

from __future__ import annotations

import pytest

from server.core.errors import NotAMemberError, ServerFullError, SessionUnknownError
from server.core.ids import CircuitKey, Secret
from server.core.invite_code import Code, CodeKey
from server.core.limits import CIRCUIT_SESSIONS, KEPT_S, MAX_KEPT, MAX_LEFT_CHATS, REMATCH_CODE_S
from server.core.session.departure import Departure
from server.store.contract.chat import Store
from server.store.contract.private_rooms import HostAction, NewInvitation

from .chat import HOUR, MakeStore, meet
from .private_rooms import KEY, OTHER_KEY, open_room, seated
from .rematch import MINE, NEWER, THEIRS
from .rooms import ROOMS, come

STRANGER = Secret.new()
CODE, OTHER_CODE = Code([0, 1, 2, 3]), Code([4, 5, 6, 7])


def with_code(code: Code = CODE, *, uses: int = 5) -> NewInvitation:
    return NewInvitation(KEY if code is CODE else OTHER_KEY, uses, HOUR, code)


# Refused forms


async def test_kept_words_open_for_their_session_only(make_store: MakeStore) -> None:
    store, clock = make_store()
    mine, other = await store.open_session(), await store.open_session()
    kept_id = await store.keep_form(mine, b"some words")
    assert await store.kept_form(mine, kept_id) == b"some words"
    assert await store.kept_form(mine, kept_id) == b"some words"
    for secret in (other, STRANGER):
        assert await store.kept_form(secret, kept_id) is None
    clock.advance(KEPT_S)
    assert await store.kept_form(mine, kept_id) is None
    with pytest.raises(SessionUnknownError):
        await store.keep_form(STRANGER, b"some words")


async def test_session_has_one_kept_form_the_last(make_store: MakeStore) -> None:
    store, _ = make_store()
    secret = await store.open_session()
    before = await store.keep_form(secret, b"one")
    after = await store.keep_form(secret, b"two")
    assert await store.kept_form(secret, before) is None
    assert await store.kept_form(secret, after) == b"two"


async def test_kept_form_is_listed_and_swept(make_store: MakeStore) -> None:
    store, clock = make_store()
    secret = await store.open_session()
    assert (await store.stored_data(secret)).kept_bytes == 0
    await store.keep_form(secret, b"x" * 500)
    clock.advance(60)
    held = await store.stored_data(secret)
    assert held.kept_bytes > 500
    assert held.kept_for_s == KEPT_S - 60
    clock.advance(KEPT_S)
    await store.sweep()
    assert (await store.stored_data(secret)).kept_bytes == 0


async def test_kept_form_moves_with_a_renewed_secret(make_store: MakeStore) -> None:
    store, _ = make_store()
    (old, chat_id), _ = await meet(store)
    await store.leave(old, chat_id)
    kept_id = await store.keep_form(old, b"words")
    new = await store.renew_secret(old)
    assert new is not None
    assert await store.kept_form(new, kept_id) == b"words"
    assert await store.kept_form(old, kept_id) is None
    # A browser that lost the cookie loses what only the cookie opens.
    lost = await store.follow_secret(old)
    assert lost is not None
    assert await store.kept_form(lost, kept_id) is None
    assert (await store.stored_data(lost)).kept_bytes == 0


async def keep_on(store: Store, circuit: str, count: int) -> list[tuple[Secret, str]]:
    """Open sessions on one circuit that each keep a form."""
    kept = []
    for _ in range(count):
        secret = await store.open_session()
        await store.visit(secret, is_pressed=True, circuit=CircuitKey(circuit.encode()))
        kept.append((secret, await store.keep_form(secret, b"words")))
    return kept


@pytest.mark.slow
async def test_kept_forms_are_bounded_and_shared_by_circuit(make_store: MakeStore) -> None:
    store, clock = make_store()
    crowds = [
        await keep_on(store, f"{number}", CIRCUIT_SESSIONS - 2)
        for number in range(-(-MAX_KEPT // (CIRCUIT_SESSIONS - 2)) - 1)
    ]
    left = MAX_KEPT - len(crowds) * (CIRCUIT_SESSIONS - 2)
    crowds.append(await keep_on(store, "rest", left))
    ((newcomer, kept_id),) = await keep_on(store, "newcomer", 1)
    assert await store.kept_form(newcomer, kept_id) == b"words"
    open_now = [await store.kept_form(*one) for crowd in crowds for one in crowd]
    assert open_now.count(None) == 1
    # Whoever would then hold the most gets no more.
    with pytest.raises(ServerFullError):
        await keep_on(store, "0", 3)
    clock.advance(KEPT_S)
    await store.sweep()
    await keep_on(store, "0", 1)


@pytest.mark.parametrize("end", ["panic", "forget_session"])
async def test_kept_form_ends_with_its_session(make_store: MakeStore, end: str) -> None:
    store, _ = make_store()
    secret = await store.open_session()
    kept_id = await store.keep_form(secret, b"words")
    await getattr(store, end)(secret)
    assert await store.kept_form(secret, kept_id) is None


# Codes that are shown again


async def test_invitation_is_shown_again_to_who_issued_it(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener, chat_id = await open_room(store, with_code())
    guest = await seated(store)
    assert await store.shown_invitation(opener, chat_id) == CODE
    assert await store.shown_invitation(opener, chat_id) == CODE
    assert await store.shown_invitation(*guest) is None
    await store.issue_invitation(opener, chat_id, with_code(OTHER_CODE))
    assert await store.shown_invitation(opener, chat_id) == OTHER_CODE
    assert (await store.stored_data(opener)).code_bytes > 0
    assert (await store.stored_data(guest[0])).code_bytes == 0
    with pytest.raises(NotAMemberError):
        await store.shown_invitation(STRANGER, chat_id)


async def test_invitation_is_not_shown_after_its_end(make_store: MakeStore) -> None:
    store, clock = make_store()
    opener, chat_id = await open_room(store, with_code(uses=1))
    await seated(store)
    assert await store.shown_invitation(opener, chat_id) is None
    await store.issue_invitation(opener, chat_id, with_code(OTHER_CODE))
    clock.advance(HOUR)
    assert await store.shown_invitation(opener, chat_id) is None
    await store.visit(opener, is_pressed=True)
    await store.sweep()
    assert (await store.stored_data(opener)).code_bytes == 0


async def test_next_host_is_not_shown_the_invitation(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener, chat_id = await open_room(store, with_code())
    heir = await seated(store)
    await store.leave(opener, chat_id)
    assert await store.shown_invitation(*heir) is None
    view = await store.private_room(*heir)
    assert view is not None
    assert view.can_host
    assert view.uses_left


async def test_invitation_of_a_closed_room_is_not_shown(make_store: MakeStore) -> None:
    store, _ = make_store()
    opener, chat_id = await open_room(store, with_code())
    await store.host_action(opener, chat_id, HostAction.CLOSE)
    assert await store.shown_invitation(opener, chat_id) is None


async def test_public_room_has_no_invitation_to_show(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    with pytest.raises(NotAMemberError):
        await store.shown_invitation(*await come(store))


async def test_invitation_moves_with_a_renewed_secret(make_store: MakeStore) -> None:
    store, _ = make_store()
    (old, pair_id), _ = await meet(store)
    await store.leave(old, pair_id)
    chat_id = await store.open_room(old, "A title", with_code())
    new = await store.renew_secret(old)
    assert new is not None
    assert await store.shown_invitation(new, chat_id) == CODE


async def test_rematch_code_is_shown_again_to_its_member(make_store: MakeStore) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    assert await store.shown_rematch_code(*first) is None
    await store.issue_rematch_code(*first, MINE, CODE)
    assert await store.shown_rematch_code(*first) == (CODE, REMATCH_CODE_S)
    assert await store.shown_rematch_code(*second) is None
    await store.issue_rematch_code(*first, NEWER, OTHER_CODE)
    await store.issue_rematch_code(*second, THEIRS, CODE)
    assert await store.shown_rematch_code(*first) == (OTHER_CODE, REMATCH_CODE_S)
    assert (await store.stored_data(first[0])).code_bytes > 0
    clock.advance(REMATCH_CODE_S)
    assert await store.shown_rematch_code(*first) is None
    with pytest.raises(NotAMemberError):
        await store.shown_rematch_code(STRANGER, first[1])


async def test_rematch_code_is_not_shown_after_leaving(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, _ = await meet(store)
    await store.issue_rematch_code(*first, CodeKey(b"k" * 32), CODE)
    await store.leave(*first)
    with pytest.raises(NotAMemberError):
        await store.shown_rematch_code(*first)
    assert (await store.stored_data(first[0])).code_bytes == 0


# Conversations just left


async def test_session_knows_for_a_while_what_it_has_left(make_store: MakeStore) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    assert await store.departure(*first) is None
    assert await store.is_there(*first)
    await store.leave(*first)
    assert await store.departure(*first) is Departure.LEFT
    assert not await store.is_there(*first)
    for secret in (second[0], STRANGER):
        assert await store.departure(secret, first[1]) is None
        assert await store.departure(secret, None) is None
        assert not await store.is_there(secret, first[1])
    assert (await store.stored_data(first[0])).left_count == 1
    clock.advance(KEPT_S)
    assert await store.departure(*first) is None
    await store.sweep()
    assert (await store.stored_data(first[0])).left_count == 0


async def test_session_knows_only_the_last_few_that_it_has_left(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    secret = await store.open_session()
    left = []
    for _ in range(MAX_LEFT_CHATS + 1):
        left.append(await store.join_room(secret, ROOMS[0].name))
        await store.leave(secret, left[-1])
    known = [await store.departure(secret, chat_id) for chat_id in left]
    assert known == [None, *[Departure.LEFT] * MAX_LEFT_CHATS]


async def test_removed_member_knows_that_they_were_removed(make_store: MakeStore) -> None:
    store, _ = make_store(rooms=ROOMS)
    opener = await open_room(store)
    guest = await seated(store)
    await store.host_action(*opener, HostAction.REMOVE, 2)
    assert await store.departure(*guest) is Departure.REMOVED
    room = await store.join_room(guest[0], ROOMS[0].name)
    await store.leave(guest[0], room)
    assert await store.departure(guest[0], None) is Departure.LEFT
    assert await store.departure(*guest) is Departure.REMOVED


async def test_next_leaves_the_conversation_before(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, _ = await meet(store)
    await store.request_match(first[0], None)
    assert await store.departure(*first) is Departure.LEFT
