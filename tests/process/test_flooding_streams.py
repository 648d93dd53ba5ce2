"""Very many streams, and streams that are never read, all end, and memory stays bounded."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from server.core.limits import MAX_MESSAGE_CHARS, POST_BURST, RING_BYTES
from tests.fakes import ChatPair, join_room

from .bystanders import chatting_bystanders
from .flood import (
    KIB,
    OWN,
    Membership,
    PersistentConnection,
    is_idle,
    join_common_room,
    kept_open,
    make_pairs,
    open_files,
    peak_bytes,
    status_on,
    wait_until,
)
from .server_process import LaunchOptions, ServerProcess, read_all, running_server

pytestmark = pytest.mark.slow  # each test starts a process of its own

IMPATIENT = LaunchOptions(module="tests.process.impatient")
UNPACED = LaunchOptions(module="tests.process.unpaced")

IDLE, MORE = 1_000, 20

IDLE_BYTES = 64 * KIB
"""Memory limit per visitor with an idle stream, session and pair included; 42 KiB were measured."""


@pytest.mark.checklist(38)
async def test_thousand_idle_streams_fit_and_all_of_them_end(
    tmp_path: Path,
) -> None:
    config = tmp_path / "server.toml"
    config.write_text(f"[capacity]\nstreams = {IDLE + 2}\n", encoding="utf-8")
    with running_server(tmp_path, "--config", str(config), launch=IMPATIENT) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        files, before = open_files(server), peak_bytes(server)
        async with chatting_bystanders(pair) as bystanders:
            members = make_pairs(server, IDLE)
            # Every place is reserved for a member now: whoever comes later is refused at the door.
            assert newcomer_statuses(server, MORE) == {503}
            # Every second one sends bytes after its request, which may hide its disconnect.
            requests = (
                member.request_stream(server, behind=b"more" * (number % 2))
                for number, member in enumerate(members)
            )
            with kept_open(requests) as connections:
                assert Counter(map(status_on, connections)) == {200: IDLE}
                await bystanders.talk()
                assert peak_bytes(server) - before < IDLE * IDLE_BYTES
        await wait_until(server, lambda s: is_idle(s) and open_files(server) <= files + OWN)


def newcomer_statuses(server: ServerProcess, count: int) -> set[int]:
    """Let visitors ask for a match; return the statuses of the answers."""
    with closing(PersistentConnection(server)) as connection:
        token = connection.ask("GET", "/").token("/pair")
        return {
            connection.ask("POST", "/pair", token=token, intent="talk").status for _ in range(count)
        }


UNREAD, SENDERS = 100, 40

LONG = "\u1000" * (MAX_MESSAGE_CHARS - 10)

UNREAD_BYTES = 2 * RING_BYTES
"""Memory limit per visitor who reads nothing: the room's log, padded to cells, and the data that
waits in the connection."""


@pytest.mark.checklist(38)
async def test_readers_that_never_read_are_cheap_and_closed(tmp_path: Path) -> None:
    with running_server(tmp_path, launch=UNPACED) as server:
        pair = ChatPair(await join_room(server.browser()), await join_room(server.browser()))
        members, before = join_common_room(server, UNREAD + SENDERS), peak_bytes(server)
        with kept_open(member.request_stream(server) for member in members[:UNREAD]) as connections:
            async with chatting_bystanders(pair) as bystanders:
                posting = asyncio.to_thread(post_long_messages, server, members[UNREAD:])
                await asyncio.gather(posting, bystanders.talk())
            # The test has read nothing and closed nothing.
            await wait_until(server, is_idle)
            assert peak_bytes(server) - before < UNREAD * UNREAD_BYTES
            offered = SENDERS * POST_BURST * len(LONG.encode())
            assert all(len(read_all(raw)) < offered for raw in connections)


def post_long_messages(server: ServerProcess, members: Sequence[Membership]) -> None:
    """Let each member post the longest messages, as many as one burst allows."""
    with closing(PersistentConnection(server)) as connection:
        for number in range(POST_BURST):
            for index, member in enumerate(members):
                assert member.post(connection, f"{number} {index} {LONG}").status == 303
