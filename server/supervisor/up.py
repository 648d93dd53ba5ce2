"""`sottovoce up`: the server on the public Tor network, for operators."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import replace
from functools import partial
from pathlib import Path

from onion import (
    Defence,
    OnionError,
    OnionService,
    OwnedProcess,
    Place,
    Progress,
    ServiceKey,
    ServiceSpec,
    TorDiedError,
    TorLog,
    checked_tor,
    defences_missing_in,
    explain,
    load_or_create_key,
    memory_place,
)
from server.core.errors import OperatorError
from server.process.sockets import listening_on
from server.sandbox.core_dumps import disable_core_dumps

from .bridges import operator_lines
from .ending import end_in_order
from .folder_lock import lock_folder
from .last_good import LastGood
from .operator_socket import Fields, Handler, OperatorSocket
from .paths import Paths
from .reachability import reintroduce
from .report import CombinedProgress, Report
from .restart import ChildSpec, Supervised, keep_running
from .systemd import NotifyingReport, Systemd
from .watching import Watching
from .webprocess import DEFAULT_OPTIONS, WebOptions, web_process

SHARES = {"tor": 95, "publish": 5}
"""Percent of the start. When tor has bootstrapped, the descriptor is still to be uploaded."""

VAIN_S = 45.0
"""A tor that was started anew may try this long in vain to connect to a relay: for about as long it
tries each second, then less and less often."""

TorrcLines = Sequence[tuple[str, str]]


def web_spec(
    paths: Paths,
    onion: str,
    listening: socket.socket,
    options: WebOptions,
    report: Report,
    watching: Watching,
) -> ChildSpec[OwnedProcess]:
    """Describe how to run the web process. Each new one reads the configuration again.

    Args:
        paths: where its sockets are.
        onion: the only `Host` that it serves.
        listening: the visitors' socket.
        options: the operator's options for it.
        report: receives the warnings that it prints before it listens.
        watching: replaces it when it gives no sign of life.
    """
    config = LastGood(options.config, options.variables)

    def make() -> AbstractAsyncContextManager[OwnedProcess]:
        text = config.read(report.note)
        own = replace(options, closing=watching.admission.handed_over())
        return watching.watched(web_process(paths, onion, listening, own, text, report.note))

    return ChildSpec(
        "the web process",
        make,
        lambda child: child.wait(),
        [watching.listen_to_web, watching.until_replaced, watching.admission.watch],
    )


async def find_missing_defences(report: Report) -> frozenset[Defence]:
    """Ask the tor of this machine which of its own defences it lacks, and tell the operator.

    Raises:
        TorMissingError, TorTooOldError, ToolFailedError: if there is no usable tor.
    """
    missing = await defences_missing_in(await checked_tor())
    if missing:
        report.note(f"{lacks(missing)}; a newer tor from https://deb.torproject.org has them all")
    return missing


def lacks(missing: Collection[Defence]) -> str:
    """Name the missing defences in a sentence without a full stop."""
    words = ", ".join(sorted(defence.words for defence in missing))
    return f"this tor lacks defences against a flood of visitors: {words}"


@asynccontextmanager
async def keep_web_running(
    paths: Paths, onion: str, options: WebOptions, report: Report, watching: Watching
) -> AsyncIterator[Supervised[OwnedProcess]]:
    """Keep the web process running while the block runs; see `web_spec` and `keep_running`.

    The visitors' socket is open all the while, also between two processes.
    """
    with listening_on(paths.web_socket) as listening:
        spec = web_spec(paths, onion, listening, options, report, watching)
        async with keep_running(spec, report) as web:
            watching.status.web = web
            yield web


@asynccontextmanager
async def keep_service_running(
    spec: ChildSpec[OnionService],
    report: Report,
    watching: Watching,
    on_uploaded: Callable[[], None] = lambda: None,
) -> AsyncIterator[Supervised[OnionService]]:
    """Keep the service running while the block runs; visitors can reach it when it begins.

    Args:
        spec: from `service_spec`.
        report: see `keep_running`.
        watching: visits the service.
        on_uploaded: called before the first visit.

    Raises:
        OnionError: if tor cannot be started, or cannot publish. A visit that fails is tried again.
    """
    async with keep_running(spec, report) as service:
        watching.status.tor = service
        on_uploaded()
        await watching.wait_reached()
        yield service


def service_spec(
    paths: Paths,
    key: ServiceKey,
    torrc: TorrcLines,
    on_progress: Callable[[Progress], None],
    stall_s: float,
    watching: Watching,
    on_line: Callable[[str], None] = lambda line: None,
    copy_in: Place | None = None,
) -> ChildSpec[OnionService]:
    """Describe how to run the onion service: always with the same key, so the address stays.

    The arguments are those of `OnionService`.
    """
    # The first start tells how far it came; a later one is tried again and again.
    vain_s: float | None = None

    def make() -> OnionService:
        nonlocal vain_s
        this_vain_s, vain_s = vain_s, VAIN_S
        return OnionService(
            ServiceSpec(paths.web_socket),
            key,
            paths.tor,
            torrc_extra=torrc,
            on_progress=on_progress,
            on_line=on_line,
            on_event=watching.status.note,
            stall_s=stall_s,
            vain_s=this_vain_s,
            copy_in=copy_in,
        )

    watches = [watching.visit, watching.listen_to_tor, reintroduce]
    return ChildSpec("tor", make, lambda service: service.wait_down(), watches)


async def up(
    report: Report,
    folder: Path,
    own_lines: Path | None,
    patience_s: float,
    options: WebOptions = DEFAULT_OPTIONS,
    *,
    shows_tor_log: bool = False,
    sealed: ServiceKey | None = None,
) -> None:
    """Run until cancelled.

    Args:
        report: receives the state.
        folder: holds the key, tor's state and the sockets; created if it is missing.
        own_lines: a file with the operator's own torrc lines, such as bridges.
        patience_s: how long the bootstrap may stay at one percentage, in seconds.
        options: for the web process; checked before anything is created or started.
        shows_tor_log: whether tor's last lines are reported when the start fails, and on SIGUSR1.
        sealed: the key of a folder in which it is sealed; see `open_at_start`.

    Raises:
        OnionError, OperatorError: if the start fails.
    """
    options.check()
    disable_core_dumps()
    systemd = Systemd()
    report = NotifyingReport(report, systemd)
    bridged = await operator_lines(options.config, own_lines, options.variables)
    for note in bridged.notes:
        report.note(note)
    log = TorLog(lambda warning: report.note(tor_warns(warning)), keeps_lines=shows_tor_log)
    paths = Paths(folder)
    paths.check()
    paths.check_key()
    key, copy_in = _find_key(paths, sealed)
    combined = CombinedProgress(report, SHARES)
    watching = Watching(key.address, paths, report)

    def on_progress(progress: Progress) -> None:
        combined.note("tor", progress.percent, progress.warning or progress.summary)

    def on_uploaded() -> None:
        combined.note("publish", 50, "Visiting the service through Tor, as visitors do")

    async with AsyncExitStack() as stack:
        stack.enter_context(lock_folder(folder))
        answers = OperatorSocket(operator_handlers(options, watching))
        await stack.enter_async_context(answers.listening(paths.operator_socket))
        report.bootstrap(0, "Starting the web process")
        options = replace(options, missing_defences=await find_missing_defences(report))
        web = await stack.enter_async_context(AsyncExitStack())
        await web.enter_async_context(
            keep_web_running(paths, key.address, options, report, watching)
        )
        spec = service_spec(
            paths, key, bridged.options, on_progress, patience_s, watching, log.note, copy_in
        )
        stack.enter_context(_showing(log, report))
        with _blaming(own_lines):
            service = await stack.enter_async_context(
                keep_service_running(spec, report, watching, on_uploaded)
            )
        stack.push_async_callback(end_in_order, web, service)
        combined.finish("Published")
        report.ready(key.address, None, str(paths.web_socket), str(paths.admin_socket))
        stack.callback(systemd.send, "STOPPING=1")
        watching.status.add_listener(lambda state: systemd.send(f"STATUS={state.value}"))
        systemd.send(f"STATUS={watching.status.state.value}")
        await systemd.watch(watching.is_alive)


def _find_key(paths: Paths, sealed: ServiceKey | None) -> tuple[ServiceKey, Place | None]:
    """Return the key, and where tor's copy has to be: of a sealed key, in memory only."""
    if sealed is not None:
        return sealed, memory_place(paths.folder)
    if os.path.lexists(paths.sealed_key):
        raise OperatorError(f"the key in {paths.folder} was sealed just now", "start again")
    return load_or_create_key(paths.key), None


