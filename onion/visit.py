"""Visits an onion service as a visitor does, through the SOCKS port of its own tor.

    1. tor requests the descriptor from a directory, even if it has one  (HSFETCH)
    2. tor makes a new rendezvous through an introduction point          (a stream of its own)
    3. the service answers an HTTP request                               (HEAD /)

tor knows no short cut to a service of its own: it builds the circuits of a client, through its
guards and its second-layer guards. Each visit isolates its stream, so none reuses a circuit.

SIGNAL NEWNYM is not used: it makes tor choose new second-layer guards (see decision 39).

Source: control-spec, HSFETCH and `circuit-status`; tor(1), SocksPort.
"""

from __future__ import annotations

import asyncio
import re
import secrets

from .address import SUFFIX
from .descriptor import Requests
from .errors import NotReachedError, SocksError
from .socks import open_socks_stream
from .tor import Tor

VISIT_S = 60.0
"""Limit of one visit. On a private network it takes a second; the public network is slower, and a
service that asks for a proof of work may let our tor work for half a minute."""

HSDIRS = 6
"""Directories that a visitor's tor asks: three for each of two replicas (rend-spec-v3)."""

_ISOLATION_BYTES = 8
_MAX_LINE_BYTES = 256
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] \d{3} ")
_EFFORT = re.compile(r"\bHS_POW=v1,(?P<effort>\d+)")


async def visit(
    tor: Tor, requests: Requests, socks: str, address: str, port: int, *, timeout_s: float = VISIT_S
) -> int:
    """Visit a service, and return the effort of the proof of work that it asked for.

    Args:
        tor: it subscribes to HS_DESC events, which `requests` counts.
        requests: those for this service's descriptor.
        socks: the SOCKS port of `tor`.
        address: of the service, with `.onion`.
        port: its virtual port; HTTP is spoken there.
        timeout_s: limit for all steps together.

    Raises:
        NotReachedError: if a step fails; a visitor would fail, too.
        TorDiedError, DiskFullError, ControlClosedError: if tor ends meanwhile.
    """
    step = "no directory has answered"
    try:
        async with asyncio.timeout(timeout_s):
            await _request_descriptor(tor, requests, address)
            step = "the service has not answered"
            return await _request_page(tor, socks, address, port)
    except TimeoutError:
        raise NotReachedError(f"{step} within {timeout_s:.0f} s") from None
    except SocksError as error:
        raise NotReachedError(error.reason) from None


async def _request_descriptor(tor: Tor, requests: Requests, address: str) -> None:
    for _ in range(HSDIRS):
        received, not_asked, ended = requests.received, requests.not_asked, requests.ended
        await tor.request(f"HSFETCH {address.removesuffix(SUFFIX)}")
        while requests.ended == ended:
            await tor.wait_for_event(tor.event_count, timeout_s=VISIT_S)
        # If tor does not ask again so soon, the next step decides: it needs the descriptor, too.
        if requests.received > received or requests.not_asked > not_asked:
            return
    raise NotReachedError("no directory has the descriptor")


async def _request_page(tor: Tor, socks: str, address: str, port: int) -> int:
    isolation = secrets.token_hex(_ISOLATION_BYTES)
    reader, writer = await open_socks_stream(socks, address, port, isolation=isolation)
    try:
        writer.write(f"HEAD / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
        line = await reader.readuntil(b"\n")
        if not is_answer(line):
            raise NotReachedError("the answer is not HTTP")
        return effort_of(await tor.request("GETINFO circuit-status"), isolation)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        # tor opens the stream before it knows whether somebody listens behind the service.
        raise NotReachedError("the connection was closed without an answer") from None
    finally:
        writer.close()


def is_answer(line: bytes) -> bool:
    """Whether a line begins an answer of HTTP, whatever its status: a closed service has one, too.

    The visit asks whether the service can be reached, and not whether it lets anybody in.
    """
    return _STATUS_LINE.match(line[:_MAX_LINE_BYTES]) is not None


def effort_of(circuits: str, isolation: str) -> int:
    """Return the effort that our tor has spent on one visit; 0 if none was asked for.

    Args:
        circuits: the answer to `GETINFO circuit-status`. It has the circuits of visitors, too.
        isolation: of the visit; only its own circuits carry it.
    """
    ours = [line for line in circuits.splitlines() if f'SOCKS_USERNAME="{isolation}"' in line]
    efforts = [int(found["effort"]) for line in ours if (found := _EFFORT.search(line))]
    return max(efforts, default=0)
