"""Countless streams and streams that nobody reads all end, and memory stays bounded."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from server.core.limits import MAX_MESSAGE_CHARS, POST_BURST, RING_BYTES
from tests.fakes import ChatPair, join_room

from .bystanders import standing_by
from .flood import (
    KIB,
    KeptLine,
    Seat,
    comes_true,
    held,
    is_deserted,
    open_files,
    peak_bytes,
    seat_in_room,
    seat_pairs,
    status_on,
)
from .server_process import LaunchOptions, ServerProcess, read_all, running_server

pytestmark = pytest.mark.slow  # each test starts a process of its own

IMPATIENT = LaunchOptions(module="tests.process.impatient")

IDLE, MORE = 1_000, 20

IDLE_BYTES = 64 * KIB
"""Limit for a visitor with an idle stream, session and pair included; 42 KiB were measured."""


@pytest.mark.checklist(38)
async def test_thousand_idle_streams_fit_and_all_of_them_end(
    tmp_path: Path,
) -> None:
    config = tmp_path / "house.toml"
    config.write_text(f"[capacity]\nstreams = {IDLE + 2}\n", encoding="utf-8")
    with running_server(tmp_path, "--config", str(config), around=IMPATIENT) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        files, before = open_files(server), peak_bytes(server)
        async with standing_by(pair) as calm:
            seats = seat_pairs(server, IDLE + MORE)
            # Every second one sends more than a browser does, so that its disconnect is not seen.
            asked = (
                seat.ask_for_stream(server, behind=b"more" * (number % 2))
                for number, seat in enumerate(seats)
            )
            with held(asked) as lines:
                assert Counter(map(status_on, lines)) == {200: IDLE, 503: MORE}
                await calm.talk()
                assert peak_bytes(server) - before < IDLE * IDLE_BYTES
        await comes_true(server, lambda s: is_deserted(s) and open_files(server) <= files)


UNREAD, SPEAKERS = 100, 40

LONG = "\u1000" * (MAX_MESSAGE_CHARS - 10)

UNREAD_BYTES = 2 * RING_BYTES
"""Limit for a visitor who reads nothing: the room's log, padded to cells, and the data that waits
in the connection."""


@pytest.mark.checklist(38)
async def test_readers_that_never_read_are_cheap_and_closed(tmp_path: Path) -> None:
    with running_server(tmp_path, around=IMPATIENT) as server:
        pair = ChatPair(await join_room(server.browser()), await join_room(server.browser()))
        seats, before = seat_in_room(server, UNREAD + SPEAKERS), peak_bytes(server)
        with held(seat.ask_for_stream(server) for seat in seats[:UNREAD]) as lines:
            async with standing_by(pair) as calm:
                speaking = asyncio.to_thread(speak_at_length, server, seats[UNREAD:])
                await asyncio.gather(speaking, calm.talk())
            # The test has read nothing, and closed nothing.
            await comes_true(server, is_deserted)
            assert peak_bytes(server) - before < UNREAD * UNREAD_BYTES
            offered = SPEAKERS * POST_BURST * len(LONG.encode())
            assert all(len(read_all(raw)) < offered for raw in lines)


def speak_at_length(server: ServerProcess, seats: Sequence[Seat]) -> None:
    """Let each member send the longest messages, as many as allowed at once."""
    with closing(KeptLine(server)) as line:
        for number in range(POST_BURST):
            for who, seat in enumerate(seats):
                assert seat.say(line, f"{number} {who} {LONG}").status == 303
