"""A network in which only a bridge can be reached, and in which every connection is counted.

It is a network namespace with a loopback and nothing else. On the bridge's address listens a relay
to the real bridge, outside; on the addresses of the authorities listens a counter. The kernel
counts every connection that any process in there begins, wherever to, and every datagram.

Run as a program, it is the process that lives in the namespace and listens.

Source: network_namespaces(7), nsenter(1); proc_net(5), the counters of RFC 4022 and RFC 4113.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]

READY = "ready"
BOUND_S = 30.0
TOP = Path(__file__).parents[2]


@dataclass
class CensoredNetwork:
    """A running network; the counts are of everything that happened in it so far."""

    pid: int
    accepted: list[str] = field(default_factory=list)
    """The address of each connection that was accepted: the bridge's, or an authority's."""

    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with each of them."""

    def enter(self, *command: str) -> list[str]:
        """Return a command that runs another one in this network."""
        return ["nsenter", "-t", str(self.pid), "-U", "--preserve-credentials", "-n", *command]

    async def wait_until(self, condition: Callable[[], object]) -> None:
        """Wait until a condition holds after a connection was accepted; or half a minute."""
        with suppress(TimeoutError):
            async with asyncio.timeout(BOUND_S):
                while not condition():
                    self.news.clear()
                    await self.news.wait()

    @property
    def begun(self) -> int:
        """How many TCP connections were begun, also those that were refused or had no way."""
        return self._counter("snmp", "Tcp", "ActiveOpens")

    @property
    def datagrams(self) -> int:
        """How many datagrams were sent: questions for a name, and others."""
        table = Path(f"/proc/{self.pid}/net/snmp6").read_text(encoding="ascii")
        six = [int(line.split()[1]) for line in table.splitlines() if "Udp6OutDatagrams" in line]
        return self._counter("snmp", "Udp", "OutDatagrams") + sum(six)

    def _counter(self, file: str, protocol: str, name: str) -> int:
        table = Path(f"/proc/{self.pid}/net/{file}").read_text(encoding="ascii")
        names, values = (
            line.split() for line in table.splitlines() if line.startswith(f"{protocol}:")
        )
        return int(values[names.index(name)])


@asynccontextmanager
async def censored_network(
    folder: Path, bridge: str, others: Sequence[str]
) -> AsyncIterator[CensoredNetwork]:
    """Run a network while the block runs.

    Args:
        folder: for a socket; its path is short.
        bridge: the address of a real bridge outside; it has the same address inside.
        others: addresses inside on which connections are accepted, counted and closed.
    """
    socket = folder / "bridge"

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = bridge.rpartition(":")
        await relay((reader, writer), await asyncio.open_connection(host, int(port)))

    argv = ["unshare", "-rn", sys.executable, "-m", "tests.e2e.censored", str(socket), bridge]
    async with await asyncio.start_unix_server(pass_on, socket):
        process = await asyncio.create_subprocess_exec(
            *argv, *others, cwd=TOP, stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        network = CensoredNetwork(process.pid)
        async with asyncio.timeout(BOUND_S):
            assert (await process.stdout.readline()).decode().strip() == READY
        reading = asyncio.create_task(_read(process.stdout, network))
        try:
            yield network
        finally:
            process.kill()
            await process.wait()
            await reading


async def _read(lines: asyncio.StreamReader, network: CensoredNetwork) -> None:
    async for line in lines:
        network.accepted.append(line.decode().strip())
        network.news.set()


async def relay(one: Stream, other: Stream) -> None:
    """Pass bytes on in both directions until either side has ended."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    await asyncio.gather(copy(one[0], other[1]), copy(other[0], one[1]))


async def _listen(socket: str, bridge: str, others: Sequence[str]) -> None:
    """Listen in this namespace until killed; print the address of each accepted connection."""

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _say(bridge)
        await relay((reader, writer), await asyncio.open_unix_connection(socket))

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _say(":".join(map(str, writer.get_extra_info("sockname"))))
        writer.close()

    up = await asyncio.create_subprocess_exec("ip", "link", "set", "lo", "up")
    assert await up.wait() == 0
    async with AsyncExitStack() as servers:
        for address, serve in [(bridge, forward), *((each, count) for each in others)]:
            host, _, port = address.rpartition(":")
            await servers.enter_async_context(await asyncio.start_server(serve, host, int(port)))
        _say(READY)
        await asyncio.get_running_loop().create_future()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_listen(sys.argv[1], sys.argv[2], sys.argv[3:]))
