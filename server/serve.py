"""The web process: puts store, web and listener together, and runs them until a signal ends it.

The order matters: first the sockets are opened, then the source archive and the templates are made,
then the sandbox is entered, and only then is a request served.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from server import __version__
from server.admin import Admin, StoreDump, TorStatus
from server.config.defaults import default_rooms, default_topics
from server.core.admission.closing import OPEN, Closing
from server.core.durations import drawn_between
from server.core.house import House
from server.core.limits import DRAW_EVERY_S, Capacity
from server.core.meeting_hours import MeetingHours
from server.core.room.public import LocalizedText, PublicRoom
from server.http.connection import check_version
from server.http.listener import serve_http
from server.locales.language import offered_languages
from server.process.gc_policy import COLLECT_ALL_S, collect_all, configure_gc
from server.process.open_files import allow_open_files
from server.process.socket_group import find_group
from server.process.sockets import inherited, listening_on
from server.process.source_archive import source_archive, warn_of_missing_sources
from server.sandbox import landlock
from server.sandbox.allocator import overwrites_freed_memory
from server.sandbox.late_imports import import_late_modules
from server.sandbox.lockdown import holds_only_sockets, lock_down
from server.sandbox.stack import overwrite_stack
from server.store.contract.chat import Store
from server.store.memory.inspect import describe_tables, values_of
from server.store.memory.store import MemoryStore
from server.stream.error_counter import ErrorCounter
from server.web.app import create_web
from server.web.draws import PeriodicDraws
from server.web.edge.error_pages import BROKEN
from server.web.form_tokens import FormTokens
from server.web.render.empty_composer import EmptyComposer
from server.web.render.pages import TEMPLATES, Pages, TemplateCache
from server.web.render.stylesheet import Stylesheet
from server.web.safeguards import ALL_HOLD, Safeguards
from server.web.services import Services

SWEEP_EVERY_S = 2.0


@dataclass(frozen=True, slots=True)
class ServeConfig:
    """The settings of the web process."""

    socket: Path
    """For visitors, through tor."""

    socket_fd: int | None = None
    """The descriptor of that socket, if the starter of this process has opened it."""

    admin_socket: Path | None = None
    """For the operator."""

    socket_group: str | None = None
    """The group that may connect to the visitors' socket besides this user: that of tor's user."""

    onion: str | None = None
    """The only `Host` that is served; any, if it is `None`."""

    capacity: Capacity = field(default_factory=Capacity)
    """The largest numbers of sessions, streams and so on."""

    rooms: tuple[PublicRoom, ...] = field(default_factory=default_rooms)
    """The public rooms, in the order in which they are listed."""

    topics: Mapping[str, LocalizedText] = field(default_factory=default_topics)
    """Code -> title: the topics to choose from."""

    hours: MeetingHours = field(default_factory=MeetingHours)
    """When people usually come."""

    house: House = field(default_factory=House)
    """What the operator says about the server."""

    draw_every_s: float = DRAW_EVERY_S
    """Seconds between two draws of the matching."""

    unsealed: bool = False
    """Whether the process runs without the sandbox; every page then says so."""

    shows_store: bool = False
    """Whether the admin socket returns a dump of the store: for the demo."""

    trusts_circuits: bool = False
    """Whether the circuit ids in PROXY lines are believed: only where tor writes these lines."""

    closing: Closing = OPEN
    """Who may come in, until the supervisor says something else."""

    tor_defences: Mapping[str, bool] = field(default_factory=dict)
    """Name -> whether tor has this defence, for `status`; empty if nobody has asked tor."""

    @property
    def own_folders(self) -> list[Path]:
        """The folders of the sockets that it opens itself."""
        visitors = self.socket if self.socket_fd is None else None
        sockets = [path for path in (visitors, self.admin_socket) if path is not None]
        return [path.absolute().parent for path in sockets]


def build_services(
    store: Store,
    rooms: Iterable[PublicRoom] = (),
    topics: Mapping[str, LocalizedText] | None = None,
    hours: MeetingHours | None = None,
    safeguards: Safeguards = ALL_HOLD,
    languages: Sequence[str] = (),
) -> Services:
    """Make everything that the views share.

    Args:
        store: one that has these public rooms.
        rooms: the public rooms as configured.
        topics: to choose from; the default ones if `None`.
        hours: when people usually come.
        safeguards: which protections this process has; pages name those that are missing.
        languages: codes of those that the pages are offered in; all of them if empty.
    """
    stylesheet = Stylesheet(TEMPLATES / "style.css")
    unsealed = not safeguards.is_locked_down
    compiled = TemplateCache()
    pages = {
        code: Pages(language, stylesheet.path, compiled=compiled, unsealed=unsealed)
        for code, language in offered_languages(languages).items()
    }
    first, *_ = pages.values()
    return Services(
        store=store,
        rooms={room.name: room for room in rooms},
        topics=default_topics() if topics is None else topics,
        hours=hours or MeetingHours(),
        safeguards=safeguards,
        tokens=FormTokens(),
        pages_by_language=pages,
        composers_by_language={code: EmptyComposer(page) for code, page in pages.items()},
        stylesheet=stylesheet,
        source_archive=source_archive(f"sottovoce-{__version__}"),
        broken_page=first.render("error.html", sentence=BROKEN.sentence, cookie_refused=False),
    )


async def run(config: ServeConfig, on_ready: Callable[[], None]) -> None:
    """Serve until SIGTERM, SIGINT or SIGHUP.

    Args:
        config: the settings.
        on_ready: called once connections are accepted.

    Raises:
        OperatorError: if Hypercorn is of another version, a socket cannot be opened or given to
            the group, or the sandbox cannot be entered.
    """
    check_version()
    max_open = allow_open_files(config.capacity.streams)
    warn_of_missing_sources()
    with ExitStack() as sockets:
        listening = sockets.enter_context(_listening(config))
        admin_listening = None
        if config.admin_socket is not None:
            admin_listening = sockets.enter_context(listening_on(config.admin_socket.absolute()))
        _warn_of_other_files(config)
        await _serve(config, listening, admin_listening, max_open, on_ready)


def _listening(config: ServeConfig) -> AbstractContextManager[socket.socket]:
    """Return the visitors' socket: the one that was handed over, or a new one."""
    if config.socket_fd is not None:
        return inherited(config.socket_fd)
    group = None if config.socket_group is None else find_group(config.socket_group)
    return listening_on(config.socket.absolute(), group)


