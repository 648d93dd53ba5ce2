"""The store contract as tests: who may come in, and what a drain tells and refuses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from server.core.admission.closing import LAST_LOOK_S, OPEN, Closing
from server.core.errors import NotAdmittedError, NothingBeginsError
from server.core.invite_code import CodeKey
from server.core.room.log import Kind
from server.store.contract.admission import AdmissionView
from server.store.contract.chat import Store
from server.store.contract.private_rooms import HostAction
from tests.fakes import FakeClock

from .chat import ANY, MINUTE, MakeStore, arrive, draw, entries, kinds, meet, opened, token
from .private_rooms import KEY, invitation, open_room, show
from .rooms import ROOMS, Seat, come

CODE_KEY = CodeKey(b"c" * 32)


def closed(clock: FakeClock, for_s: float = 600, words: str = "") -> Closing:
    return OPEN.closed(clock() + for_s, words)


def draining(clock: FakeClock, for_s: float = 900) -> Closing:
    return OPEN.draining(clock() + for_s)


async def minutes_told(store: Store, seat: Seat) -> list[int]:
    return [entry.about for entry in await entries(store, seat) if entry.kind is Kind.RESTART]


async def test_closed_server_opens_no_session_and_those_inside_go_on(
    make_store: MakeStore,
) -> None:
    store, clock = make_store(rooms=ROOMS)
    first, second = await meet(store)
    waiter = await store.open_session()
    await store.set_closing(closed(clock, words="Back soon"))
    with pytest.raises(NotAdmittedError):
        await store.open_session()
    await store.post(*first, "still here", token())
    await store.join_room(second[0], "one")
    await store.request_match(waiter, ANY)
    await store.request_match(first[0], ANY)
    await draw(store)
    assert (await store.match_state(waiter)).chat_id is not None
    assert Kind.RESTART not in await kinds(store, second)


async def test_closed_server_opens_by_itself_with_the_sweep(make_store: MakeStore) -> None:
    store, clock = make_store()
    await store.set_closing(closed(clock, 600, "Back soon"))
    assert await store.admission() == AdmissionView(False, "Back soon", 600)
    clock.advance(599)
    await store.sweep()
    assert await store.admission() == AdmissionView(False, "Back soon", 0)
    clock.advance(1)
    # Not before a sweep, whose moment is drawn: nobody learns the time of our clock.
    assert not (await store.admission()).admits
    await store.sweep()
    assert await store.admission() == AdmissionView()
    await store.open_session()


async def test_operator_opens_at_once(make_store: MakeStore) -> None:
    store, clock = make_store()
    await store.set_closing(closed(clock))
    await store.set_closing(OPEN)
    await store.open_session()


async def test_drain_is_told_in_every_conversation_and_again_before_its_end(
    make_store: MakeStore,
) -> None:
    store, clock = make_store(rooms=ROOMS)
    pair, _ = await meet(store)
    seats = pair, await come(store), await open_room(store)
    await store.set_closing(draining(clock, 900))
    assert [await minutes_told(store, seat) for seat in seats] == [[15]] * 3
    for _ in range(15):
        clock.advance(MINUTE)
        await store.sweep()
        await store.sweep()
    assert [await minutes_told(store, seat) for seat in seats] == [[15, 5, 1]] * 3
    with pytest.raises(NotAdmittedError):
        await store.open_session()


@pytest.mark.parametrize(("for_s", "told"), [(90, [2, 1]), (300, [5, 1]), (60, [1])])
async def test_short_drain_is_told_no_more_often_than_needed(
    make_store: MakeStore, for_s: float, told: list[int]
) -> None:
    store, clock = make_store()
    seat, _ = await meet(store)
    await store.set_closing(draining(clock, for_s))
    for _ in range(int(for_s) // 10):
        clock.advance(10)
        await store.sweep()
    assert await minutes_told(store, seat) == told


async def test_drain_that_is_cancelled_is_told_as_well(make_store: MakeStore) -> None:
    store, clock = make_store()
    seat, _ = await meet(store)
    await store.set_closing(draining(clock))
    await store.set_closing(draining(clock).closed(clock() + 600))
    await store.set_closing(draining(clock, 60))
    await store.set_closing(OPEN)
    assert (await kinds(store, seat))[1:] == [Kind.RESTART, Kind.RESTART, Kind.NO_RESTART]
    assert await minutes_told(store, seat) == [15, 1]
    await store.request_match(await store.open_session(), ANY)


async def test_those_who_wait_are_let_go_by_a_drain(make_store: MakeStore) -> None:
    store, clock = make_store()
    waiter, _ = await arrive(store)
    woken: list[None] = []
    async with opened(store, waiter, None, lambda: woken.append(None)):
        await store.set_closing(draining(clock))
        state = await store.match_state(waiter)
    assert (state.is_waiting, state.chat_id) == (False, None)
    assert woken


async def test_partner_who_never_came_leaves_nobody_waiting_in_a_drain(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    first, second = await store.open_session(), await store.open_session()
    for secret in (first, second):
        await store.request_match(secret, ANY)
    await draw(store)
    chat_id = (await store.match_state(first)).chat_id
    assert chat_id is not None
    await store.view_chat(first, chat_id)
    await store.set_closing(draining(clock))
    clock.advance(61)
    async with opened(store, first, chat_id):
        await store.sweep()
        assert Kind.ABSENT not in await kinds(store, (first, chat_id))
        assert not (await store.match_state(first)).is_waiting


Act = Callable[[Store, Seat, Seat], Awaitable[object]]


BEGINNINGS: dict[str, Act] = {
    "next": lambda store, pair, room: store.request_match(pair[0], None),
    "join a room": lambda store, pair, room: store.join_room(pair[0], "two"),
    "open a room": lambda store, pair, room: store.open_room(pair[0], "Tea", invitation()),
    "an invitation": lambda store, pair, room: store.use_invitation(pair[0], KEY),
    "any code": lambda store, pair, room: store.use_code(pair[0], KEY, CODE_KEY),
    "a new invitation": lambda store, pair, room: store.issue_invitation(*room, invitation()),
    "a code to meet again": lambda store, pair, room: store.issue_rematch_code(*pair, CODE_KEY),
    "let somebody in": lambda store, pair, room: store.host_action(*room, HostAction.ADMIT, 2),
}


@pytest.mark.parametrize("act", BEGINNINGS.values(), ids=list(BEGINNINGS))
async def test_nothing_begins_or_grows_in_a_drain(make_store: MakeStore, act: Act) -> None:
    store, clock = make_store(rooms=ROOMS)
    pair, _ = await meet(store)
    host = await open_room(store)
    await store.host_action(*host, HostAction.REQUIRE_KNOCK)
    await show(store)
    await store.set_closing(draining(clock))
    before = await store.counts()
    with pytest.raises(NothingBeginsError):
        await act(store, pair, host)
    assert await store.counts() == before


async def test_no_private_talk_begins_in_a_drain(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    first, second = await come(store), await come(store)
    await store.request_side_chat(*first, 2)
    await store.set_closing(draining(clock))
    for seat, other in ((first, 2), (second, 1)):
        with pytest.raises(NothingBeginsError):
            await store.request_side_chat(*seat, other)


async def test_what_exists_goes_on_in_a_drain(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    first, second = await meet(store)
    member = await come(store)
    await store.set_closing(draining(clock))
    await store.post(*first, "a last word", token())
    assert await store.join_room(member[0], "one") == member[1]
    await store.leave(*second)
    assert (await kinds(store, first))[-1] is Kind.LEFT_PAIR


async def test_drain_is_over_when_no_two_people_can_talk(make_store: MakeStore) -> None:
    store, clock = make_store(rooms=ROOMS)
    _, second = await meet(store)
    one, _ = await come(store), await come(store)
    await open_room(store)
    assert not await store.is_drained(), "it does not drain"
    await store.set_closing(draining(clock))
    assert not await store.is_drained()
    await store.leave(*second)
    assert not await store.is_drained()
    clock.advance(LAST_LOOK_S)
    await store.sweep()
    await store.leave(*one)
    assert not await store.is_drained(), "they may read what was said"
    clock.advance(LAST_LOOK_S)
    assert await store.is_drained(), "three are alone, each somewhere else"
    assert (await store.counts()).conversations == 3
    await store.set_closing(OPEN)
    assert not await store.is_drained()


async def test_drain_is_over_at_once_when_nobody_is_in_a_conversation(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    await arrive(store)
    await store.set_closing(draining(clock))
    assert await store.is_drained()