def operator_handlers(options: WebOptions, watching: Watching) -> dict[str, Handler]:
    """Return what answers each command of the operator."""
    return {
        "status": watching.describe,
        "restart": partial(restart_web, options, watching),
        "drain": partial(drain_web, options, watching),
        "close": watching.admission.close,
        "open": watching.admission.open,
        "burn": burn,
    }


async def restart_web(options: WebOptions, watching: Watching) -> Fields:
    """Answer `restart`: have the web process replaced. tor goes on.

    Raises:
        OperatorError: if the new one could not start, or there is none to replace; nothing is
            ended then.
    """
    options.check()
    watching.replace_web()
    return {"replacing": True}


async def drain_web(options: WebOptions, watching: Watching, for_s: object) -> Fields:
    """Answer `drain`: have the web process replaced when nobody talks any more.

    Raises:
        OperatorError: as `restart_web`, or if the time is not valid.
    """
    return await watching.admission.drain(for_s, options.check)


async def burn() -> Fields:
    """Answer `burn`: end as on SIGTERM, at whatever point of its life the server is."""
    signal.raise_signal(signal.SIGTERM)
    return {"ending": True}


def tor_warns(warning: str) -> str:
    """Return what the operator reads of a warning of tor: what it means, and tor's own words."""
    found = explain(warning)
    meaning = f"{found.meaning}; " if found else ""
    return f"{meaning}tor warns: {warning}"


@contextmanager
def _showing(log: TorLog, report: Report) -> Iterator[None]:
    """Report tor's last lines on SIGUSR1, and when the block fails; if they are kept."""

    def show() -> None:
        if log.lines:
            report.tor_log(log.lines)
        else:
            report.note("no line of tor's log is kept: start with --tor-log")

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, show)
    try:
        yield
    except (OnionError, OperatorError):
        if log.lines:
            show()
        raise
    finally:
        loop.remove_signal_handler(signal.SIGUSR1)


@contextmanager
def _blaming(own_lines: Path | None) -> Iterator[None]:
    """Add a hint that names the operator's torrc lines, if tor died while reading its torrc."""
    try:
        yield
    except TorDiedError as error:
        if own_lines and "config" in error.cause:
            error.hint = f"check each line of {own_lines}: tor reads this file too"
        raise
