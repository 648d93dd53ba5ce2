"""An onion service of ours: launched, published on a unix socket, watched, withdrawn.

async with OnionService(spec, key, folder) as service:
    print(service.address)            # reachable from here on
    await service.wait_down()         # tor died: make a new one, same key, same folder
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
from .errors import ControlRefusedError, PublishFailedError
from .health import Event, Health, after
from .keys import ServiceKey
from .launch.torrc import Option, service_options
from .launch.version import check_version, checked_tor
from .spec import ServiceSpec
from .tor import OnProgress, Tor

# On a private network a bootstrap takes 2 s and the first confirmation one more. The public one
# is far slower, and behind bridges slower still; what matters is that it goes on.
STALL_S = 120.0
PUBLISH_S = 120.0
# A withdrawal is a courtesy to visitors; tor's end withdraws as well.
_WITHDRAW_BOUND_S = 1.0


class OnionService:
    """One onion service with a tor of its own; it is up while its context is open."""

    def __init__(
        self,
        spec: ServiceSpec,
        key: ServiceKey,
        folder: Path,
        *,
        torrc_extra: Sequence[Option] = (),
        on_progress: OnProgress | None = None,
        on_health: Callable[[Health], None] | None = None,
        stall_s: float = STALL_S,
        publish_s: float = PUBLISH_S,
        tor: Path | None = None,
    ) -> None:
        """Prepare; nothing is started before the context is entered.

        Args:
            spec: what to publish.
            key: kept by the caller, so that the address outlives this tor.
            folder: for this tor alone; may be that of an earlier one with the same purpose,
                whose knowledge of the network makes the next launch faster.
            torrc_extra: options beside our own, such as bridges or those of a private network.
            on_progress: each step of the bootstrap, in the event loop.
            on_health: each change of `health`, in the event loop.
            stall_s: how long the bootstrap may stay at one percentage.
            publish_s: how long the first confirmed upload may take.
            tor: the program; by default the one of this machine.
        """
        self.address = key.address
        self.health = Health.LAUNCHING
        self.uploads = Uploads(key.address)
        self._spec, self._key, self._folder = spec, key, folder
        self._extra = tuple(torrc_extra)
        self._on_progress, self._on_health = on_progress, on_health
        self._stall_s, self._publish_s = stall_s, publish_s
        self._program = tor
        self._tor: Tor | None = None
        self._down = asyncio.Event()
        self._stack = AsyncExitStack()

    @property
    def pid(self) -> int | None:
        """The process of its tor; None before it was launched."""
        return self._tor.pid if self._tor is not None else None

    async def wait_down(self) -> None:
        """Wait until it has ended by itself: tor died, or its control connection was lost."""
        await self._down.wait()

    async def __aenter__(self) -> Self:
        """Launch, bootstrap, publish; the address can be visited when this returns.

        Raises:
            TorMissingError, TorTooOldError: before anything is started.
            TorDiedError: if tor ends meanwhile; the cause is in its text.
            BootstrapStalledError: if tor does not reach the network.
            PublishFailedError: if no directory took the descriptor.
            ControlRefusedError: if tor does not obey.
            FolderError, DiskFullError: if the folder cannot be written.
        """
        async with AsyncExitStack() as stack:
            program = await (check_version(self._program) if self._program else checked_tor())
            tor = await stack.enter_async_context(self._prepare(program))
            self._tor = tor
            self._advance(Event.ATTACHED)
            await tor.bootstrap(
                stall_s=self._stall_s, on_progress=self._on_progress, events=("HS_DESC",)
            )
            self._advance(Event.BOOTSTRAPPED)
            await self._publish(tor)
            self._advance(Event.UPLOADED)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Withdraw and stop tor: well under a second; never raises over a tor that is dead."""
        self._advance(Event.WITHDREW)
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
            await tor.ask(self._spec.add_onion(self._key.reveal_blob()))
        except ControlRefusedError as error:
            raise PublishFailedError(error.reason) from None
        try:
            await tor.wait_until(lambda: self.uploads.is_reachable, bound_s=self._publish_s)
        except TimeoutError:
            asked, failed = self.uploads.asked, self.uploads.failed
            raise PublishFailedError(
                f"no directory confirmed it in {self._publish_s:.0f} s "
                f"({asked} asked, {failed} failed)"
            ) from None

    async def _withdraw(self) -> None:
        if self._tor is None or self._tor.is_down:
            return
        service_id = self.address.removesuffix(SUFFIX)
        with suppress(ControlRefusedError, TimeoutError):
            async with asyncio.timeout(_WITHDRAW_BOUND_S):
                await self._tor.control.ask(f"DEL_ONION {service_id}")

    def _note_event(self, line: str) -> None:
        self.uploads.note(line)

    def _note_down(self) -> None:
        self._advance(Event.LOST)
        self._down.set()

    def _advance(self, event: Event) -> None:
        before, self.health = self.health, after(self.health, event)
        if self.health is not before and self._on_health is not None:
            self._on_health(self.health)
