"""The web process as a child of the supervisor: started, awaited until it listens, ended."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from onion import OwnedProcess, spawn_owned
from server.config.load import load_config
from server.core.errors import OperatorError
from server.sandbox.environment import plain_environment

from .paths import Paths

START_S = 20.0

READY = json.dumps({"event": "ready"})
"""What it says when it listens."""

SENTENCE, HINT = "sottovoce: ", "hint: "
"""With which the web process begins what it says of itself."""


@dataclass(frozen=True, slots=True)
class WebOptions:
    """What the operator chose for the web process."""

    config: Path | None = None
    """The file of configuration, if there is one; each new process reads it."""

    unsealed: bool = False
    """Whether it keeps its ways out; every page then says so."""

    shows_store: bool = False
    """Whether its admin socket shows what a thief of the store would find: in the demo."""

    def argv(self) -> list[str]:
        """The same as options of `serve`; every path in them is absolute."""
        config = [] if self.config is None else ["--config", str(self.config.absolute())]
        flags = {"--unsealed": self.unsealed, "--show-store": self.shows_store}
        return [*config, *(flag for flag, is_set in flags.items() if is_set)]

    def check(self) -> None:
        """Pass if the file of configuration, where there is one, can be used.

        Raises:
            OperatorError: otherwise.
        """
        if self.config is not None:
            load_config(self.config)


AS_USUAL = WebOptions()


@asynccontextmanager
async def web_process(
    paths: Paths,
    onion: str,
    options: WebOptions = AS_USUAL,
    tell: Callable[[str], None] = lambda line: None,
) -> AsyncIterator[OwnedProcess]:
    """Run the web process while the block runs; it accepts connections when the block begins.

    Args:
        paths: where its sockets stand.
        onion: the one `Host` that it serves.
        options: what the operator chose for it.
        tell: is handed what it said before it listened, a sentence or a hint at a time.

    Raises:
        OperatorError: if it ends before it listens; the reason is what it said last.
    """
    ready = asyncio.Event()

    def on_line(line: str) -> None:
        # As it stands, and not read as JSON: it comes from where somebody may have broken in.
        if line.strip() == READY:
            ready.set()

    argv, environment = web_argv(paths, onion, options), plain_environment(os.environ)
    async with await spawn_owned(argv, env=environment, on_line=on_line) as child:
        child.when_dead(ready.set)
        try:
            async with asyncio.timeout(START_S):
                await ready.wait()
        except TimeoutError:
            raise OperatorError(f"the web process did not listen within {START_S:.0f} s") from None
        if not child.is_alive:
            await child.wait()
            raise _died(child.last_words)
        for line in child.last_words:
            if line.startswith((SENTENCE, HINT)):
                tell(line.removeprefix(SENTENCE))
        yield child


def web_argv(paths: Paths, onion: str, options: WebOptions) -> list[str]:
    """The command line of the web process; every path in it is absolute."""
    return [
        *(sys.executable, "-m", "server", "serve", "--json", "--onion", onion),
        *("--socket", str(paths.web_socket), "--admin-socket", str(paths.admin_socket)),
        *options.argv(),
    ]


def _died(last_words: list[str]) -> OperatorError:
    """Repeat what the child said last: a sentence, and a hint. What came before was no reason."""
    *_, sentence, hint = ["", "", *last_words]
    if not hint.startswith(HINT):
        sentence, hint = hint, ""
    if sentence.startswith(SENTENCE):
        return OperatorError(sentence.removeprefix(SENTENCE), hint.removeprefix(HINT))
    # Whoever has no sentence for it ends with a traceback, whose last line names the error.
    last = f": {last_words[-1]}" if last_words else ""
    return OperatorError(f"the web process ended before it listened{last}")