def _warn_of_other_files(config: ServeConfig) -> None:
    """Warn on stderr if a socket will stay at the end, because of what else its folder holds."""
    for folder in () if config.unsealed else config.own_folders:
        if not holds_only_sockets(folder):
            with contextlib.suppress(OSError):
                sys.stderr.write(
                    f"sottovoce: {folder} holds other files, so the socket stays there at the end\n"
                    "hint: give it a folder of its own; the next start replaces it\n"
                )
                sys.stderr.flush()


async def _serve(
    config: ServeConfig,
    listening: socket.socket,
    admin_listening: socket.socket | None,
    max_open: int,
    on_ready: Callable[[], None],
) -> None:
    store = MemoryStore(config.capacity, rooms=config.rooms)
    await store.set_closing(config.closing)
    safeguards = Safeguards(
        is_locked_down=not config.unsealed,
        removes_own_files_only=landlock.version() > 0,
        overwrites_freed_memory=overwrites_freed_memory(),
        knows_circuits=config.trusts_circuits,
    )
    services = build_services(
        *(store, config.rooms, config.topics, config.hours),
        safeguards,
        config.house.languages,
    )
    services.house = config.house
    services.draws = draws = PeriodicDraws(config.draw_every_s)
    _disable_logging(services)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # Under nohup, SIGHUP is ignored: it is to outlive the terminal.
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, stop.set)
    closed = asyncio.Event()
    web = create_web(services, config.onion)
    _enter_sandbox(config)
    async with asyncio.TaskGroup() as tasks:
        if admin_listening is not None:
            dump = (lambda: _dump(store)) if config.shows_store else None
            tor = TorStatus(config.trusts_circuits, config.tor_defences)
            admin = await Admin(services, tor, config.capacity, dump).serve(admin_listening)
            tasks.create_task(_close_with(closed, admin))
        tasks.create_task(
            serve_http(
                *(web, listening, closed),
                trusts_circuits=config.trusts_circuits,
                max_open=max_open,
            )
        )
        periodic = [
            tasks.create_task(services.timer_wheel.run()),
            tasks.create_task(_every(COLLECT_ALL_S, collect_all, services)),
            tasks.create_task(_every(SWEEP_EVERY_S, store.sweep, services)),
            tasks.create_task(_every(config.draw_every_s, partial(_draw, store, draws), services)),
        ]
        on_ready()
        await stop.wait()
        for task in periodic:
            task.cancel()
        draws.close()
        await store.close()
        closed.set()


async def _draw(store: Store, draws: PeriodicDraws) -> None:
    """Match those who fit, then answer the requests that wait for it."""
    try:
        await store.draw_matches()
    finally:
        draws.announce()


def _enter_sandbox(config: ServeConfig) -> None:
    """Give up everything that serving does not need; nothing more is opened from here on.

    Raises:
        OperatorError: if that is not possible here.
    """
    import_late_modules()
    configure_gc()
    # Without the sandbox, a module that is imported late must not be written to disk as bytecode.
    sys.dont_write_bytecode = True
    if not config.unsealed:
        lock_down(config.own_folders)


def _dump(store: MemoryStore) -> StoreDump:
    return StoreDump(list(describe_tables(store)), values_of(store))


async def _every(pause_s: float, do: Callable[[], Awaitable[None]], services: Services) -> None:
    """Call something repeatedly, and overwrite what the calls have left on the stack.

    The pauses are drawn: visitors see when a sweep tells them something (see `core/durations.py`).
    An unexpected exception is counted, and ends only that call.
    """
    counting = ErrorCounter(services.failures)
    while True:
        await asyncio.sleep(drawn_between(0.75 * pause_s, 1.25 * pause_s))
        with counting:
            await do()
        # From here, where few frames are above: everything that requests have left below is gone.
        overwrite_stack()


async def _close_with(closed: asyncio.Event, server: asyncio.AbstractServer) -> None:
    await closed.wait()
    server.close()


def _disable_logging(services: Services) -> None:
    """Prevent every library from logging what a visitor sent.

    Log records, warnings and tracebacks can hold the text of a form. None is written. An uncaught
    exception is counted by its type; one that ends the program is named on stderr by its type.
    """
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")

    def count(kind: type[BaseException] | None) -> None:
        services.failures[kind.__name__ if kind is not None else "loop"] += 1

    def on_loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        count(None if error is None else type(error))

    asyncio.get_running_loop().set_exception_handler(on_loop_error)
    # Python itself would write these with their tracebacks to stderr, without any logger.
    sys.unraisablehook = lambda raised: count(raised.exc_type)
    threading.excepthook = lambda raised: count(raised.exc_type)
    sys.excepthook = _name_only


def _name_only(
    kind: type[BaseException], _error: BaseException, _traceback: TracebackType | None
) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(f"sottovoce: stopped by an unexpected {kind.__name__}\n")
