"""The promises of `server/store/base.py`, for whatever keeps the state.

A file of tests for one store takes all of them in and gives them its own `make_store`:

    from .contract import *
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Protocol

import pytest

from server.core.errors import (
    BadCursorError,
    ChatClosedError,
    HouseFullError,
    MessageEmptyError,
    MessageTooLongError,
    NotAMemberError,
    RateLimitedError,
    SessionUnknownError,
    TokenSpentError,
    VisitorError,
)
from server.core.ids import ChatId, Secret
from server.core.limits import RING_ENTRIES, Capacity
from server.core.publicroom import PublicRoom
from server.core.receipts import ComposerToken
from server.core.roomlog import Entry, Kind
from server.core.wish import Intent, Wish
from server.store.base import Counts, Store, StreamEnd, Waiting
from tests.fakes import FakeClock

TALK, LISTEN, ANY = Wish(Intent.TALK), Wish(Intent.LISTEN), Wish(Intent.ANY)
NOBODY = Counts(sessions=0, waiting=0, conversations=0, streams=0)
MINUTE, HOUR = 60.0, 3_600.0


class MakeStore(Protocol):
    """Makes an empty store with its own clock."""

    def __call__(
        self, capacity: Capacity | None = None, rooms: Sequence[PublicRoom] = ()
    ) -> tuple[Store, FakeClock]:
        """Make one."""


def nothing() -> None:
    """A wake of somebody who does not care."""


def token(serial: int = 0, nonce: str = "first") -> ComposerToken:
    return ComposerToken(serial, nonce.encode())


async def arrive(store: Store, wish: Wish = ANY) -> tuple[Secret, Waiting]:
    """A new session with a wish."""
    secret = await store.open_session()
    return secret, await store.ask(secret, wish)


async def meet(store: Store) -> tuple[tuple[Secret, ChatId], tuple[Secret, ChatId]]:
    """Two sessions in one pair that both have opened."""
    first, _ = await arrive(store, TALK)
    second, found = await arrive(store, LISTEN)
    own = (await store.waiting(first)).chat_id
    assert own is not None
    assert found.chat_id is not None
    await store.chat(first, own)
    await store.chat(second, found.chat_id)
    return (first, own), (second, found.chat_id)


async def entries(store: Store, seat: tuple[Secret, ChatId]) -> tuple[Entry, ...]:
    return (await store.read(*seat, after=0, limit=1_000)).entries


async def kinds(store: Store, seat: tuple[Secret, ChatId]) -> list[Kind]:
    return [entry.kind for entry in await entries(store, seat)]


async def texts(store: Store, seat: tuple[Secret, ChatId]) -> list[str]:
    said = await entries(store, seat)
    return [entry.body.decode() for entry in said if entry.kind is Kind.MESSAGE]


# Sessions


async def test_session_is_known_by_its_secret_and_by_no_other(make_store: MakeStore) -> None:
    store, _ = make_store()
    secret = await store.open_session()
    assert await store.knows(secret)
    assert not await store.knows(Secret.new())
    assert not await store.knows(None)


async def test_unknown_session_can_do_nothing(make_store: MakeStore) -> None:
    store, _ = make_store()
    stranger, chat_id = Secret.new(), ChatId("abcdefghijkl")
    with pytest.raises(SessionUnknownError):
        await store.ask(stranger, ANY)
    with pytest.raises(SessionUnknownError):
        await store.waiting(stranger)
    with pytest.raises(SessionUnknownError):
        await store.check_stream(stranger, None)
    with pytest.raises(NotAMemberError):
        await store.check_stream(stranger, chat_id)
    with pytest.raises(NotAMemberError):
        await store.chat(stranger, chat_id)
    await store.cancel(stranger)
    assert await store.counts() == NOBODY


@pytest.mark.parametrize(("silence_s", "lives"), [(20 * MINUTE, True), (20 * MINUTE + 1, False)])
async def test_session_is_forgotten_after_twenty_minutes_of_silence(
    make_store: MakeStore,
    silence_s: float,
    lives: bool,
) -> None:
    store, clock = make_store()
    secret = await store.open_session()
    clock.advance(silence_s)
    await store.forget_due()
    assert await store.knows(secret) is lives


async def test_session_is_forgotten_after_twelve_hours_whatever_it_does(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    secret = await store.open_session()
    for _ in range(12 * 6):
        clock.advance(10 * MINUTE)
        await store.waiting(secret)
        await store.forget_due()
    assert await store.knows(secret)
    clock.advance(1)
    await store.forget_due()
    assert not await store.knows(secret)


async def test_open_stream_counts_as_a_sign_of_life_but_not_beyond_twelve_hours(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    secret, _ = await arrive(store)
    async with store.stream(secret, None, nothing) as stream:
        clock.advance(11 * HOUR)
        await store.forget_due()
        assert await store.knows(secret)
        assert stream.end is None
        clock.advance(HOUR + 1)
        await store.forget_due()
        assert stream.end is StreamEnd.FORGOTTEN
    assert await store.counts() == NOBODY


Call = Callable[[Store, Secret, ChatId], Awaitable[object]]
CALLS: dict[str, Call] = {
    "knows": lambda store, secret, _chat: store.knows(secret),
    "waiting": lambda store, secret, _chat: store.waiting(secret),
    "cancel": lambda store, secret, _chat: store.cancel(secret),
    "chat": lambda store, secret, chat: store.chat(secret, chat),
    "read": lambda store, secret, chat: store.read(secret, chat, 0, 1),
    "post": lambda store, secret, chat: store.post(secret, chat, "hello", token()),
    "check_stream": lambda store, secret, chat: store.check_stream(secret, chat),
}


@pytest.mark.parametrize("call", CALLS)
async def test_every_call_is_a_sign_of_life(make_store: MakeStore, call: str) -> None:
    store, clock = make_store()
    (secret, chat_id), _ = await meet(store)
    clock.advance(15 * MINUTE)
    await CALLS[call](store, secret, chat_id)
    clock.advance(15 * MINUTE)
    await store.forget_due()
    assert await store.knows(secret)


# Meeting


async def test_two_who_fit_meet_and_each_has_an_id_of_their_own(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    assert first[1] != second[1]
    assert await kinds(store, first) == [Kind.MET]
    assert await entries(store, first) == await entries(store, second)
    one, other = await store.chat(*first), await store.chat(*second)
    assert one.names == other.names
    assert {one.me, other.me} == {1, 2} == set(one.names)
    assert one.is_open


async def test_two_who_do_not_fit_both_wait(make_store: MakeStore) -> None:
    store, _ = make_store()
    assert (await arrive(store, TALK))[1] == Waiting(waits=True, chat_id=None)
    assert (await arrive(store, TALK))[1] == Waiting(waits=True, chat_id=None)
    assert (await store.counts()).waiting == 2


async def test_who_asks_twice_does_not_meet_themselves(make_store: MakeStore) -> None:
    store, _ = make_store()
    secret, _ = await arrive(store)
    assert (await store.ask(secret, ANY)).waits
    assert (await store.counts()).waiting == 1


async def test_asking_without_a_wish_asks_for_the_same_again(make_store: MakeStore) -> None:
    store, _ = make_store()
    secret, _ = await arrive(store, TALK)
    await store.cancel(secret)
    await arrive(store, TALK)
    assert (await store.ask(secret, None)).waits
    assert (await arrive(store, LISTEN))[1].chat_id is not None


@pytest.mark.parametrize(("absence_s", "met"), [(30.0, True), (30.5, False)])
async def test_waiter_is_present_for_thirty_seconds_after_a_request(
    make_store: MakeStore,
    absence_s: float,
    met: bool,
) -> None:
    store, clock = make_store()
    await arrive(store)
    clock.advance(absence_s)
    assert (await arrive(store))[1].waits is not met


async def test_waiter_is_present_while_the_stream_is_open_and_thirty_seconds_more(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    secret, _ = await arrive(store, TALK)
    async with store.stream(secret, None, nothing):
        clock.advance(10 * MINUTE)
    clock.advance(30)
    assert (await arrive(store, LISTEN))[1].chat_id is not None


async def test_absent_waiter_keeps_the_place_for_a_while_and_then_loses_it(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    early, _ = await arrive(store, TALK)
    clock.advance(100)
    await store.forget_due()
    late, _ = await arrive(store, TALK)
    assert (await store.waiting(early)).waits
    await arrive(store, LISTEN)
    assert (await store.waiting(early)).chat_id is not None
    assert (await store.waiting(late)).waits
    clock.advance(10 * MINUTE)
    await store.forget_due()
    assert not (await store.waiting(late)).waits
    assert (await store.counts()).waiting == 0


async def test_cancelled_waiter_meets_nobody(make_store: MakeStore) -> None:
    store, _ = make_store()
    secret, _ = await arrive(store)
    await store.cancel(secret)
    assert await store.waiting(secret) == Waiting(waits=False, chat_id=None)
    assert (await arrive(store))[1].waits


async def test_waiters_stream_is_woken_by_the_match(make_store: MakeStore) -> None:
    store, _ = make_store()
    secret, _ = await arrive(store)
    woken: list[str] = []
    async with store.stream(secret, None, lambda: woken.append("woken")) as stream:
        await arrive(store)
        assert woken
        assert stream.end is None
        assert (await store.waiting(secret)).chat_id is not None


async def test_match_that_one_does_not_open_puts_the_other_back_at_the_head(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    first, _ = await arrive(store, TALK)
    second, found = await arrive(store, LISTEN)
    assert found.chat_id is not None
    await store.chat(second, found.chat_id)
    clock.advance(59)
    later, _ = await arrive(store, LISTEN)
    await store.forget_due()
    assert (await store.waiting(second)).chat_id == found.chat_id
    clock.advance(1)
    await store.forget_due()
    assert (await store.waiting(second)).waits
    assert (await kinds(store, (second, found.chat_id)))[-1] is Kind.ABSENT
    assert not (await store.chat(second, found.chat_id)).is_open
    await arrive(store, TALK)
    assert (await store.waiting(second)).chat_id is not None
    assert (await store.waiting(later)).waits
    assert await store.waiting(first) == Waiting(waits=False, chat_id=None)
    # The new conversation leaves the one that never began.
    with pytest.raises(NotAMemberError):
        await store.chat(second, found.chat_id)
    assert (await store.counts()).conversations == 1


async def test_match_that_nobody_opens_vanishes(make_store: MakeStore) -> None:
    store, clock = make_store()
    await arrive(store)
    await arrive(store)
    clock.advance(60)
    await store.forget_due()
    counts = await store.counts()
    assert (counts.conversations, counts.waiting) == (0, 0)


async def test_match_that_both_opened_stays(make_store: MakeStore) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    clock.advance(61)
    await store.forget_due()
    for seat in (first, second):
        assert (await store.chat(*seat)).is_open


async def test_new_pair_leaves_the_old_one(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    assert (await store.ask(first[0], ANY)).waits
    assert (await kinds(store, second))[-1] is Kind.LEFT
    with pytest.raises(NotAMemberError):
        await store.chat(*first)


# Talking


async def test_message_is_read_by_both_and_keeps_its_order(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    await store.post(*first, "one", token(nonce="a"))
    await store.post(*second, "two", token(nonce="b"))
    assert await texts(store, first) == await texts(store, second) == ["one", "two"]
    page = await store.read(*second, after=2, limit=10)
    assert [(entry.seq, entry.sender) for entry in page.entries] == [(3, 2)]


async def test_text_is_cleaned_before_it_is_kept(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    await store.post(*first, " e\u0301\u202e\r\n", token())
    assert await texts(store, second) == ["é"]


async def test_form_that_served_is_not_served_again(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    await store.post(*first, "once", token())
    await store.post(*first, "once", token())
    with pytest.raises(TokenSpentError):
        await store.post(*first, "other words", token())
    assert await texts(store, second) == ["once"]
    assert (await store.chat(*first)).posts == 1


async def test_refused_message_leaves_its_form_good(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    with pytest.raises(MessageEmptyError):
        await store.post(*first, "", token())
    await store.post(*first, "words", token())
    assert await texts(store, second) == ["words"]


async def test_same_form_in_both_seats_is_two_forms(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    await store.post(*first, "mine", token())
    await store.post(*second, "yours", token())
    assert await texts(store, first) == ["mine", "yours"]


async def refusal(store: Store, seat: tuple[Secret, ChatId], text: str, nonce: str) -> object:
    try:
        await store.post(*seat, text, token(nonce=nonce))
    except VisitorError as error:
        return type(error)
    return None


async def test_reasons_against_a_post_come_in_the_promised_order(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    for number in range(5):
        await store.post(*first, f"{number}", token(nonce=f"{number}"))
    foreign, too_long = (first[0], second[1]), "x" * 2_001
    assert await refusal(store, foreign, "", "0") is NotAMemberError
    assert await refusal(store, first, "", "0") is TokenSpentError
    assert await refusal(store, first, "", "new") is MessageEmptyError
    assert await refusal(store, first, too_long, "new") is MessageTooLongError
    assert await refusal(store, first, "fine", "new") is RateLimitedError
    await store.leave(*second)
    assert await refusal(store, first, too_long, "new") is MessageTooLongError
    assert await refusal(store, first, "fine", "new") is ChatClosedError


async def test_right_to_speak_comes_back_with_time(make_store: MakeStore) -> None:
    store, clock = make_store()
    first, _ = await meet(store)
    for number in range(5):
        await store.post(*first, "x", token(nonce=f"{number}"))
    with pytest.raises(RateLimitedError) as caught:
        await store.post(*first, "x", token(nonce="sixth"))
    assert caught.value.retry_after_s == 2
    clock.advance(2)
    await store.post(*first, "x", token(nonce="sixth"))


@pytest.mark.parametrize("after", [-1, 3])
async def test_cursor_that_was_never_reached_is_refused(make_store: MakeStore, after: int) -> None:
    store, _ = make_store()
    first, _ = await meet(store)
    if after < 0:
        # Below the coming a read answers from the coming.
        assert len((await store.read(*first, after=after, limit=10)).entries) == 1
        return
    with pytest.raises(BadCursorError):
        await store.read(*first, after=after, limit=10)


async def test_what_the_ring_forgot_is_counted(make_store: MakeStore) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    for number in range(RING_ENTRIES):
        clock.advance(2)
        await store.post(*first, f"{number}", token(serial=number, nonce=f"{number}"))
    page = await store.read(*second, after=0, limit=10)
    assert page.missed == 1
    assert page.entries[0].body == b"0"


# Whose is what


async def test_id_of_one_session_means_nothing_in_another(make_store: MakeStore) -> None:
    store, _ = make_store()
    (first, own), (second, others) = await meet(store)
    stranger = await store.open_session()
    for secret, chat_id in ((first, others), (second, own), (stranger, own), (Secret.new(), own)):
        for call in ("chat", "read", "post", "check_stream"):
            with pytest.raises(NotAMemberError):
                await CALLS[call](store, secret, chat_id)
        with pytest.raises(NotAMemberError):
            await store.leave(secret, chat_id)
    assert await kinds(store, (first, own)) == [Kind.MET]


async def test_who_leaves_knows_nothing_any_more_and_who_stays_is_told(
    make_store: MakeStore,
) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    await store.post(*first, "last words", token())
    await store.leave(*first)
    with pytest.raises(NotAMemberError):
        await store.read(*first, after=0, limit=10)
    assert (await kinds(store, second))[-1] is Kind.LEFT
    assert await texts(store, second) == ["last words"]
    view = await store.chat(*second)
    assert not view.is_open
    assert len(view.names) == 2
    assert await store.waiting(second[0]) == Waiting(waits=False, chat_id=None)


async def test_conversation_is_gone_with_its_last_member(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    await store.leave(*first)
    assert (await store.counts()).conversations == 1
    await store.leave(*second)
    assert (await store.counts()).conversations == 0


async def test_partner_of_a_forgotten_session_is_told(make_store: MakeStore) -> None:
    store, clock = make_store()
    _first, second = await meet(store)
    clock.advance(15 * MINUTE)
    await store.chat(*second)
    clock.advance(10 * MINUTE)
    await store.forget_due()
    assert (await kinds(store, second))[-1] is Kind.LEFT
    assert (await store.counts()).sessions == 1


# Streams


async def test_stream_is_woken_by_what_happens_and_not_after_it_closed(
    make_store: MakeStore,
) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    woken: list[str] = []
    async with store.stream(*first, lambda: woken.append("woken")):
        assert (await store.counts()).streams == 1
        await store.post(*second, "hello", token(nonce="a"))
        assert woken == ["woken"]
    await store.post(*second, "again", token(nonce="b"))
    assert woken == ["woken"]
    assert (await store.counts()).streams == 0


async def test_newest_stream_of_a_session_wins(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, _ = await meet(store)
    woken: list[str] = []
    async with (
        store.stream(*first, lambda: woken.append("older")) as older,
        store.stream(*first, nothing) as newer,
    ):
        assert (older.end, newer.end) == (StreamEnd.MOVED, None)
        assert woken == ["older"]
        assert (await store.counts()).streams == 1


async def test_older_stream_that_ends_does_not_end_the_newer_one(make_store: MakeStore) -> None:
    store, clock = make_store()
    secret, _ = await arrive(store, TALK)
    async with AsyncExitStack() as stack:
        older = store.stream(secret, None, nothing)
        await older.__aenter__()
        newer = await stack.enter_async_context(store.stream(secret, None, nothing))
        await older.__aexit__(None, None, None)
        assert newer.end is None
        assert (await store.counts()).streams == 1
        clock.advance(5 * MINUTE)
        # Still present: the newer stream is open.
        assert (await arrive(store, LISTEN))[1].chat_id is not None


async def test_leaving_wakes_the_streams_of_both(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    woken: list[str] = []
    async with (
        store.stream(*first, lambda: woken.append("first")),
        store.stream(*second, lambda: woken.append("second")),
    ):
        await store.leave(*first)
        assert set(woken) == {"first", "second"}


async def test_closing_ends_every_stream_and_opens_no_other(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    woken: list[str] = []
    async with store.stream(*first, lambda: woken.append("woken")) as stream:
        await store.close()
        assert stream.end is StreamEnd.STOPPED
        assert woken == ["woken"]
    with pytest.raises(HouseFullError):
        await store.check_stream(*second)


# A full house


async def test_sessions_are_bounded(make_store: MakeStore) -> None:
    store, clock = make_store(Capacity(sessions=2))
    await store.open_session()
    await store.open_session()
    with pytest.raises(HouseFullError):
        await store.open_session()
    clock.advance(21 * MINUTE)
    await store.forget_due()
    await store.open_session()


async def test_tickets_are_bounded_for_who_would_have_to_wait(make_store: MakeStore) -> None:
    store, _ = make_store(Capacity(tickets=1))
    secret, _ = await arrive(store, TALK)
    with pytest.raises(HouseFullError):
        await arrive(store, TALK)
    assert (await store.ask(secret, TALK)).waits
    assert (await arrive(store, LISTEN))[1].chat_id is not None


async def test_full_queue_costs_nobody_the_conversation_they_are_in(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(Capacity(tickets=1))
    first, second = await meet(store)
    await arrive(store, TALK)
    with pytest.raises(HouseFullError):
        await store.ask(first[0], TALK)
    assert (await store.chat(*first)).is_open
    assert (await store.chat(*second)).is_open


async def test_streams_are_bounded_and_a_newer_one_takes_its_own_place(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(Capacity(streams=1))
    first, second = await meet(store)
    async with store.stream(*first, nothing):
        with pytest.raises(HouseFullError):
            await store.check_stream(*second)
        await store.check_stream(*first)
        async with store.stream(*first, nothing):
            assert (await store.counts()).streams == 1
    await store.check_stream(*second)


# A whole day


@pytest.mark.slow  # 24 hours of people coming, talking and vanishing
async def test_after_a_day_and_when_everybody_is_gone_nothing_is_left(
    make_store: MakeStore,
) -> None:
    store, clock = make_store()
    for minute in range(24 * 60):
        first, second = await meet(store)
        await store.post(*first, f"minute {minute}", token())
        await arrive(store, TALK)
        if minute % 3 == 0:
            await store.leave(*second)
        if minute % 5 == 0:
            await store.ask(first[0], None)
        clock.advance(MINUTE)
        await store.forget_due()
        counts = await store.counts()
        assert counts.sessions < 100
        assert counts.conversations < 50
    clock.advance(21 * MINUTE)
    await store.forget_due()
    assert await store.counts() == NOBODY
