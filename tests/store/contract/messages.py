"""The store contract as tests: messages, chat ids, streams and capacity."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from server.core.errors import (
    BadCursorError,
    ChatClosedError,
    MessageEmptyError,
    MessageTooLongError,
    NotAMemberError,
    RateLimitedError,
    RepeatedError,
    ServerFullError,
    TokenSpentError,
    TooManyLinesError,
    VisitorError,
)
from server.core.ids import ChatId, Secret
from server.core.limits import RING_MESSAGES, Capacity
from server.core.room.log import Kind
from server.core.room.message import Message
from server.store.contract.chat import Store
from server.store.contract.matching import MatchState
from server.stream.subscription import StreamEnd

from .chat import (
    CALLS,
    LISTEN,
    MINUTE,
    TALK,
    MakeStore,
    arrive,
    drawn,
    kinds,
    meet,
    opened,
    texts,
    token,
)

# Messages


async def test_both_members_read_messages_in_order(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    await store.post(*first, "one", token(nonce="a"))
    await store.post(*second, "two", token(nonce="b"))
    assert await texts(store, first) == await texts(store, second) == ["one", "two"]
    page = await store.read(*second, after=2, limit=10)
    assert [(entry.seq, entry.sender) for entry in page.entries] == [(3, 2)]


async def test_text_is_cleaned_before_it_is_stored(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    await store.post(*first, " e\u0301\u202e\r\n", token())
    assert await texts(store, second) == ["é"]


async def test_spent_token_is_not_accepted_again(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    await store.post(*first, "once", token())
    await store.post(*first, "once", token())
    with pytest.raises(TokenSpentError):
        await store.post(*first, "other words", token())
    assert await texts(store, second) == ["once"]
    assert (await store.view_chat(*first)).post_count == 1


async def test_refused_message_does_not_spend_its_token(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    with pytest.raises(MessageEmptyError):
        await store.post(*first, "", token())
    await store.post(*first, "words", token())
    assert await texts(store, second) == ["words"]


async def test_tokens_of_two_members_are_independent(make_store: MakeStore) -> None:
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


async def test_errors_of_post_come_in_the_documented_order(make_store: MakeStore) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    for number in range(5):
        await store.post(*first, "same", token(nonce=f"{number}"))
    foreign, too_long = (first[0], second[1]), "x" * 2_001
    assert await refusal(store, foreign, too_long, "0") is NotAMemberError
    assert await refusal(store, first, too_long, "0") is TokenSpentError
    for text in (too_long, "\n".join("x" * 50), "", "same"):
        assert await refusal(store, first, text, "new") is RateLimitedError
    clock.advance(10)
    for number in range(5, 8):
        await store.post(*first, "same", token(nonce=f"{number}"))
    assert await refusal(store, first, "same", "new") is RepeatedError
    await store.leave(*second)
    assert await refusal(store, first, too_long, "new") is MessageTooLongError
    assert await refusal(store, first, "\n".join("x" * 50), "new") is TooManyLinesError
    assert await refusal(store, first, "", "new") is MessageEmptyError
    assert await refusal(store, first, "same", "new") is ChatClosedError


async def test_rate_limit_recovers_with_time(make_store: MakeStore) -> None:
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
async def test_unreached_cursor_is_refused(make_store: MakeStore, after: int) -> None:
    store, _ = make_store()
    first, _ = await meet(store)
    if after < 0:
        # A cursor from before joining reads from the point of joining.
        assert len((await store.read(*first, after=after, limit=10)).entries) == 1
        return
    with pytest.raises(BadCursorError):
        await store.read(*first, after=after, limit=10)


async def test_missed_entries_are_counted(make_store: MakeStore) -> None:
    store, clock = make_store()
    first, second = await meet(store)
    for number in range(RING_MESSAGES + 1):
        clock.advance(2)
        await store.post(*first, f"{number}", token(serial=number, nonce=f"{number}"))
    page = await store.read(*second, after=0, limit=10)
    assert page.missed_count == 1
    oldest_kept = [(entry.about, entry.message) for entry in page.entries[:2]]
    assert oldest_kept == [(2, None), (0, Message("1"))]


# Chat ids


async def test_chat_id_of_another_session_is_refused(make_store: MakeStore) -> None:
    store, _ = make_store()
    (first, first_id), (second, second_id) = await meet(store)
    stranger = await store.open_session()
    for secret, chat_id in (
        *((first, second_id), (second, first_id)),
        *((stranger, first_id), (Secret.new(), first_id)),
    ):
        for call in ("chat", "read", "post", "check_stream"):
            with pytest.raises(NotAMemberError):
                await CALLS[call](store, secret, chat_id)
        with pytest.raises(NotAMemberError):
            await store.leave(secret, chat_id)
    assert await kinds(store, (first, first_id)) == [Kind.MET]


async def test_leaving_ends_access_and_is_announced(
    make_store: MakeStore,
) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    await store.post(*first, "last words", token())
    await store.leave(*first)
    with pytest.raises(NotAMemberError):
        await store.read(*first, after=0, limit=10)
    assert (await kinds(store, second))[-1] is Kind.LEFT_PAIR
    assert await texts(store, second) == ["last words"]
    view = await store.view_chat(*second)
    assert not view.is_open
    assert len(view.names) == 2
    assert await store.match_state(second[0]) == MatchState(is_waiting=False, chat_id=None)


async def test_conversation_is_deleted_with_its_last_member(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    await store.leave(*first)
    assert (await store.counts()).conversations == 1
    await store.leave(*second)
    assert (await store.counts()).conversations == 0


async def test_forgotten_session_is_announced_to_its_partner(make_store: MakeStore) -> None:
    store, clock = make_store()
    _first, second = await meet(store)
    clock.advance(15 * MINUTE)
    await store.visit(second[0], is_pressed=False)
    clock.advance(10 * MINUTE)
    await store.sweep()
    assert (await kinds(store, second))[-1] is Kind.LEFT_PAIR
    assert (await store.counts()).sessions == 1


# Streams


async def test_stream_is_woken_by_entries_until_it_closes(
    make_store: MakeStore,
) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    woken: list[str] = []
    async with opened(store, *first, lambda: woken.append("woken")):
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
        opened(store, *first, lambda: woken.append("older")) as older,
        opened(store, *first) as newer,
    ):
        assert (older.end, newer.end) == (StreamEnd.MOVED, None)
        assert woken == ["older"]
        assert (await store.counts()).streams == 1


async def test_closing_an_older_stream_keeps_the_newer_one(make_store: MakeStore) -> None:
    store, clock = make_store()
    secret, _ = await arrive(store, TALK)
    async with AsyncExitStack() as stack:
        older = opened(store, secret, None)
        await older.__aenter__()
        newer = await stack.enter_async_context(opened(store, secret, None))
        await older.__aexit__(None, None, None)
        assert newer.end is None
        assert (await store.counts()).streams == 1
        clock.advance(5 * MINUTE)
        # The session is still present, because its newer stream is open.
        assert (await arrive(store, LISTEN))[1].chat_id is not None


async def test_leaving_wakes_the_streams_of_both(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    woken: list[str] = []
    async with (
        opened(store, *first, lambda: woken.append("first")),
        opened(store, *second, lambda: woken.append("second")),
    ):
        await store.leave(*first)
        assert set(woken) == {"first", "second"}


async def test_closing_the_store_ends_and_refuses_streams(make_store: MakeStore) -> None:
    store, _ = make_store()
    first, second = await meet(store)
    woken: list[str] = []
    async with opened(store, *first, lambda: woken.append("woken")) as stream:
        await store.close()
        assert stream.end is StreamEnd.STOPPED
        assert woken == ["woken"]
    with pytest.raises(ServerFullError):
        await store.check_stream(*second)


# Capacity


async def test_sessions_are_bounded(make_store: MakeStore) -> None:
    store, clock = make_store(Capacity(sessions=2))
    await meet(store)
    with pytest.raises(ServerFullError):
        await store.open_session()
    clock.advance(21 * MINUTE)
    await store.sweep()
    await store.open_session()


async def test_tickets_are_bounded(make_store: MakeStore) -> None:
    store, _ = make_store(Capacity(tickets=1))
    secret, _ = await arrive(store, TALK)
    with pytest.raises(ServerFullError):
        await arrive(store, LISTEN)
    await store.request_match(secret, TALK)
    assert (await drawn(store, secret)).is_waiting


async def test_full_queue_does_not_end_a_present_pair(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(Capacity(tickets=2))
    first, second = await meet(store)
    await arrive(store, TALK)
    await arrive(store, TALK)
    with pytest.raises(ServerFullError):
        await store.request_match(first[0], TALK)
    assert (await store.view_chat(*first)).is_open
    assert (await store.view_chat(*second)).is_open


async def test_streams_are_bounded_but_a_session_may_replace_its_own(
    make_store: MakeStore,
) -> None:
    store, _ = make_store(Capacity(streams=2))
    first, second = await meet(store)
    other = await store.open_session()
    async with opened(store, *first), opened(store, *second):
        with pytest.raises(ServerFullError):
            await store.check_stream(other, None)
        await store.check_stream(*first)
        async with opened(store, *first):
            assert (await store.counts()).streams == 2
    await store.leave(*first)
    await store.check_stream(other, None)
