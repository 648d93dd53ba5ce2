"""Tor's own defences of a service, through a real network, with tor in its own sandbox.

The service of this file joins the demo's network and answers each line with the PROXY line that tor
wrote at the beginning of the connection.
"""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from onion import (
    OnionService,
    ServiceKey,
    ServiceSpec,
    SocksError,
    load_or_create_key,
    open_socks_stream,
    read_user_torrc,
)
from onion.control import Control
from onion.defences import MAX_STREAMS_PER_CIRCUIT
from tests.onion.listening import listening

from .conftest import Demo
from .service_descriptor import open_descriptor

pytestmark = [
    pytest.mark.tor,
    pytest.mark.slow,
    pytest.mark.checklist(30),
    pytest.mark.asyncio(loop_scope="module"),
]

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]

ANSWER_S = 30.0


@dataclass(frozen=True, slots=True)
class Echo:
    """A service that answers with its PROXY lines."""

    demo: Demo
    folder: Path
    """The folder of its tor."""

    key: ServiceKey

    async def connect(self, circuit: str) -> Stream:
        """Open a stream; streams with the same `circuit` share one."""
        async with asyncio.timeout(ANSWER_S):
            return await open_socks_stream(
                self.demo.socks, self.key.address, 80, isolation=f"echo {circuit}"
            )


async def proxy_line(stream: Stream) -> bytes:
    """Ask a stream for the PROXY line with which it began."""
    reader, writer = stream
    writer.write(b"?\n")
    async with asyncio.timeout(ANSWER_S):
        return await reader.readline()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    first = await reader.readline()
    while await reader.readline():
        writer.write(first)
        await writer.drain()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def echo(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Echo]:
    folder = tmp_path_factory.mktemp("e")
    key = load_or_create_key(folder / "key" / "onion.key")
    torrc = [*read_user_torrc(demo.folder / "network.torrc"), ("Sandbox", "1")]
    service = OnionService(ServiceSpec(folder / "s"), key, folder / "tor", torrc_extra=torrc)
    async with listening(folder / "s", answer):
        async with service:
            yield Echo(demo, folder / "tor", key)
        assert secret_files(folder) == [folder / "key" / "onion.key"], "only the key is kept"


def secret_files(folder: Path) -> list[Path]:
    """List the files that look like a key of an onion service."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and b"== ed25519v1-secret" in path.read_bytes()
    ]


def modes_of(folder: Path) -> dict[str, int]:
    """Return the mode of a folder, as `.`, and of everything in it."""
    paths = [folder, *folder.rglob("*")]
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in paths}


async def test_folder_is_private_and_tor_computed_the_address_of_the_key(echo: Echo) -> None:
    (folder,) = echo.folder.glob("service-*")
    assert modes_of(folder) == {
        ".": 0o700,
        "authorized_clients": 0o700,
        "hostname": 0o600,
        "hs_ed25519_public_key": 0o600,
        "hs_ed25519_secret_key": 0o600,
    }
    assert (folder / "hostname").read_text() == f"{echo.key.address}\n"


async def test_fetched_descriptor_offers_proof_of_work_and_asks_for_none(echo: Echo) -> None:
    arrived: asyncio.Queue[str] = asyncio.Queue()
    client = await Control.attach(
        echo.demo.folder / "net" / "client" / "control", on_event=arrived.put_nowait
    )
    await client.subscribe("HS_DESC_CONTENT")
    await client.request(f"HSFETCH {echo.key.address.removesuffix('.onion')}")
    async with asyncio.timeout(ANSWER_S):
        # A directory that does not have it answers without one; tor asks the next.
        while "hs-descriptor" not in (descriptor := await arrived.get()):
            pass
    await client.close()
    inner = open_descriptor(descriptor, echo.key.address)
    (pow_params,) = [line for line in inner.splitlines() if line.startswith("pow-params ")]
    _, scheme, _seed, effort, _expires = pow_params.split()
    assert (scheme, effort) == ("v1", "0"), "nobody works while there is no flood"


async def test_streams_of_a_circuit_have_its_id_and_no_other_circuit_has(echo: Echo) -> None:
    one, two, other = await echo.connect("a"), await echo.connect("a"), await echo.connect("b")
    lines = [await proxy_line(stream) for stream in (one, two, other)]
    assert lines[0] == lines[1] != lines[2]
    for line in lines:
        assert line.startswith(b"PROXY TCP6 fc00:dead:beef:4dad::")
        assert line.endswith(b" 80\r\n")
    for _, writer in (one, two, other):
        writer.close()


async def test_stream_over_the_limit_is_refused_and_the_others_go_on(echo: Echo) -> None:
    streams = [await echo.connect("full") for _ in range(MAX_STREAMS_PER_CIRCUIT)]
    with pytest.raises(SocksError, match="refused"):
        await echo.connect("full")
    assert len({await proxy_line(stream) for stream in streams}) == 1, "still one circuit"
    elsewhere = await echo.connect("elsewhere")
    assert await proxy_line(elsewhere) != await proxy_line(streams[0])
    for _, writer in (*streams, elsewhere):
        writer.close()
