"""An onion service with its own tor: launched, published, watched, ended.

The service is in the configuration with which tor is launched (see `service_folder`), so tor
publishes it by itself, as soon as it has connected to the network.

async with OnionService(spec, key, folder) as service:
    print(service.address)            # reachable from here on
    await service.wait_down()         # tor died: create a new one, same key, same folder
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from .defences import Defence
from .descriptor import Uploads
from .errors import PublishFailedError, folder_error
from .keys import ServiceKey
from .launch.folder import make_private_folder
from .launch.torrc import Option, service_options
from .launch.version import check_version, checked_tor
from .probe import defences_missing_in
from .service_folder import service_folder
from .service_state import ServiceEvent, ServiceState, next_state
from .spec import ServiceSpec
from .tor import OnProgress, OnText, Tor

# On a private network a bootstrap takes 2 s and the first confirmation one more. The public network
# is far slower, and slower still behind bridges; a bootstrap may take long if it makes progress.
STALL_S = 120.0
PUBLISH_S = 120.0


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
        on_state: Callable[[ServiceState], None] | None = None,
        on_line: OnText = lambda line: None,
        stall_s: float = STALL_S,
        publish_s: float = PUBLISH_S,
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
            on_state: called in the event loop with each new `state`.
            on_line: called in the event loop with each line of tor's log.
            stall_s: how long the percentage of the bootstrap may stay the same.
            publish_s: how long the first confirmed upload may take.
            tor: the program; by default the one installed on this machine.
        """
        self.address = key.address
        self.state = ServiceState.LAUNCHING
        self.uploads = Uploads(key.address)
        self._spec, self._key, self._folder = spec, key, folder
        self._extra = tuple(torrc_extra)
        self._on_progress, self._on_state, self._on_line = on_progress, on_state, on_line
        self._stall_s, self._publish_s = stall_s, publish_s
        self._program = tor
        self._tor: Tor | None = None
        self._down = asyncio.Event()
        self._stack = AsyncExitStack()

    @property
    def pid(self) -> int | None:
        """The process id of its tor; None before tor was launched."""
        return self._tor.pid if self._tor is not None else None

    async def wait_down(self) -> None:
        """Wait until it is down: tor died, or its control connection was lost."""
        await self._down.wait()

    async def __aenter__(self) -> Self:
        """Launch, bootstrap, publish; the address is reachable when this returns.

        Raises:
            TorMissingError, TorTooOldError: before anything is started.
            TorDiedError: if tor ends meanwhile; the cause is in its text.
            BootstrapStalledError: if tor does not connect to the network.
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
            folder = await stack.enter_async_context(service_folder(self._folder, self._key))
            tor = await stack.enter_async_context(self._prepare(program, folder, missing))
            self._tor = tor
            self._check_address(folder)
            self._advance(ServiceEvent.ATTACHED)
            # Subscribed before tor can have uploaded anything: that takes it a second at least.
            await tor.bootstrap(
                stall_s=self._stall_s, on_progress=self._on_progress, events=("HS_DESC",)
            )
            self._advance(ServiceEvent.BOOTSTRAPPED)
            await self._publish(tor)
            self._advance(ServiceEvent.UPLOADED)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Stop tor: well under a second. Does not raise if tor has already died."""
        self._advance(ServiceEvent.WITHDREW)
        await self._stack.aclose()

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
        return Tor(
            program,
            self._folder,
            [*service_options(), *self._spec.options(folder, missing), *self._extra],
            on_event=self._note_event,
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

    def _note_event(self, line: str) -> None:
        self.uploads.note(line)

    def _note_down(self) -> None:
        self._advance(ServiceEvent.LOST)
        self._down.set()

    def _advance(self, event: ServiceEvent) -> None:
        before, self.state = self.state, next_state(self.state, event)
        if self.state is not before and self._on_state is not None:
            self._on_state(self.state)
