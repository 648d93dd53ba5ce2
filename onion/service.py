"""An onion service with its own tor: launched, published, watched, ended.

The service is in the configuration with which tor is launched (see `service_folder`), so tor
publishes it by itself, as soon as it has connected to the network.

async with OnionService(spec, key, folder) as service:
    print(service.address)            # a directory has the descriptor from here on
    await service.visit()             # visitors can reach it
    await service.wait_down()         # tor died: create a new one, same key, same folder
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from .address import SUFFIX
from .defences import Defence
from .descriptor import Requests, Uploads
from .errors import (
    ControlClosedError,
    NetworkLostError,
    NotReachedError,
    PublishFailedError,
    folder_error,
)
from .guard_lines import VAIN_LAUNCHES, GuardLines, NetworkTraffic, has_line
from .keys import ServiceKey
from .launch.folder import make_private_folder
from .launch.torrc import Option, render_setconf, service_options, socks_socket
from .launch.version import check_version, checked_tor
from .probe import defences_missing_in
from .service_folder import Place, service_folder
from .service_state import ServiceEvent
from .spec import ServiceSpec
from .tor import OnProgress, OnText, Tor
from .visit import VISIT_S, visit

# On a private network a bootstrap takes 2 s and the first confirmation one more. The public network
# is far slower, and slower still behind bridges; a bootstrap may take long if it makes progress.
STALL_S = 120.0
PUBLISH_S = 120.0

CELL_BYTES = 514
"""A cell on a connection to a relay. Source: tor-spec, "Cell Packet format"."""

SENT_LOOKS, SENT_LOOK_S = 3, 0.1
# A connection to a guard that was closed is usually replaced within a second.
NO_LINE_S = 5.0
GONE_S = 8.0
"""A tor without a connection for so long counts its guards as down. Longer than a visit waits: what
a visit finds out says more."""

# When nothing was read for half a minute, a visit need not have the time of a slow network.
QUIET_VISIT_S = 20.0

_LOOK_EVERY_S = 1.0
_READ = "traffic/read"

T = TypeVar("T")


class OnionService:
    """One onion service with its own tor; it is up while its context is open."""

    def __init__(
        self,
        spec: ServiceSpec,
        key: ServiceKey,
        folder: Path,
        *,
        torrc_extra: Sequence[Option] = (),
        on_progress: OnProgress | None = None,
        on_line: OnText = lambda line: None,
        on_event: Callable[[ServiceEvent], None] = lambda event: None,
        stall_s: float = STALL_S,
        publish_s: float = PUBLISH_S,
        vain_s: float | None = None,
        copy_in: Place | None = None,
        tor: Path | None = None,
    ) -> None:
        """Prepare; nothing is started until the context is entered.

        Args:
            spec: what to publish.
            key: kept by the caller, so that the address outlives this tor.
            folder: for this tor alone; may be the folder of an earlier tor of the same service,
                whose cached network documents make the next launch faster.
            torrc_extra: options in addition to our own, such as bridges or those of a private
                network.
            on_progress: called in the event loop with each step of the bootstrap.
            on_line: called in the event loop with each line of tor's log.
            on_event: called in the event loop when it was launched, when an upload was confirmed,
                and once or twice when it was lost.
            stall_s: how long the percentage of the bootstrap may stay the same.
            publish_s: how long the first confirmed upload may take.
            vain_s: how long tor may try in vain to connect to a relay; None for as long as
                `stall_s`. It tries most often at the beginning.
            copy_in: where tor's copy of the key is made; by default in `folder`.
            tor: the program; by default the one installed on this machine.
        """
        self.address = key.address
        self.uploads = Uploads(key.address)
        self.requests = Requests(key.address)
        self.version = ""
        """The version of its tor, such as `0.4.9.11`; empty before tor was launched."""
        self.effort = 0
        """The effort of the proof of work that the last visit had to do."""
        self.line_changed = asyncio.Event()
        """Set when a connection to a guard was opened or has ended, or seems to be dead."""
        self._spec, self._key, self._folder = spec, key, folder
        self._copy_in = copy_in or Place(folder)
        self._extra = tuple(torrc_extra)
        self._on_progress, self._on_event, self._on_line = on_progress, on_event, on_line
        self._stall_s, self._publish_s, self._vain_s = stall_s, publish_s, vain_s
        self._lines, self._traffic = GuardLines(), NetworkTraffic()
        self._line_lost, self._line_open = asyncio.Event(), asyncio.Event()
        self._published: Sequence[Option] = ()
        self._program = tor
        self._tor: Tor | None = None
        self._down = asyncio.Event()
        self._stack = AsyncExitStack()

    @property
    def pid(self) -> int | None:
        """The process id of its tor; None before tor was launched."""
        return self._tor.pid if self._tor is not None else None

    @property
    def is_sandboxed(self) -> bool:
        """Whether its tor runs in tor's own sandbox: a changed service would end it."""
        return any(name.lower() == "sandbox" and value == "1" for name, value in self._extra)

    async def wait_down(self) -> None:
        """Wait until it is down: tor died, or its control connection was lost."""
        await self._down.wait()

    async def __aenter__(self) -> Self:
        """Launch, bootstrap, publish; a directory has the descriptor when this returns.

        Raises:
            TorMissingError, TorTooOldError: before anything is started.
            TorDiedError: if tor ends meanwhile; the cause is in its text.
            BootstrapStalledError: if tor does not connect to the network.
            NetworkLostError: if it tries for `vain_s`.
            PublishFailedError: if no HSDir confirms the descriptor, or tor has another key.
            ToolFailedError: if tor does not list its options.
            ControlRefusedError: if tor refuses our cookie or another command.
            ControlClosedError: if only the control connection fails.
            FolderError, DiskFullError: if the folder cannot be written.
        """
        async with AsyncExitStack() as stack:
            program = await (check_version(self._program) if self._program else checked_tor())
            missing = await defences_missing_in(program)
            make_private_folder(self._folder)
            folder = await stack.enter_async_context(service_folder(self._copy_in, self._key))
            tor = await stack.enter_async_context(self._prepare(program, folder, missing))
            self._tor = tor
            self._check_address(folder)
            self._on_event(ServiceEvent.LAUNCHED)
            self.version = (await tor.control.getinfo("version")).partition(" ")[0]
            # Subscribed before tor can have uploaded anything: that takes it a second at least.
            events = ("HS_DESC", "ORCONN")
            await self._unless_lost(
                tor.bootstrap(stall_s=self._stall_s, on_progress=self._on_progress, events=events),
                self._vain_s,
                VAIN_LAUNCHES,
            )
            await self._publish(tor)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Stop tor: well under a second. Does not raise if tor has already died."""
        await self._stack.aclose()

    async def visit(self, *, timeout_s: float = VISIT_S) -> None:
        """Visit it through its own tor, as a visitor does; see `visit`.

        Raises:
            NotReachedError: if the visit does not come through.
            NetworkLostError: if tor has no connection to any relay meanwhile.
            TorDiedError, DiskFullError, ControlClosedError: if its tor ends meanwhile.
        """
        socks = f"unix:{socks_socket(self._folder)}"
        port = self._spec.virtual_port
        if self._traffic.is_quiet:
            timeout_s = min(timeout_s, QUIET_VISIT_S)
        visiting = visit(
            self._running, self.requests, socks, self.address, port, timeout_s=timeout_s
        )
        try:
            self.effort = await self._unless_lost(visiting, NO_LINE_S, 0)
        except NotReachedError:
            if not self._lines.is_open:
                # Without a line tor may refuse to look for the service at all.
                await self._unless_lost(asyncio.sleep(2 * NO_LINE_S), NO_LINE_S, 0)
            raise

    async def publish_anew(self) -> None:
        """Upload the descriptor once more, to the directories of the present consensus.

        It keeps its circuits, introduction points and guards.

        Raises:
            ControlRefusedError: if tor has none, or refuses it.
            TorDiedError, DiskFullError, ControlClosedError: if tor has ended.
        """
        name = self.address.removesuffix(SUFFIX)
        key = f"hs/service/desc/id/{name}"
        reply = await self._running.request(f"GETINFO {key}")
        descriptor = reply.removeprefix(f"{key}=").removesuffix("\nOK").strip("\n")
        await self._running.request(f"HSPOST HSADDRESS={name}\n{descriptor}")

    async def wait_network_back(self) -> None:
        """Wait until its tor has lost its last connection to the network, and has one again.

        Raises:
            NetworkLostError: if it has none again within `GONE_S`.
            ControlRefusedError, ControlClosedError, TorDiedError, DiskFullError: see `Tor.request`.
        """
        while True:
            await self._line_lost.wait()
            self._line_lost.clear()
            # A connection may be older than our subscription to its events.
            if not has_line(await self._running.request("GETINFO orconn-status")):
                break
        try:
            async with asyncio.timeout(GONE_S):
                await self._line_open.wait()
        except TimeoutError:
            raise NetworkLostError from None

    async def change_introduction_points(self) -> None:
        """Remove the service from tor and add it again; ends the circuits that visitors have to it.

        Not for a tor in its sandbox.

        tor then chooses other introduction points and uploads another descriptor. It keeps its
        guards and second-layer guards.

        A client whose introduction failed does not use that introduction point for two minutes,
        even when the descriptor lists it again; see decision 45.

        Raises:
            ControlRefusedError, ControlClosedError, TorDiedError, DiskFullError: see `Tor.request`.
                tor may be without the service then.
        """
        # In two steps: tor keeps the state of a service that is in both configurations.
        await self._running.request("SETCONF HiddenServiceDir")
        await self._running.request(render_setconf(self._published))

    async def give_sign_of_life(self) -> None:
        """Let tor answer a question; raises the errors of `Tor.request`."""
        reply = await self._running.request(f"GETINFO {_READ}")
        read_bytes = int(reply.removeprefix(f"{_READ}=").removesuffix("\nOK"))
        if self._traffic.note(read_bytes, asyncio.get_running_loop().time()):
            self.line_changed.set()

    async def wait_sent(self) -> None:
        """Wait until its tor has nothing more to send: in three looks, less than a cell each.

        Raises:
            ControlRefusedError, ControlClosedError, TorDiedError, DiskFullError: see `Tor.request`.
        """
        written, quiet_looks = 0, 0
        while quiet_looks < SENT_LOOKS:
            reply = await self._running.request("GETINFO traffic/written")
            before, written = written, int(reply.partition("=")[2].split()[0])
            # The answers to these questions are counted, too, if the network is a private one.
            quiet_looks = quiet_looks + 1 if written - before < CELL_BYTES else 0
            await asyncio.sleep(SENT_LOOK_S)

    async def _unless_lost(
        self, doing: Coroutine[Any, Any, T], limit_s: float | None, launches: int
    ) -> T:
        """Do something, unless tor is without a line for `limit_s` and so many launches."""
        task = asyncio.ensure_future(doing)
        without_s = 0.0
        try:
            while not (await asyncio.wait([task], timeout=_LOOK_EVERY_S))[0]:
                without_s = 0.0 if self._lines.is_open else without_s + _LOOK_EVERY_S
                is_vain = self._lines.launches_in_vain >= launches
                if limit_s is not None and without_s >= limit_s and is_vain:
                    # A connection may be older than our subscription to its events.
                    if not has_line(await self._running.request("GETINFO orconn-status")):
                        raise NetworkLostError
                    without_s = 0.0
            return task.result()
        finally:
            task.cancel()

    @property
    def _running(self) -> Tor:
        if self._tor is None:
            raise ControlClosedError
        return self._tor

    def _check_address(self, folder: Path) -> None:
        """Check that tor has read our key. If it cannot, it makes another one and goes on."""
        try:
            published = (folder / "hostname").read_text(encoding="ascii").strip()
        except OSError as error:
            raise folder_error(folder, error) from None
        if published != self.address:
            raise PublishFailedError(
                "tor could not read the key that was written for it",
                hint="check the disk: what is written there is not read back",
            )

    def _prepare(self, program: Path, folder: Path, missing: Collection[Defence]) -> Tor:
        self._published = self._spec.options(folder, missing)
        return Tor(
            program,
            self._folder,
            [*service_options(self._folder), *self._published, *self._extra],
            on_event=self._note_line,
            on_line=self._on_line,
            on_down=self._note_down,
        )

    async def _publish(self, tor: Tor) -> None:
        try:
            await tor.wait_until(lambda: self.uploads.is_reachable, timeout_s=self._publish_s)
        except TimeoutError:
            started, failed = self.uploads.started, self.uploads.failed
            raise PublishFailedError(
                f"no directory confirmed the descriptor in {self._publish_s:.0f} s "
                f"({started} uploads started, {failed} failed)",
                words=tor.last_warning,
            ) from None

    def _note_line(self, line: str) -> None:
        confirmed = self.uploads.confirmed
        self.uploads.note(line)
        self.requests.note(line)
        if self.uploads.confirmed > confirmed:
            self._on_event(ServiceEvent.UPLOADED)
        if self._lines.note(line):
            self.line_changed.set()
            if self._lines.is_open:
                self._line_open.set()
            else:
                self._line_open.clear()
                self._line_lost.set()

    def _note_down(self) -> None:
        self._on_event(ServiceEvent.LOST)
        self._down.set()
