"""The web process as a child of the supervisor: started, awaited until it listens, ended."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from onion import OwnedProcess, spawn_owned
from server.core.errors import OperatorError

from .places import Places

START_S = 20.0


@asynccontextmanager
async def web_process(
    places: Places, onion: str, config: Path | None = None
) -> AsyncIterator[OwnedProcess]:
    """Run the web process while the block runs; it accepts connections when the block begins.

    Args:
        places: where its sockets stand.
        onion: the one `Host` that it serves.
        config: the operator's file of configuration, if there is one.

    Raises:
        OperatorError: if it ends before it listens; the reason is what it said last.
    """
    ready = asyncio.Event()

    def on_line(line: str) -> None:
        if _is_ready(line):
            ready.set()

    async with await spawn_owned(web_argv(places, onion, config), on_line=on_line) as child:
        child.when_dead(ready.set)
        try:
            async with asyncio.timeout(START_S):
                await ready.wait()
        except TimeoutError:
            raise OperatorError(f"the web process did not listen within {START_S:.0f} s") from None
        if not child.is_alive:
            await child.wait()
            raise _died(child.last_words)
        yield child


def web_argv(places: Places, onion: str, config: Path | None) -> list[str]:
    """The command line of the web process; every path in it is absolute."""
    argv = [
        *(sys.executable, "-m", "server", "serve", "--json", "--onion", onion),
        *("--socket", str(places.web_socket), "--admin-socket", str(places.admin_socket)),
    ]
    return argv if config is None else [*argv, "--config", str(config.absolute())]


def _is_ready(line: str) -> bool:
    try:
        said = json.loads(line)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("event") == "ready"


def _died(last_words: list[str]) -> OperatorError:
    """Repeat what the child said: a sentence, and a hint."""
    said = [line.removeprefix("sottovoce: ") for line in last_words if line.startswith("sotto")]
    hints = [line.removeprefix("hint: ") for line in last_words if line.startswith("hint: ")]
    # Whoever has no sentence for it ends with a traceback, whose last line names the error.
    last = f": {last_words[-1]}" if last_words else ""
    sentence = said[-1] if said else f"the web process ended before it listened{last}"
    return OperatorError(sentence, hints[-1] if hints else "")
