"""A real bridge with real obfs4: a tor that is a bridge relay, and the program of the transport."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from onion.bridges.program import find_plugin
from onion.launch.program import find_tor
from onion.launch.torrc import Option
from onion.private.ports import ReservedPorts
from onion.tor import Tor

START_S = 60.0

NO_NETWORK: list[Option] = [
    ("TestingTorNetwork", "1"),
    ("DirAuthority", f"a orport=1 no-v2 v3ident={'F' * 40} 127.0.0.1:1 {'F' * 40}"),
    ("GeoIPFile", "/dev/null"),
    ("GeoIPv6File", "/dev/null"),
]
"""The options of a network whose only authority does not exist."""


@dataclass(frozen=True, slots=True)
class Obfs4Bridge:
    """A running bridge."""

    address: str
    """Where its obfs4 listens."""

    or_address: str
    """Where its tor listens, without a transport."""

    fingerprint: str
    cert: str

    @property
    def line(self) -> str:
        """The line that it hands out."""
        return f"obfs4 {self.address} {self.fingerprint} cert={self.cert} iat-mode=0"


@asynccontextmanager
async def obfs4_bridge(folder: Path, network: Sequence[Option]) -> AsyncIterator[Obfs4Bridge]:
    """Run a bridge while the block runs; it serves clients when the block begins.

    Args:
        folder: for it alone.
        network: the options with which it joins a network.
    """
    (program,) = (await find_plugin("obfs4")).argv
    listening, loop = asyncio.Event(), asyncio.get_running_loop()

    def note(line: str) -> None:
        if "Registered server transport 'obfs4'" in line:
            listening.set()

    with ReservedPorts(2) as reserved:
        address, or_address = (f"127.0.0.1:{port}" for port in reserved.ports)
        options = [
            *network,
            ("Nickname", "bridge"),
            ("ContactInfo", "nobody"),
            ("Address", "127.0.0.1"),
            ("ORPort", or_address),
            ("ExtORPort", "auto"),
            ("SocksPort", "0"),
            ("ExitPolicy", "reject *:*"),
            ("AssumeReachable", "1"),
            ("BridgeRelay", "1"),
            ("PublishServerDescriptor", "0"),
            ("ServerTransportPlugin", f"obfs4 exec {program}"),
            ("ServerTransportListenAddr", f"obfs4 {address}"),
        ]
        # The program of the transport sets no SO_REUSEADDR, so the port cannot stay reserved.
        reserved.sockets[0].close()
        async with Tor(find_tor(), folder, options, on_line=note) as tor:
            async with asyncio.timeout(START_S):
                await listening.wait()
            fingerprint = await tor.control.getinfo("fingerprint")
            if network != NO_NETWORK:
                await tor.bootstrap(stall_s=START_S)
            state = folder / "data" / "pt_state" / "obfs4_bridgeline.txt"
            text = await loop.run_in_executor(None, state.read_text)
            found = re.search(r"^Bridge .* cert=(\S+)", text, re.MULTILINE)
            assert found, text
            yield Obfs4Bridge(address, or_address, fingerprint, found[1])
