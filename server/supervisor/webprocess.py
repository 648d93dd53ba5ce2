"""Runs the web process as a child of the supervisor, and waits until it listens.

The supervisor opens the visitors' socket, and hands it over: while one web process takes the place
of another, whoever connects waits with the kernel, and is served by the new one.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from onion import Defence, OwnedProcess, spawn_owned
from server.config.environment import NO_VARIABLES, Variables
from server.config.load import load_config
from server.core.errors import OperatorError
from server.sandbox.environment import plain_environment

from .paths import Paths

PROGRAM = Path(__file__).parents[2]
"""The folder that has the package `server` in it."""

STDIN = "/dev/stdin"
START_S = 20.0

READY = json.dumps({"event": "ready"})
"""The line that the web process prints when it listens."""

SENTENCE, HINT = "sottovoce: ", "hint: "
"""Prefixes of the lines that the web process prints for the operator."""


@dataclass(frozen=True, slots=True)
class WebOptions:
    """The operator's options for the web process."""

    config: Path | None = None
    """The configuration file, if there is one."""

    variables: Variables = field(default_factory=lambda: NO_VARIABLES)
    """Of the environment: single keys, in force in place of what the file says."""

    unsealed: bool = False
    """Whether the web process runs without its sandbox. Every page then says so."""

    shows_store: bool = False
    """Whether its admin socket returns a dump of the store. Only the demo sets this."""

    missing_defences: frozenset[Defence] = frozenset()
    """Those that our tor lacks; `status` says so."""

    closing: str = ""
    """What it begins with about who may come in, as JSON: see `core/admission/closing.py`."""

    def argv(self) -> list[str]:
        """Return these options as arguments of `serve`; the configuration comes on stdin.

        The tor that connects is ours, so its circuit ids may be believed, if it has them.
        """
        config = ["--config", STDIN] if self.is_configured else []
        defences = {defence: defence not in self.missing_defences for defence in Defence}
        flags = {
            "--unsealed": self.unsealed,
            "--show-store": self.shows_store,
            "--trust-circuit-ids": defences[Defence.CIRCUIT_IDS],
        }
        return [
            *config,
            *(flag for flag, is_set in flags.items() if is_set),
            *([f"--closing={self.closing}"] if self.closing else []),
            *(f"--tor-defence={name.value}={int(is_on)}" for name, is_on in defences.items()),
        ]

    @property
    def is_configured(self) -> bool:
        """Whether the web process is to get a configuration."""
        return self.config is not None or bool(self.variables)

    def check(self) -> None:
        """Check that the configuration, if there is one, is valid.

        Raises:
            OperatorError: if it is not.
        """
        if self.is_configured:
            load_config(self.config, self.variables)


DEFAULT_OPTIONS = WebOptions()


@asynccontextmanager
async def web_process(
    paths: Paths,
    onion: str,
    listening: socket.socket,
    options: WebOptions = DEFAULT_OPTIONS,
    config: str | None = None,
    notify: Callable[[str], None] = lambda line: None,
) -> AsyncIterator[OwnedProcess]:
    """Run the web process while the block runs; it accepts connections when the block begins.

    Args:
        paths: where its sockets are.
        onion: the only `Host` that it serves.
        listening: the visitors' socket. It stays open here.
        options: the operator's options for it.
        config: what it may know of the configuration, as TOML; `None` if there is none.
        notify: receives each sentence and each hint that it printed before it listened.

    Raises:
        OperatorError: if it ends before it listens; the text is its last output.
    """
    ready = asyncio.Event()

    def on_line(line: str) -> None:
        # Compared as text and not parsed as JSON: an attacker may control the web process.
        if line.strip() == READY:
            ready.set()

    with ExitStack() as opened:
        stdin = DEVNULL
        if config is not None:
            stdin = opened.enter_context(_in_memory(config)).fileno()
        starting = await spawn_owned(
            web_argv(onion, listening.fileno(), options),
            stdin=stdin,
            env=web_environment(),
            cwd=paths.folder,
            pass_fds=[listening.fileno()],
            on_line=on_line,
        )
    async with starting as child:
        child.add_exit_callback(ready.set)
        try:
            async with asyncio.timeout(START_S):
                await ready.wait()
        except TimeoutError:
            raise OperatorError(f"the web process did not listen within {START_S:.0f} s") from None
        if not child.is_alive:
            await child.wait()
            raise _died(child.last_lines)
        for line in child.last_lines:
            if line.startswith((SENTENCE, HINT)):
                notify(line.removeprefix(SENTENCE))
        yield child


def web_argv(onion: str, listening: int, options: WebOptions) -> list[str]:
    """Return the command line of the web process, which runs in the server's folder.

    It names nothing of this machine but the interpreter: an attacker in the process can read it.
    """
    here = Paths(Path())
    return [
        # Without -P the working directory would be searched for modules.
        *(sys.executable, "-P", "-m", "server", "serve", "--json", "--onion", onion),
        *("--socket", str(here.web_socket), "--socket-fd", str(listening)),
        *("--admin-socket", str(here.admin_socket)),
        *options.argv(),
    ]


def web_environment() -> dict[str, str]:
    """Return the environment of the web process; it finds the same program as this one."""
    plain = plain_environment(os.environ)
    others = filter(None, [plain.get("PYTHONPATH")])
    return {**plain, "PYTHONPATH": os.pathsep.join([str(PROGRAM), *others])}


def _in_memory(text: str) -> BinaryIO:
    """Return a file that is on no disk."""
    file = os.fdopen(os.memfd_create("config", os.MFD_CLOEXEC), "w+b")
    try:
        file.write(text.encode())
        file.flush()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _died(last_words: list[str]) -> OperatorError:
    """Build an error from the child's last output: a sentence and a hint. Ignore earlier lines."""
    *_, sentence, hint = ["", "", *last_words]
    if not hint.startswith(HINT):
        sentence, hint = hint, ""
    if sentence.startswith(SENTENCE):
        return OperatorError(sentence.removeprefix(SENTENCE), hint.removeprefix(HINT))
    # An error without a sentence of ours ends in a traceback. Its last line names the error.
    last = f": {last_words[-1]}" if last_words else ""
    return OperatorError(f"the web process ended before it listened{last}")
