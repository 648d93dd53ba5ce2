"""A session that floods is held to its limits, and messages of others still arrive."""

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

from .bystanders import standing_by
from .flood import KeptLine, Seat, comes_true, is_deserted, read_up_to, seat_in_room, seat_pairs
from .server_process import running_server

pytestmark = pytest.mark.slow  # each test starts a process of its own

LINES = 8

OVERTAKES = 100
"""Posts of the flood that may be answered while one message of others is sent and read. A message
takes three requests, and before each there is at most one post of every connection: 24. Four times
that, for a busy machine."""

STREAMS = 100


class Flooder:
    """One session that posts on many connections at once, as fast as it is answered."""

    def __init__(self, seat: Seat, lines: Sequence[KeptLine]) -> None:
        self._seat, self._lines = seat, lines
        self.statuses: list[int] = []
        self.is_enough = False

    def flood(self) -> None:
        """Post a new message on every connection, again and again, each with its own token."""
        while not self.is_enough:
            pages = [self._seat.ask(line, "GET", "/composer") for line in self._lines]
            for number, (line, page) in enumerate(zip(self._lines, pages, strict=True)):
                text = f"flood {len(self.statuses) + number}"
                self._seat.say_without_waiting(line, page.token("/messages"), text)
            self.statuses += [line.answer().status for line in self._lines]


@pytest.mark.checklist(37)
async def test_flooding_session_is_limited_and_others_still_chat(
    tmp_path: Path,
) -> None:
    with running_server(tmp_path) as server, ExitStack() as stack:
        pair = ChatPair(await join_room(server.browser()), await join_room(server.browser()))
        (seat,) = seat_in_room(server, 1)
        lines = [stack.enter_context(closing(KeptLine(server))) for _ in range(LINES)]
        flooder, since_s = Flooder(seat, lines), time.monotonic()
        async with standing_by(pair) as calm:
            flooding = asyncio.ensure_future(asyncio.to_thread(flooder.flood))
            try:
                await calm.talk()
            finally:
                flooder.is_enough = True
                await flooding
        allowed = POST_BURST + (time.monotonic() - since_s) / POST_EVERY_S
        counts = Counter(flooder.statuses)
        assert set(counts) == {303, 429}
        assert POST_BURST <= counts[303] <= allowed
        for bystander in calm.both:
            assert len(bystander.received) - len(calm.sent) <= counts[303]
        assert len(flooder.statuses) <= OVERTAKES * len(calm.sent)
        await comes_true(server, is_deserted)


@pytest.mark.checklist(37, 38)
async def test_session_with_many_streams_keeps_only_the_newest(tmp_path: Path) -> None:
    with running_server(tmp_path) as server, ExitStack() as stack:
        pair = await ChatPair.meet(server.browser(), server.browser())
        seat, partner = seat_pairs(server, 2)
        async with standing_by(pair) as calm:
            older = stack.enter_context(seat.open_stream(server))
            for _ in range(STREAMS):
                newer = stack.enter_context(seat.open_stream(server))
                read_up_to(older, f"{seat.chat}/moved")
                older = newer
            await calm.talk()
            with closing(KeptLine(server)) as line:
                assert partner.say(line, "still there").status == 303
            read_up_to(older, "still there")
        stack.close()
        await comes_true(server, is_deserted)
