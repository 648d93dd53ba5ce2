"""An onion service with its own tor: launched, published, watched, withdrawn.

async with OnionService(spec, key, folder) as service:
    print(service.address)            # reachable from here on
    await service.wait_down()         # tor died: create a new one, same key, same folder
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from .address import SUFFIX
from .descriptor import Uploads
from .errors import ControlError, PublishFailedError
from .keys import ServiceKey
from .launch.torrc import Option, service_options
from .launch.version import check_version, checked_tor
from .service_state import ServiceEvent, ServiceState, next_state
from .spec import ServiceSpec
from .tor import OnProgress, Tor

# On a private network a bootstrap takes 2 s and the first confirmation one more. The public network
# is far slower, and slower still behind bridges; a bootstrap may take long if it makes progress.
STALL_S = 120.0
PUBLISH_S = 120.0
# The withdrawal is optional: tor also withdraws the service when it exits.
_WITHDRAW_TIMEOUT_S = 1.0


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
            stall_s: how long the percentage of the bootstrap may stay the same.
            publish_s: how long the first confirmed upload may take.
            tor: the program; by default the one installed on this machine.
        """
        self.address = key.address
        self.state = ServiceState.LAUNCHING
        self.uploads = Uploads(key.address)
        self._spec, self._key, self._folder = spec, key, folder
        self._extra = tuple(torrc_extra)
        self._on_progress, self._on_state = on_progress, on_state
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
            PublishFailedError: if tor refuses the service, or no HSDir confirms the descriptor.
            ControlRefusedError: if tor refuses our cookie or another command.
            ControlClosedError: if only the control connection fails.
            FolderError, DiskFullError: if the folder cannot be written.
        """
        async with AsyncExitStack() as stack:
            program = await (check_version(self._program) if self._program else checked_tor())
            tor = await stack.enter_async_context(self._prepare(program))
            self._tor = tor
            self._advance(ServiceEvent.ATTACHED)
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
        """Withdraw and stop tor: well under a second. Does not raise if tor has already died."""
        self._advance(ServiceEvent.WITHDREW)
        try:
            await self._withdraw()
        finally:
            await self._stack.aclose()

    def _prepare(self, program: Path) -> Tor:
        return Tor(
            program,
            self._folder,
            [*service_options(), *self._extra],
            on_event=self._note_event,
            on_down=self._note_down,
        )

    async def _publish(self, tor: Tor) -> None:
        try:
            await tor.request(self._spec.add_onion_command(self._key.reveal_blob()))
        except ControlError as error:
            raise PublishFailedError(error.reason) from None
        try:
            await tor.wait_until(lambda: self.uploads.is_reachable, timeout_s=self._publish_s)
        except TimeoutError:
            started, failed = self.uploads.started, self.uploads.failed
            raise PublishFailedError(
                f"no directory confirmed the descriptor in {self._publish_s:.0f} s "
                f"({started} uploads started, {failed} failed)"
            ) from None

    async def _withdraw(self) -> None:
        if self._tor is None or self._tor.is_down:
            return
        service_id = self.address.removesuffix(SUFFIX)
        with suppress(ControlError, TimeoutError):
            async with asyncio.timeout(_WITHDRAW_TIMEOUT_S):
                await self._tor.control.request(f"DEL_ONION {service_id}")

    def _note_event(self, line: str) -> None:
        self.uploads.note(line)

    def _note_down(self) -> None:
        self._advance(ServiceEvent.LOST)
        self._down.set()

    def _advance(self, event: ServiceEvent) -> None:
        before, self.state = self.state, next_state(self.state, event)
        if self.state is not before and self._on_state is not None:
            self._on_state(self.state)
