"""`sottovoce up`: the house on the public Tor network, for operators."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from pathlib import Path

from onion import (
    OnionService,
    OwnedProcess,
    Progress,
    ServiceKey,
    ServiceSpec,
    TorDiedError,
    load_or_create,
    read_user_torrc,
)
from server.sandbox.core_dumps import disable_core_dumps

from .folder_lock import lock_folder
from .paths import Paths
from .report import Blend, Report
from .restart import Kept, Upkeep, kept_up
from .webprocess import AS_USUAL, WebOptions, web_process

SHARES = {"tor": 95, "publish": 5}
"""When tor is in the network, the descriptor is still to be uploaded."""

Options = Sequence[tuple[str, str]]


def web_upkeep(
    paths: Paths, onion: str, options: WebOptions, report: Report
) -> Upkeep[OwnedProcess]:
    """How the web process is kept up.

    Args:
        paths: where its sockets stand.
        onion: the one `Host` that it serves.
        options: what the operator chose for it.
        report: is told what it says before it listens.
    """
    return Upkeep(
        "the web process",
        lambda: web_process(paths, onion, options, report.note),
        lambda child: child.wait(),
    )


def kept_web(
    paths: Paths, onion: str, options: WebOptions, report: Report
) -> AbstractAsyncContextManager[Kept[OwnedProcess]]:
    """Keep the web process up while the block runs; see `web_upkeep` and `kept_up`."""
    return kept_up(web_upkeep(paths, onion, options, report), report)


def service_upkeep(
    paths: Paths,
    key: ServiceKey,
    torrc: Options,
    on_progress: Callable[[Progress], None],
    stall_s: float,
) -> Upkeep[OnionService]:
    """How the onion service is kept up: with one key, so that the address stays."""

    def make() -> OnionService:
        return OnionService(
            ServiceSpec(paths.web_socket),
            key,
            paths.tor,
            torrc_extra=torrc,
            on_progress=on_progress,
            stall_s=stall_s,
        )

    return Upkeep("tor", make, lambda service: service.wait_down())


async def up(
    report: Report,
    folder: Path,
    own_lines: Path | None,
    patience_s: float,
    options: WebOptions = AS_USUAL,
) -> None:
    """Run until cancelled.

    Args:
        report: is told how it stands.
        folder: keeps the key, tor's state and the sockets; made when it is not there.
        own_lines: a file with torrc lines of the operator's own, such as bridges.
        patience_s: how long the bootstrap may stay at one percentage, in seconds.
        options: for the web process; looked at before anything is made or begun.

    Raises:
        OnionError, OperatorError: if it does not come up.
    """
    options.check()
    disable_core_dumps()
    torrc = read_user_torrc(own_lines) if own_lines else []
    paths = Paths(folder)
    paths.check()
    key = load_or_create(paths.key)
    blend = Blend(report, SHARES)

    def on_progress(progress: Progress) -> None:
        blend.note("tor", progress.percent, progress.warning or progress.summary)

    async with AsyncExitStack() as stack:
        stack.enter_context(lock_folder(folder))
        report.bootstrap(0, "Starting the web process")
        await stack.enter_async_context(kept_web(paths, key.address, options, report))
        upkeep = service_upkeep(paths, key, torrc, on_progress, patience_s)
        with _pointing_to(own_lines):
            await stack.enter_async_context(kept_up(upkeep, report))
        blend.finish("Published")
        report.ready(key.address, None, str(paths.web_socket), str(paths.admin_socket))
        await asyncio.Event().wait()


@contextmanager
def _pointing_to(own_lines: Path | None) -> Iterator[None]:
    """Say where the fault may be when tor died of what it read in its configuration."""
    try:
        yield
    except TorDiedError as error:
        if own_lines and "config" in error.cause:
            error.hint = f"tor read {own_lines} too: is each line of it right?"
        raise
