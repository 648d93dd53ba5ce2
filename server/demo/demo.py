"""`sottovoce demo`: the complete service on a private Tor network on this machine.

All files are in one folder, which is deleted when the program ends, however it ends.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from onion import (
    OnionError,
    OnionService,
    OwnedProcess,
    PrivateNetwork,
    Progress,
    ServiceKey,
    gather,
    open_socks_stream,
    render_torrc,
    run_folder,
    spawn_owned,
)
from server.admin import ask_store
from server.core.errors import OperatorError
from server.demo.bot import run_bot
from server.demo.firefox_profile import (
    FirefoxMissingError,
    find_firefox,
    firefox_argv,
    shell_command,
    write_profile,
)
from server.demo.text_browser import TextBrowser
from server.sandbox.core_dumps import disable_core_dumps
from server.supervisor.bridges import configured_bridges
from server.supervisor.ending import end_in_order
from server.supervisor.operator_socket import OperatorSocket
from server.supervisor.paths import Paths
from server.supervisor.report import CombinedProgress, Report
from server.supervisor.restart import Supervised
from server.supervisor.up import (
    find_missing_defences,
    keep_service_running,
    keep_web_running,
    service_spec,
)
from server.supervisor.watching import Watching
from server.supervisor.webprocess import DEFAULT_OPTIONS, WebOptions

from .keyboard import Keyboard
from .store_dump import print_store_dump
from .throttle import Throttle

SHARES = {"network": 66, "service": 20, "client": 14}
"""Share of each part in the time until the first page, in percent, as measured."""

STALL_S = 60.0

DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
"""Variables that name the display on which a window can open."""

WINDOW_GRACE_S = 1.5
"""Seconds that a Firefox gets to end by itself."""

JOINING_TORRC = "network.torrc"
"""A file in the run folder: another tor that is started with it joins the private network."""


async def demo(report: Report, options: WebOptions = DEFAULT_OPTIONS) -> None:
    """Run until cancelled.

    Args:
        report: receives the state.
        options: for the web process; checked before anything is started.

    Raises:
        OnionError, OperatorError: if the start fails.
    """
    options.check()
    if configured_bridges(options.config, options.variables):
        report.note("the demo uses no bridges: its network is on this machine alone")
    disable_core_dumps()
    key = ServiceKey.generate()
    async with AsyncExitStack() as stack:
        folder = await stack.enter_async_context(run_folder())
        paths = Paths(folder)
        paths.check()
        report.bootstrap(0, "Starting the web process")
        missing = await find_missing_defences(report)
        options = replace(options, shows_store=True, missing_defences=missing)
        watching = Watching(key.address, paths, report)
        answers = OperatorSocket({"status": watching.status.describe})
        await stack.enter_async_context(answers.listening(paths.operator_socket))
        web_end = await stack.enter_async_context(AsyncExitStack())
        web = await web_end.enter_async_context(
            keep_web_running(paths, key.address, options, report, watching)
        )
        combined = CombinedProgress(report, SHARES)
        network = await stack.enter_async_context(
            PrivateNetwork(folder / "net", on_progress=_forward_to(combined, "network"))
        )
        (folder / JOINING_TORRC).write_text(render_torrc(network.torrc), encoding="utf-8")
        on_progress = _forward_to(combined, "service")
        spec = service_spec(paths, key, network.torrc, on_progress, STALL_S, watching)
        client = asyncio.create_task(
            network.start_client(on_progress=_forward_to(combined, "client"))
        )
        stack.push_async_callback(_cancel, client)
        service = await stack.enter_async_context(keep_service_running(spec, report, watching))
        stack.push_async_callback(end_in_order, web_end, service)
        socks, throttle = await client, Throttle(network, report)
        combined.finish("Published")
        report.ready(key.address, socks, str(paths.web_socket), str(paths.admin_socket))
        session = DemoSession(
            folder, socks, key.address, service, web, report, paths.admin_socket, throttle
        )
        await stack.enter_async_context(session)
        report.advice(session.advice())
        await session.handle_keys()


def _forward_to(combined: CombinedProgress, part: str) -> Callable[[Progress], None]:
    return lambda progress: combined.note(part, progress.percent, progress.summary)


async def _cancel(task: asyncio.Task[str]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, OnionError):
        await task


class DemoSession:
    """The keyboard commands of the demo.

    Args:
        folder: for Firefox profiles; deleted at the end.
        socks: the SOCKS endpoint of the private network's client.
        onion: the onion address.
        service: `t` kills its tor.
        web: `w` kills it.
        report: receives a note on each command.
        admin_socket: `z` requests the dump of the store here.
        throttle: `s` switches it.
    """

    def __init__(
        self,
        folder: Path,
        socks: str,
        onion: str,
        service: Supervised[OnionService],
        web: Supervised[OwnedProcess],
        report: Report,
        admin_socket: Path,
        throttle: Throttle,
    ) -> None:
        self._admin_socket, self._throttle = admin_socket, throttle
        self._folder, self._socks, self._onion = folder, socks, onion
        self._service, self._web, self._report = service, web, report
        self._profiles, self._bots_started = 0, 0
        self._bots: set[asyncio.Task[None]] = set()
        self._windows: set[OwnedProcess] = set()
        self._keyboard = Keyboard()

    async def __aenter__(self) -> DemoSession:
        """Start to read the keyboard, if there is one."""
        self._keyboard.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the keyboard, the bots and the windows."""
        self._keyboard.close()
        for bot in self._bots:
            bot.cancel()
        await asyncio.gather(*self._bots, return_exceptions=True)
        windows, self._windows = self._windows, set()
        await gather(window.stop(WINDOW_GRACE_S) for window in windows)

    def advice(self) -> list[str]:
        """Explain how to open the address, and list the keys."""
        lines = [
            "Open the address in two windows, each with its own profile: two tabs of one"
            " browser count as one visitor. Tor Browser cannot reach this address without"
            f" changes: the network is private, and its SOCKS port is {self._socks}.",
        ]
        with suppress(FirefoxMissingError):
            command = shell_command(find_firefox(), self._new_profile(), self._url)
            lines.append(f"A Firefox with a prepared profile:\n\n  {command}")
        if self._keyboard.is_open:
            lines.append(
                "Enter  open two Firefox windows\ng      start a bot to chat with\n"
                "t      kill tor, and watch it restart\nw      kill the web process: all"
                " conversations are lost\ns      slow Tor down to 20 kbit/s, or back to full"
                " speed\nz      show what an attacker would find in a copy of the store\n"
                "Ctrl-C stop everything and leave nothing behind"
            )
        else:
            lines.append("There is no terminal, so keys do nothing. Ctrl-C stops everything.")
        return lines

    async def handle_keys(self) -> None:
        """Run the command of each key, until cancelled."""
        commands = {"\n": self._open_windows, "\r": self._open_windows, "g": self._start_bot}
        commands["z"] = self._dump_store
        immediate = {"t": self._kill_tor, "w": self._kill_web, "s": self._throttle.toggle}
        async for key in self._keyboard.keys():
            if key in commands:
                await commands[key]()
            elif key in immediate:
                immediate[key]()

    @property
    def _url(self) -> str:
        return f"http://{self._onion}/"

    def _new_profile(self) -> Path:
        self._profiles += 1
        profile = self._folder / f"firefox-{self._profiles}"
        write_profile(profile, self._socks)
        return profile

    async def _open_windows(self) -> None:
        if not any(os.environ.get(name) for name in DISPLAYS):
            names = " and no ".join(DISPLAYS)
            self._report.note(f"cannot open a window: there is no {names}")
            return
        try:
            firefox = find_firefox()
        except FirefoxMissingError as error:
            self._report.note(f"{error}; {error.hint}")
            return
        for _ in range(2):
            argv = firefox_argv(firefox, self._new_profile(), self._url)
            window = await spawn_owned(argv)
            self._windows.add(window)
            window.add_exit_callback(partial(self._window_closed, window))
        self._report.note("opening two Firefox windows")

    def _window_closed(self, window: OwnedProcess) -> None:
        if window in self._windows:
            self._windows.discard(window)
            self._report.note("a Firefox window was closed")

    async def _start_bot(self) -> None:
        self._bots_started += 1
        name = f"bot {self._bots_started}"
        browser = TextBrowser(
            lambda: open_socks_stream(self._socks, self._onion, 80, isolation=name), self._onion
        )
        bot = asyncio.create_task(self._run_bot(name, browser))
        self._bots.add(bot)
        bot.add_done_callback(self._bots.discard)
        self._report.note(f"{name} is connecting; its first message says that it is a program")

    async def _run_bot(self, name: str, browser: TextBrowser) -> None:
        try:
            await run_bot(browser)
            self._report.note(f"{name} left")
        except (OSError, LookupError, RuntimeError, ValueError, OnionError) as error:
            self._report.note(f"{name} was disconnected ({type(error).__name__})")

    async def _dump_store(self) -> None:
        self._report.note("Type a word that you have just sent, then press Enter:")
        word = await self._keyboard.line()
        try:
            dump = await asyncio.to_thread(ask_store, self._admin_socket)
        except OperatorError as error:
            self._report.note(f"{error}; {error.hint}")
            return
        for line in print_store_dump(word, dump):
            self._report.note(line)

    def _kill_tor(self) -> None:
        service = self._service.current
        if service is not None and service.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(service.pid, signal.SIGKILL)
            self._report.note("tor was killed")

    def _kill_web(self) -> None:
        child = self._web.current
        if child is not None:
            child.kill()
            self._report.note("the web process was killed; all conversations are lost")
