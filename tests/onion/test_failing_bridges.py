"""Each way in which a bridge can fail is caused with the real programs, and named to the operator.

All fail at the same time, so together they take as long as the slowest.
"""

from __future__ import annotations

import asyncio
import socket
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from onion.bridges.line import parse_bridge
from onion.bridges.plan import with_bridges
from onion.errors import BootstrapStalledError
from onion.launch.program import find_tor
from onion.launch.torrc import Option, service_options
from onion.tor import Tor

from .bridges.test_program import make_program
from .obfs4_bridge import NO_NETWORK, Obfs4Bridge, obfs4_bridge
from .unshared import in_empty_network

pytestmark = [pytest.mark.tor, pytest.mark.slow, pytest.mark.checklist(31, 34)]

STALL_S = 6.0
"""Failures at once are repeated within 2 s; a bridge that is silent needs no longer."""

OTHER_CERT = b64encode(bytes(20) + bytes(range(32))).decode().rstrip("=")


@pytest.fixture
async def bridge(tmp_path: Path) -> AsyncIterator[Obfs4Bridge]:
    async with obfs4_bridge(tmp_path / "bridge", NO_NETWORK) as running:
        yield running


async def stall(
    folder: Path,
    options: Sequence[Option],
    stall_s: float = STALL_S,
    network: Sequence[Option] = NO_NETWORK,
) -> str:
    """Start a tor that cannot connect, and return what the operator reads."""
    lines = [*network, *service_options(), *options]
    async with Tor(find_tor(), folder, lines) as tor:
        with pytest.raises(BootstrapStalledError) as stalled:
            await tor.bootstrap(stall_s=stall_s)
    assert stalled.value.hint
    return f"{stalled.value}\n{stalled.value.hint}"


async def behind(folder: Path, line: str, stall_s: float = STALL_S) -> str:
    """Start a tor behind one bridge that does not work, and return what the operator reads."""
    bridged = await with_bridges([parse_bridge(line)], [])
    return await stall(folder, bridged.options, stall_s)


async def test_each_failure_of_a_bridge_is_named(tmp_path: Path, bridge: Obfs4Bridge) -> None:
    with socket.socket() as closed, socket.create_server(("127.0.0.1", 0)) as silent:
        closed.bind(("127.0.0.1", 0))  # it never listens
        ports = [port.getsockname()[1] for port in (closed, silent)]
        gone, blocked = (bridge.line.replace(bridge.address, f"127.0.0.1:{port}") for port in ports)
        plain = f"127.0.0.1:{ports[0]} {bridge.fingerprint}"
        read = await asyncio.gather(
            behind(tmp_path / "gone", gone),
            behind(tmp_path / "plain", plain),
            behind(tmp_path / "blocked", blocked),
            behind(tmp_path / "cert", bridge.line.replace(bridge.cert, OTHER_CERT)),
            behind(tmp_path / "fingerprint", bridge.line.replace(bridge.fingerprint, "A" * 40)),
            behind(tmp_path / "network", bridge.line),
        )
    gone, plain, blocked, cert, fingerprint, network = read
    assert "stuck at 2%: nobody answers at the bridge's address (tor's last warning: " in gone
    assert "general SOCKS server failure" in gone
    assert "the bridge is gone or blocked" in gone
    assert "nobody listens at the address that tor connects to" in plain
    assert "Connection refused" in plain
    for silent_one in (blocked, cert):
        assert "stuck at 2%: the bridge does not answer as its line says" in silent_one
        assert "compare cert= with the line" in silent_one
        assert "check the clock" in silent_one
    assert "stuck at 14%: the bridge's address answers with another fingerprint" in fingerprint
    assert "not as expected" in fingerprint or "Unexpected identity" in fingerprint
    assert "compare its 40 digits" in fingerprint
    assert "404" in network, "the words of tor that are not known are there all the same"


async def test_program_that_fails_under_tor_is_named(tmp_path: Path) -> None:
    """Each was whole when it was checked, and broke later."""
    read = await asyncio.gather(
        with_program(tmp_path / "exits", 0o700, "exit 1"),
        with_program(tmp_path / "serves nothing", 0o700, "echo VERSION 1; echo CMETHODS DONE; cat"),
        with_program(tmp_path / "may not run", 0o600, ""),
    )
    words = ("Managed proxy", "no configured transport called", "Managed proxy")
    for each, said in zip(read, words, strict=True):
        assert "the program of the bridge's transport does not run" in each
        assert said in each
        assert "sottovoce doctor" in each


async def with_program(folder: Path, mode: int, script: str) -> str:
    """Start a tor whose transport has this program, and return what the operator reads."""
    program = make_program(folder.parent, f"program{len(script)}", script, mode=mode)
    options = [
        ("UseBridges", "1"),
        ("Bridge", f"obfs4 127.0.0.1:1 {'A' * 40} cert={'A' * 70} iat-mode=0"),
        ("ClientTransportPlugin", f"obfs4 exec {program}"),
    ]
    return await stall(folder, options, 3.0)


WITHOUT_A_NETWORK = """
import asyncio
from pathlib import Path
from tests.onion.bridges.test_line import OBFS4
from tests.onion.obfs4_bridge import NO_NETWORK
from tests.onion.test_failing_bridges import behind, stall
AFAR = [(name, value.replace("127.0.0.1", "192.0.2.1")) for name, value in NO_NETWORK]
async def main():
    folder = Path("{folder}")
    read = await asyncio.gather(
        behind(folder / "obfs4", OBFS4, 3), behind(folder / "plain", "192.0.2.1:443", 3),
        stall(folder / "direct", [], 3, AFAR),
    )
    print("\\n".join(read))
asyncio.run(main())
"""


def test_machine_without_a_network_is_named(tmp_path: Path) -> None:
    lines = in_empty_network(WITHOUT_A_NETWORK.replace("{folder}", str(tmp_path)))
    stalls = [line for line in lines if "is stuck at" in line]
    assert len(stalls) == 3
    for line in stalls:
        assert "this machine has no way into the network" in line
    assert lines.count("check its cable, its address and its gateway: ip route") == 3
