"""A complete Tor network on loopback: five authorities and a client, without the internet.

    async with PrivateNetwork(folder) as network:
        await network.start_client()
        async with OnionService(spec, key, other, torrc_extra=network.torrc) as service:
            await open_through(network.socks, service.address, 80)

The order matters. A service or client that starts before every authority has the first consensus
gets a 404, backs off, and loses up to 25 seconds. So entering the context waits for the consensus.
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
    bandwidth_options,
    client_options,
    joining_options,
    parse_consensus,
    voting_offset_s,
)
from .ports import ReservedPorts
from .steps import Steps

# Three voting rounds: a very busy machine can miss the first.
CONSENSUS_S = 75.0
# A client needed 2 s to reach 100 %; it may have to wait for another voting round.
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
        """Prepare; nothing is started until the context is entered.

        Args:
            folder: for this network alone, mode 0700; the caller deletes it.
            on_progress: called in the event loop with each step from 0 to 100; it never falls.
            ports: the range for the eleven ports; None lets the system choose.
            consensus_s: how long the first consensus may take.
            tor: the program; by default the one installed on this machine.
        """
        self._folder = folder
        self._steps = Steps(on_progress)
        self._reserved = ReservedPorts(2 * AUTHORITIES + 1, within=ports)
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
        """The client's SOCKS address, `127.0.0.1:PORT`; it accepts streams after `start_client`."""
        return f"127.0.0.1:{self._reserved.ports[-1]}"

    @property
    def pids(self) -> list[int]:
        """The process ids of the authorities, then of the client if it was started."""
        return [tor.pid for tor in [*self._tors, *([self._client] if self._client else [])]]

    async def start_client(self, *, on_progress: OnProgress | None = None) -> str:
        """Start the client, wait until it has connected to the network, and return `socks`.

        Raises:
            TorDiedError, BootstrapStalledError, FolderError, DiskFullError.
            ControlRefusedError, ControlClosedError: if the client cannot be controlled.
        """
        if self._program is None or self._client is not None:
            raise RuntimeError("start one client only, and only inside the context")
        options = [*self.torrc, *client_options(self._reserved.ports[-1])]
        client = Tor(self._program, self._folder / "client", options)
        await self._stack.enter_async_context(client)
        self._client = client
        await client.bootstrap(stall_s=_CLIENT_STALL_S, on_progress=on_progress)
        return self.socks

    def limit_client(self, bytes_per_s: int | None) -> None:
        """Limit the client's bandwidth in each direction; None removes the limit.

        Like a visitor's slow internet connection, the limit applies to all bytes: cells with their
        overhead, circuit building, directory downloads. Open streams stay open.

        Raises:
            ControlClosedError: if the client has ended.
            FolderError, DiskFullError: if its torrc cannot be written.
        """
        if self._client is None:
            raise RuntimeError("no client was started")
        self._client.reload(*bandwidth_options(bytes_per_s))

    async def __aenter__(self) -> Self:
        """Generate keys, start the authorities, wait for the first consensus: about 10 s.

        Raises:
            TorMissingError, TorTooOldError, ProgramMissingError: before anything is started.
            NoFreePortError: if there are fewer than eleven free ports.
            FolderError, DiskFullError: if the folder cannot be written.
            ToolFailedError: if the keys cannot be generated; the cause is in its text.
            TorDiedError: if a tor ends; the cause is in its text.
            BootstrapStalledError: if there is no consensus in time.
            ControlRefusedError, ControlClosedError: if a tor cannot be controlled.
        """
        async with AsyncExitStack() as stack:
            stack.enter_context(self._reserved)
            stack.push_async_callback(self._stop)
            self._program = await (check_version(self._program) if self._program else checked_tor())
            self._authorities = await self._make_authorities(self._program)
            await self._launch(self._program)
            await self._wait_for_consensus()
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
        self._steps.begin("keys", "Generating the keys of the authorities")

        async def generate(number: int) -> Authority:
            or_port, dir_port = self._reserved.ports[2 * number : 2 * number + 2]
            folder = self._folder / f"authority{number}"
            authority = await make_authority(tor, gencert, folder, folder.name, or_port, dir_port)
            self._steps.advance()
            return authority

        # Pure computation: more processes than cores would only be slower.
        cores = os.cpu_count() or 1
        return await gather(
            (generate(number) for number in range(AUTHORITIES)), max_concurrent=cores
        )

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

    async def _wait_for_consensus(self) -> None:
        self._steps.begin("consensus", "Waiting for the first consensus")
        fingerprints = frozenset(authority.fingerprint for authority in self._authorities)
        try:
            async with asyncio.timeout(self._consensus_s):
                await gather(self._wait_until_listed(tor, fingerprints) for tor in self._tors)
        except TimeoutError:
            raise BootstrapStalledError(
                self._steps.percent, "consensus", "the authorities do not agree"
            ) from None

    async def _wait_until_listed(self, tor: Tor, fingerprints: frozenset[str]) -> None:
        await tor.request("SETEVENTS NEWCONSENSUS")
        while True:
            # Counted before the request: an event may arrive before the reply.
            since = tor.event_count
            if fingerprints <= parse_consensus(await tor.request("GETINFO ns/all")):
                break
            await tor.wait_for_event(since, timeout_s=self._consensus_s)
        # It is not watched any more, and an open connection would cost two busy threads.
        await tor.detach()

    def _note_line(self, line: str) -> None:
        self._steps.note(line)

    async def _stop(self) -> None:
        await gather(tor.__aexit__(None, None, None) for tor in self._tors)
