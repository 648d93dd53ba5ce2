"""A flooding session is limited, and messages of others still arrive."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from server.core.limits import POST_BURST, POST_EVERY_S
from tests.fakes import ChatPair, join_room

from .bystanders import chatting_bystanders
from .flood import (
    Membership,
    PersistentConnection,
    is_idle,
    join_common_room,
    make_pairs,
    read_up_to,
    wait_until,
)
from .server_process import running_server

pytestmark = pytest.mark.slow  # each test starts a process of its own

CONNECTIONS = 8

MAX_POSTS_BETWEEN = 100
"""Posts of the flood that may be answered while one message of others is sent and read. A message
takes three requests, each after at most one post per connection: 24 posts. The limit is four times
that, for a loaded machine."""

STREAMS = 100


class Flooder:
    """One session that posts on many connections at once, as fast as the server answers."""

    def __init__(self, member: Membership, connections: Sequence[PersistentConnection]) -> None:
        self._member, self._connections = member, connections
        self.sent: list[bool] = []
        """For each post, whether it was accepted."""

        self.is_stopped = False

    def flood(self) -> None:
        """Post a new message on every connection, again and again, each with its own token."""
        while not self.is_stopped:
            pages = [self._member.ask(c, "GET", "/composer") for c in self._connections]
            for number, (connection, page) in enumerate(zip(self._connections, pages, strict=True)):
                text = f"flood {len(self.sent) + number}"
                self._member.post_without_waiting(connection, page.token("/messages"), text)
            answers = [connection.answer() for connection in self._connections]
            assert {answer.status for answer in answers} == {303}
            # A refusal leads to a composer that shows what was refused.
            self.sent += ["kept=" not in answer.location for answer in answers]


@pytest.mark.checklist(37)
async def test_flooding_session_is_limited_and_others_still_chat(
    tmp_path: Path,
) -> None:
    with running_server(tmp_path) as server, ExitStack() as stack:
        pair = ChatPair(await join_room(server.browser()), await join_room(server.browser()))
        (member,) = join_common_room(server, 1)
        connections = [PersistentConnection(server) for _ in range(CONNECTIONS)]
        for connection in connections:
            stack.enter_context(closing(connection))
        flooder, since_s = Flooder(member, connections), time.monotonic()
        async with chatting_bystanders(pair) as bystanders:
            flooding = asyncio.ensure_future(asyncio.to_thread(flooder.flood))
            try:
                await bystanders.talk()
            finally:
                flooder.is_stopped = True
                await flooding
        allowed = POST_BURST + (time.monotonic() - since_s) / POST_EVERY_S
        counts = Counter(flooder.sent)
        assert counts[False]
        assert POST_BURST <= counts[True] <= allowed
        for bystander in bystanders.both:
            assert len(bystander.received) - len(bystanders.sent) <= counts[True]
        assert len(flooder.sent) <= MAX_POSTS_BETWEEN * len(bystanders.sent)
        await wait_until(server, is_idle)


@pytest.mark.checklist(37, 38)
async def test_session_with_many_streams_keeps_only_the_newest(tmp_path: Path) -> None:
    with running_server(tmp_path) as server, ExitStack() as stack:
        pair = await ChatPair.meet(server.browser(), server.browser())
        member, partner = make_pairs(server, 2)
        async with chatting_bystanders(pair) as bystanders:
            older = stack.enter_context(member.open_stream(server))
            for _ in range(STREAMS):
                newer = stack.enter_context(member.open_stream(server))
                read_up_to(older, f"{member.chat}/moved")
                older = newer
            await bystanders.talk()
            with closing(PersistentConnection(server)) as connection:
                assert partner.post(connection, "still there").status == 303
            read_up_to(older, "still there")
        stack.close()
        await wait_until(server, is_idle)
