"""What a byte of the worst text costs at each entrance, compared with a byte of ASCII.

    python -m bench.worst_text

sends each form that takes text with each of the worst texts that are known, and prints for each the
most expensive one. The application runs in this process, without a socket: what counts is the
processor time from the request to the whole answer, divided by the bytes of the form on the wire.
All forms are filled to about their limit, so that a request alone counts for little. Each goes to a
server of its own, so that none is refused because of the one before. That no other form does more
work is a test: `tests/web/test_worst_text.py`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.core.limits import MAX_RAW_BODY_BYTES
from tests.web.routes import ROUTES, method_of
from tests.web.ways import WAYS
from tests.worst_text import ASCII, WORST, body_with, odd_bodies

from .table import print_table

FACTOR = 4.0
"""The bar: a byte of the worst text costs at most this many times as much as one of ASCII."""

REPEATED = 3
BESIDE = ("POST /language", "POST /mine/time")
"""Forms with choices only, for comparison."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one form body took."""

    name: str
    body_bytes: int
    seconds: float
    """Of processor time; the shortest of `REPEATED` requests."""

    @property
    def us_per_kib(self) -> float:
        """Microseconds for a KiB on the wire."""
        return 1e6 * self.seconds / (self.body_bytes / 1_024)


@dataclass(frozen=True, slots=True)
class Entrance:
    """The costs of one form."""

    route: str
    ascii: Spent
    """A text of ASCII that fills the form, as a browser sends it."""

    slowest: Spent
    """The body that takes the longest."""

    worst: Spent
    """The body that costs the most by the byte."""

    @property
    def factor(self) -> float:
        """How many times as much a byte of the worst text costs as one of ASCII."""
        return self.worst.us_per_kib / self.ascii.us_per_kib


def run() -> Sequence[Entrance]:
    """Measure and print."""
    found = asyncio.run(_measure_all())
    print_table(
        f"The worst text at each entrance (bar: a byte costs at most {FACTOR:.0f} of ASCII)",
        ("form", "ASCII, ms", "µs/KiB", "slowest, ms", "", "worst, µs/KiB", "", "factor"),
        [
            (
                entrance.route,
                1e3 * entrance.ascii.seconds,
                entrance.ascii.us_per_kib,
                1e3 * entrance.slowest.seconds,
                entrance.slowest.name,
                entrance.worst.us_per_kib,
                entrance.worst.name,
                entrance.factor,
            )
            for entrance in found
        ],
    )
    return found


async def _measure_all() -> list[Entrance]:
    posts = [route for route in ROUTES if method_of(route) == "POST"]
    return [await _measure(route) for route in posts if WAYS[route].typed or route in BESIDE]


async def _measure(route: str) -> Entrance:
    name = WAYS[route].typed or "text"
    names = _bodies((await WAYS[route].prepare()).fields, name)
    spent = {key: await _spend(route, name, key) for key in names}
    return Entrance(
        route,
        spent.pop(""),
        max(spent.values(), key=lambda one: one.seconds),
        max(spent.values(), key=lambda one: one.us_per_kib),
    )


def _bodies(fields: Mapping[str, str], name: str) -> dict[str, bytes]:
    """Return all bodies by name; that of ASCII, which is not percent-encoded, has an empty one."""
    plain = body_with(fields, name, "") + ASCII.replace(" ", "+").encode()
    texts = {"ASCII as %XX": ASCII, **WORST}
    encoded = {key: body_with(fields, name, text) for key, text in texts.items()}
    return {"": plain, **encoded, **odd_bodies(fields, name)}


async def _spend(route: str, name: str, key: str) -> Spent:
    """Send one body several times, each time to a new server."""
    found = []
    for _ in range(REPEATED):
        prepared = await WAYS[route].prepare()
        body = _bodies(prepared.fields, name)[key]
        assert len(body) <= MAX_RAW_BODY_BYTES
        began_s = time.process_time()
        reply = await prepared.browser.request("POST", prepared.path, body)
        found.append(time.process_time() - began_s)
        assert reply.status < 500
    return Spent(key, len(body), min(found))


if __name__ == "__main__":
    run()
