"""A stream before it is attached to its transport, while it reads, and after it has ended."""

from __future__ import annotations

from contextvars import ContextVar

from server.stream.subscription import StreamEnd

from .fakes import FakeSource, FakeTransport, live_stream, run_tasks, start
from .readers import Room

REQUEST = ContextVar[str]("REQUEST")


async def test_first_of_two_ends_before_the_stream_is_attached_is_shown() -> None:
    source = FakeSource()
    stream = live_stream(source)
    await stream.open()
    # Panic ends a stream twice: by itself, and because the member leaves the conversation.
    source.end(StreamEnd.PANIC)
    source.end(StreamEnd.FORGOTTEN)
    transport = FakeTransport(stream)
    stream.attach(transport)
    await run_tasks()
    assert (transport.written, transport.finish_calls) == (["", "(end panic)"], 1)


async def test_task_that_reads_the_log_has_an_empty_context() -> None:
    source, seen = FakeSource(), list[str | None]()
    source.during_read = lambda: seen.append(REQUEST.get(None))
    token = REQUEST.set("what a visitor sent")
    await start(live_stream(source))
    REQUEST.reset(token)
    assert seen == [None]


async def test_entries_that_an_ended_stream_has_written_are_not_unread() -> None:
    room = Room()
    first, second = await room.join(), await room.join()
    store = room.server.store
    other = await store.join_room(first.secret, "quiet")
    await room.post(second)
    first.stream.lost()
    assert await store.unread_elsewhere(first.secret, other) == []
    await room.post(second)
    (news,) = await store.unread_elsewhere(first.secret, other)
    assert news.chat_id == first.chat_id
