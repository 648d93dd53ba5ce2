"""How many streams end whole when a server is ended, its readers on circuits of their own.

python -m bench.ends [READERS ...]

Beside the demo, whose private network it uses, `sottovoce up` runs in a folder of its own. Each
reader waits for a match, which two listeners never get, and reads that stream through Tor until the
server is told to end. A room would let in fewer at a time.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import h11

from bench.attack.__main__ import demo
from bench.attack.second_client import second_client
from bench.table import print_table
from onion import open_socks_stream
from server.demo.text_browser import TextBrowser
from tests.fakes import press_intent

READERS = (50, 500)
AT_ONCE = 25
"""Readers that come at the same time: a circuit is built for each."""

SILENT_S = 90.0
"""What has not ended so long after the server is counted as silent."""


@asynccontextmanager
async def up(network: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Run a server in a private network; yield its process and its address."""
    with tempfile.TemporaryDirectory(prefix="sv-") as folder:
        argv = ("-m", "server", "up", "--json", "--folder", f"{folder}/s", "--torrc", str(network))
        process = await asyncio.create_subprocess_exec(
            sys.executable, *argv, stdout=asyncio.subprocess.PIPE
        )
        try:
            assert process.stdout is not None
            async for line in process.stdout:
                event = json.loads(line)
                if event["event"] == "ready":
                    break
            else:
                raise RuntimeError("the server did not become ready")
            yield process, event["onion"]
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def read(
    socks: str, onion: str, number: int, turn: asyncio.Semaphore, began: asyncio.Queue[int]
) -> str:
    """Wait for a match and read its stream to the end; return how it ended."""
    person = TextBrowser(
        lambda: open_socks_stream(socks, onion, 80, isolation=f"reader {number}"), onion
    )
    last, is_reading = b"", False
    try:
        async with turn:
            await press_intent(person, "listen")
            stream = person.stream("/wait/live")
            exchange = await stream.__aenter__()
            chunks = exchange.chunks()
            await anext(chunks)
            is_reading = True
        began.put_nowait(number)
        async for chunk in chunks:
            last = chunk
    except (h11.RemoteProtocolError, OSError):
        if is_reading:
            return "cut off"
        began.put_nowait(number)
        return "never came in"
    return "whole, with the last line" if b"closed" in last else "whole"


async def measure(readers: int) -> tuple[object, ...]:
    """Let so many read, end the server, and count how their streams end."""
    with demo() as (_, _, folder), second_client(folder) as socks:
        async with up(folder / "network.torrc") as (process, onion):
            turn, began = asyncio.Semaphore(AT_ONCE), asyncio.Queue[int]()
            tasks = [
                asyncio.create_task(read(socks, onion, number, turn, began))
                for number in range(readers)
            ]
            for _ in tasks:
                await began.get()
            open_streams, told_s = sum(not task.done() for task in tasks), time.monotonic()
            process.send_signal(signal.SIGTERM)
            status = await process.wait()
            ended_s = time.monotonic() - told_s
            _, silent = await asyncio.wait(tasks, timeout=SILENT_S)
            last_s = time.monotonic() - told_s
            for task in silent:
                task.cancel()
            ends = Counter("silent" if task in silent else task.result() for task in tasks)
    told = ", ".join(f"{number} {how}" for how, number in ends.most_common())
    return readers, open_streams, told, f"{ended_s:.1f}", f"{last_s:.1f}", status


async def run(counts: list[int]) -> None:
    """Measure each number of readers, and print."""
    print_table(
        "SIGTERM to `sottovoce up`, each reader on a circuit of their own",
        ("readers", "open", "their streams", "server ended, s", "last reader, s", "status"),
        [await measure(readers) for readers in counts],
    )


if __name__ == "__main__":
    asyncio.run(run([int(number) for number in sys.argv[1:]] or list(READERS)))
