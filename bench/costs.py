"""Bytes on the wire: of each step into a chat, of a post, of an event.

Measured on the Unix socket, heads and framing included; a Tor circuit carries them in cells of
`CELL_BYTES`.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from server.core.limits import CELL_BYTES, HEARTBEAT_S
from tests.fakes import ChatPair, press_intent
from tests.process.server_process import ServerProcess, running_server
from tests.process.test_budget import (
    FIRST_CONVERSATION_BYTES,
    POST_BYTES,
    ByteCounter,
    cost_of,
    enter_chat,
    post_once,
)

from .table import print_table

LENGTHS = (1, 200, 300, 2_000)
"""Of messages, in bytes; the last is the longest that may be sent."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Bytes from the server to a visitor."""

    first_way: int
    requests: int
    """Requests from the home page into a chat."""

    post: int


def run() -> Costs:
    """Measure and print."""
    with (
        tempfile.TemporaryDirectory(prefix="sottovoce-bench-") as folder,
        running_server(Path(folder)) as server,
    ):
        rows = asyncio.run(_first_way(server))
        post = asyncio.run(_post(server))
        events = asyncio.run(_events(server))
    total = sum(row[1] for row in rows)
    print_table(
        f"Into a chat, somebody waiting (bar: {FIRST_CONVERSATION_BYTES:,} bytes in 7 requests)",
        ("request", "bytes", "cells"),
        [(name, spent, _cells(spent)) for name, spent in [*rows, ("all", total)]],
    )
    print_table(
        f"A post with its 303 and the new composer (bar: {POST_BYTES:,} bytes)",
        ("", "bytes", "cells"),
        [("post", post, _cells(post))],
    )
    print_table(
        "Events on a stream (bar: one cell each; an idle minute at most 3)",
        ("", "bytes", "cells"),
        [
            *((name, spent, _cells(spent)) for name, spent in events),
            ("an idle minute", round(60 / HEARTBEAT_S * CELL_BYTES), 60 / HEARTBEAT_S),
        ],
    )
    return Costs(total, len(rows), post)


def _cells(spent: int) -> int:
    return -(-spent // CELL_BYTES)


async def _first_way(server: ServerProcess) -> list[tuple[str, int]]:
    await press_intent(server.browser(), "talk")
    counter = ByteCounter(server.browser())
    await enter_chat(counter)
    names = ("door", "POST /pair", "chat", "composer", "stream, with both joins", "stylesheet")
    return list(zip(names, counter.costs, strict=True))


async def _post(server: ServerProcess) -> int:
    pair = await ChatPair.meet(server.browser(), server.browser())
    counter = ByteCounter(pair.first.browser)
    await post_once(counter, pair.first)
    return sum(counter.costs)


async def _events(server: ServerProcess) -> list[tuple[str, int]]:
    events = []
    for length in LENGTHS:
        pair = await ChatPair.meet(server.browser(), server.browser())
        spent = await cost_of(pair.first, pair.second, "a" * length)
        events.append((f"message of {length:,} bytes", spent))
    return events
