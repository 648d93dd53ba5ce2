"""A whole Tor network on loopback: five authorities and a client, and no internet.

    async with PrivateNetwork(folder) as network:
        await network.start_client()
        async with OnionService(spec, key, other, torrc_extra=network.torrc) as service:
            await open_through(network.socks, service.address, 80)

The order matters. A service or client that starts before every authority has the first
consensus gets a 404, backs off, and loses up to 25 seconds; so entering waits for that.
"""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from onion.errors import BootstrapStalledError
from onion.gather import gather
from onion.launch.program import find_program
from onion.launch.torrc import Option
from onion.launch.version import check_version, checked_tor
from onion.tor import OnProgress, Tor

from .identity import make_authority
from .plan import (
    AUTHORITIES,
    Authority,
    authority_options,
    client_options,
    joining_options,
    limiting_options,
    parse_consensus,
    voting_offset_s,
)
from .ports import HeldPorts
from .steps import Steps

# Three rounds of votes: the first can be missed on a machine that is very busy.
CONSENSUS_S = 75.0
# A client was at 100 % in 2 s; it may have to wait for another round.
_CLIENT_STALL_S = 45.0


class PrivateNetwork:
    """A private Tor network; it is up while its context is open."""

    def __init__(
        self,
        folder: Path,
        *,
        on_progress: OnProgress | None = None,
        ports: range | None = None,
        consensus_s: float = CONSENSUS_S,
        tor: Path | None = None,
    ) -> None:
        """Prepare; nothing is started before the context is entered.

        Args:
            folder: for this network alone, mode 0700; the caller deletes it.
            on_progress: each step from 0 to 100, never falling, in the event loop.
            ports: where to take the eleven ports from; None leaves it to the system.
            consensus_s: how long the first consensus may take.
            tor: the program; by default the one of this machine.
        """
        self._folder = folder
        self._steps = Steps(on_progress)
        self._held = HeldPorts(2 * AUTHORITIES + 1, within=ports)
        self._consensus_s = consensus_s
        self._program = tor
        self._authorities: list[Authority] = []
        self._tors: list[Tor] = []
        self._client: Tor | None = None
        self._stack = AsyncExitStack()

    @property
    def torrc(self) -> list[Option]:
        """The options with which another tor joins this network; only inside the context."""
        return joining_options(self._authorities)

    @property
    def socks(self) -> str:
        """Where the client takes SOCKS, `127.0.0.1:PORT`; answers after `start_client`."""
        return f"127.0.0.1:{self._held.ports[-1]}"

    @property
    def pids(self) -> list[int]:
        """The processes: the authorities, then the client if it was started."""
        return [tor.pid for tor in [*self._tors, *([self._client] if self._client else [])]]

    async def start_client(self, *, on_progress: OnProgress | None = None) -> str:
        """Start the client, wait until it has reached the network, and give `socks`.

        Raises:
            TorDiedError, BootstrapStalledError, ControlRefusedError, FolderError.
        """
        if self._program is None or self._client is not None:
            raise RuntimeError("one client, and only inside the context")
        options = [*self.torrc, *client_options(self._held.ports[-1])]
        client = Tor(self._program, self._folder / "client", options)
        await self._stack.enter_async_context(client)
        self._client = client
        await client.bootstrap(stall_s=_CLIENT_STALL_S, on_progress=on_progress)
        return self.socks

    def limit_client(self, bytes_per_s: int | None) -> None:
        """Let the client send, and receive, so many bytes a second, or as many as it can.

        It counts as the line of a visitor would: whole cells with what is around them, circuits,
        the directory. What is open stays open.

        Raises:
            ControlRefusedError, FolderError, DiskFullError: if it is not there to obey.
        """
        if self._client is None:
            raise RuntimeError("no client was started")
        self._client.change(*limiting_options(bytes_per_s))

    async def __aenter__(self) -> Self:
        """Make the keys, start the authorities, wait for the first consensus: about 10 s.

        Raises:
            TorMissingError, TorTooOldError, ProgramMissingError: before anything is started.
            NoFreePortError: if there are not eleven free ports.
            FolderError, DiskFullError: if the folder cannot be written.
            TorDiedError: if a tor or a tool ends; the cause is in its text.
            BootstrapStalledError: if there is no consensus in time.
            ControlRefusedError: if a tor does not obey.
        """
        async with AsyncExitStack() as stack:
            stack.enter_context(self._held)
            stack.push_async_callback(self._stop)
            self._program = await (check_version(self._program) if self._program else checked_tor())
            self._authorities = await self._make_authorities(self._program)
            await self._launch(self._program)
            await self._agree()
            self._steps.finish()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def _make_authorities(self, tor: Path) -> list[Authority]:
        gencert = find_program("tor-gencert", package="tor")
        self._steps.begin("keys", "Making the keys of the authorities")

        async def make(number: int) -> Authority:
            or_port, dir_port = self._held.ports[2 * number : 2 * number + 2]
            folder = self._folder / f"authority{number}"
            made = await make_authority(tor, gencert, folder, folder.name, or_port, dir_port)
            self._steps.advance()
            return made

        # Nothing but arithmetic: more at once than there are cores would only be slower.
        cores = os.cpu_count() or 1
        return await gather((make(number) for number in range(AUTHORITIES)), at_once=cores)

    async def _launch(self, program: Path) -> None:
        self._steps.begin("launch", "Starting the authorities")
        offset_s = voting_offset_s(time.time())

        async def launch(own: Authority) -> Tor:
            tor = Tor(
                program,
                self._folder / own.nickname,
                [*self.torrc, *authority_options(own, offset_s=offset_s)],
                on_line=self._note_line,
                take_ownership=False,
            )
            await tor.__aenter__()
            self._tors.append(tor)
            self._steps.advance()
            return tor

        await gather(launch(authority) for authority in self._authorities)

    async def _agree(self) -> None:
        self._steps.begin("consensus", "Waiting for the first consensus")
        everyone = frozenset(authority.fingerprint for authority in self._authorities)
        try:
            async with asyncio.timeout(self._consensus_s):
                await gather(self._see_all(tor, everyone) for tor in self._tors)
        except TimeoutError:
            raise BootstrapStalledError(
                self._steps.percent, "consensus", "the authorities do not agree"
            ) from None

    async def _see_all(self, tor: Tor, everyone: frozenset[str]) -> None:
        await tor.ask("SETEVENTS NEWCONSENSUS")
        while True:
            # Read before asking: an event may overtake the answer.
            heard = tor.heard
            if everyone <= parse_consensus(await tor.ask("GETINFO ns/all")):
                break
            await tor.wait_for_news(heard, bound_s=self._consensus_s)
        # From here on it needs no attention, and a connection would cost two busy threads.
        await tor.let_go()

    def _note_line(self, line: str) -> None:
        self._steps.note(line)

    async def _stop(self) -> None:
        await gather(tor.__aexit__(None, None, None) for tor in self._tors)
