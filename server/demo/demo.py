"""`sottovoce demo`: the whole house on a private Tor network, on this machine, for one sitting.

Everything stands in one folder that is gone afterwards, however the program ends.
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
    open_through,
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
from server.supervisor.paths import Paths
from server.supervisor.report import Blend, Report
from server.supervisor.restart import Kept, kept_up
from server.supervisor.up import kept_web, service_upkeep
from server.supervisor.webprocess import AS_USUAL, WebOptions

from .keyboard import Keyboard
from .store_dump import print_store_dump
from .throttle import SlowLine

SHARES = {"network": 66, "service": 20, "client": 14}
"""Of the time to the first page, in percent, as measured."""

STALL_S = 60.0

DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
"""Variables that say where a window can be shown."""

WINDOW_GRACE_S = 1.5
"""Seconds in which a Firefox may end by itself."""

JOINING_TORRC = "network.torrc"
"""In the run folder: with these lines another tor joins the private network."""


async def demo(report: Report, options: WebOptions = AS_USUAL) -> None:
    """Run until cancelled.

    Args:
        report: is told how it stands.
        options: for the web process; looked at before anything is begun.

    Raises:
        OnionError, OperatorError: if it does not come up.
    """
    options.check()
    disable_core_dumps()
    key = ServiceKey.generate()
    async with AsyncExitStack() as stack:
        folder = await stack.enter_async_context(run_folder())
        paths = Paths(folder)
        paths.check()
        report.bootstrap(0, "Starting the web process")
        shown = replace(options, shows_store=True)
        web = await stack.enter_async_context(kept_web(paths, key.address, shown, report))
        blend = Blend(report, SHARES)
        network = await stack.enter_async_context(
            PrivateNetwork(folder / "net", on_progress=_into(blend, "network"))
        )
        (folder / JOINING_TORRC).write_text(render_torrc(network.torrc), encoding="utf-8")
        upkeep = service_upkeep(paths, key, network.torrc, _into(blend, "service"), STALL_S)
        client = asyncio.create_task(network.start_client(on_progress=_into(blend, "client")))
        stack.push_async_callback(_ended, client)
        service = await stack.enter_async_context(kept_up(upkeep, report))
        socks, line = await client, SlowLine(network, report)
        blend.finish("Published")
        report.ready(key.address, socks, str(paths.web_socket), str(paths.admin_socket))
        sitting = Sitting(
            folder, socks, key.address, service, web, report, paths.admin_socket, line
        )
        await stack.enter_async_context(sitting)
        report.advice(sitting.advice())
        await sitting.obey()


def _into(blend: Blend, part: str) -> Callable[[Progress], None]:
    return lambda progress: blend.note(part, progress.percent, progress.summary)


async def _ended(task: asyncio.Task[str]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, OnionError):
        await task


class Sitting:
    """What the person at the terminal can do while the demo runs.

    Args:
        folder: for Firefox profiles; goes with the run.
        socks: the private network's client.
        onion: the address.
        service: whose tor `t` kills.
        web: what `w` kills.
        report: is told what was done.
        admin_socket: where `z` asks.
        line: what `s` slows.
    """

    def __init__(
        self,
        folder: Path,
        socks: str,
        onion: str,
        service: Kept[OnionService],
        web: Kept[OwnedProcess],
        report: Report,
        admin_socket: Path,
        line: SlowLine,
    ) -> None:
        self._admin_socket, self._line = admin_socket, line
        self._folder, self._socks, self._onion = folder, socks, onion
        self._service, self._web, self._report = service, web, report
        self._profiles, self._guests_invited = 0, 0
        self._guests: set[asyncio.Task[None]] = set()
        self._windows: set[OwnedProcess] = set()
        self._keyboard = Keyboard()

    async def __aenter__(self) -> Sitting:
        """Begin to listen to the keyboard, where there is one."""
        self._keyboard.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close what was opened: the keyboard, guests, windows."""
        self._keyboard.close()
        for guest in self._guests:
            guest.cancel()
        await asyncio.gather(*self._guests, return_exceptions=True)
        windows, self._windows = self._windows, set()
        await gather(window.stop(WINDOW_GRACE_S) for window in windows)

    def advice(self) -> list[str]:
        """How to go on from here."""
        lines = [
            "Open the address in two windows with a profile of their own each: two tabs of one"
            " browser are one person. Tor Browser cannot reach this address as it is: the"
            f" network is private, and its SOCKS port is {self._socks}.",
        ]
        with suppress(FirefoxMissingError):
            command = shell_command(find_firefox(), self._new_profile(), self._url)
            lines.append(f"A Firefox that is prepared for it:\n\n  {command}")
        if self._keyboard.is_open:
            lines.append(
                "Enter  open two Firefox windows\ng      let a scripted guest come in\n"
                "t      kill tor, and see it come back\nw      kill the web process: every"
                " conversation is gone\ns      slow the line to 20 kbit/s, and make it fast again\n"
                "z      see what a thief of the store would find\n"
                "Ctrl-C end everything and leave nothing behind"
            )
        else:
            lines.append("This is no terminal, so there are no keys. Ctrl-C ends everything.")
        return lines

    async def obey(self) -> None:
        """Do what the keys say, until cancelled."""
        does = {"\n": self._open_windows, "\r": self._open_windows, "g": self._invite_guest}
        does["z"] = self._play_thief
        at_once = {"t": self._kill_tor, "w": self._kill_web, "s": self._line.turn}
        async for key in self._keyboard.keys():
            if key in does:
                await does[key]()
            elif key in at_once:
                at_once[key]()

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
            self._report.note(f"no window can be opened: there is no {' and no '.join(DISPLAYS)}")
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
            window.when_dead(partial(self._window_closed, window))
        self._report.note("two Firefox windows are opening")

    def _window_closed(self, window: OwnedProcess) -> None:
        if window in self._windows:
            self._windows.discard(window)
            self._report.note("a Firefox window was closed")

    async def _invite_guest(self) -> None:
        self._guests_invited += 1
        name = f"guest {self._guests_invited}"
        browser = TextBrowser(
            lambda: open_through(self._socks, self._onion, 80, isolation=name), self._onion
        )
        guest = asyncio.create_task(self._accompany(name, browser))
        self._guests.add(guest)
        guest.add_done_callback(self._guests.discard)
        self._report.note(f"{name} is on the way; it says of itself that it is a program")

    async def _accompany(self, name: str, browser: TextBrowser) -> None:
        try:
            await run_bot(browser)
            self._report.note(f"{name} went home")
        except (OSError, LookupError, RuntimeError, ValueError, OnionError) as error:
            self._report.note(f"{name} was cut off ({type(error).__name__})")

    async def _play_thief(self) -> None:
        self._report.note("Type a word that you have just sent, and Enter:")
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
            self._report.note("the web process was killed; every conversation went with it")
