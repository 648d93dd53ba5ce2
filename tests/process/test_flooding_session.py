"""One session that floods is held to its limits, and what others say arrives meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from server.core.limits import SPEAK_BURST, SPEAK_EVERY_S
from tests.fakes import ChatPair, come_in

from .bystanders import standing_by
from .flood import KeptLine, Seat, comes_true, is_deserted, read_up_to, seat_in_room, seat_pairs
from .server_process import running_server

pytestmark = pytest.mark.slow  # each test starts a process of its own

LINES = 8

OVERTAKES = 100
"""Posts of the flood that are answered while one word of others is said and heard. A word takes
three requests, and before each stands at most one post of every line: 24. Four times that, for a
machine that is busy."""

STREAMS = 100


class Flooder:
    """One session that posts on many lines at once, as fast as it is answered."""

    def __init__(self, seat: Seat, lines: Sequence[KeptLine]) -> None:
        self._seat, self._lines = seat, lines
        self.statuses: list[int] = []
        self.is_enough = False

    def flood(self) -> None:
        """Say something new on every line, again and again, each with a token of its own."""
        while not self.is_enough:
            pages = [self._seat.ask(line, "GET", "/composer") for line in self._lines]
            for number, (line, page) in enumerate(zip(self._lines, pages, strict=True)):
                text = f"flood {len(self.statuses) + number}"
                self._seat.say_without_waiting(line, page.token("/messages"), text)
            self.statuses += [line.answer().status for line in self._lines]


@pytest.mark.checklist(37)
async def test_session_that_floods_a_room_is_held_to_its_limit_and_others_are_heard(
    tmp_path: Path,
) -> None:
    with running_server(tmp_path) as server, ExitStack() as stack:
        pair = ChatPair(await come_in(server.browser()), await come_in(server.browser()))
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
        most = SPEAK_BURST + (time.monotonic() - since_s) / SPEAK_EVERY_S
        counts = Counter(flooder.statuses)
        assert set(counts) == {303, 429}
        assert SPEAK_BURST <= counts[303] <= most
        for one in calm.both:
            assert len(one.heard) - len(calm.said) <= counts[303]
        assert len(flooder.statuses) <= OVERTAKES * len(calm.said)
        await comes_true(server, is_deserted)


@pytest.mark.checklist(37, 38)
async def test_session_that_opens_stream_after_stream_keeps_the_newest(tmp_path: Path) -> None:
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
