"""No page and no header tells how long the machine or the program has been running."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from server.demo.text_browser import Reply
from tests.failures import Failures
from tests.fakes import FakeClock

from .routes import ROUTES
from .ways import WAYS, ask

UPTIMES_S = (1_000.0, 1_000.0 + 123_456.789, 400 * 24 * 60 * 60 + 0.123)

DRAWN = re.compile(
    r"name=token value=\S+|nonce[-=][\w-]+|__Host-s=[\w-]+"
    r"|/(?:chat|knock)/[\w-]{12}"
    r"|\b(?:\d{4}-){3}\d{4}\b"
)
"""What is drawn at random, digits included: tokens, style nonces, the cookie, chat ids, codes."""


def numbers_in(reply: Reply) -> Counter[str]:
    """Return every number of a response that was not drawn at random."""
    # Names are drawn too, and differ in length.
    kept = {name: value for name, value in reply.headers.items() if name != "content-length"}
    head = " ".join(f"{name}: {value}" for name, value in kept.items())
    return Counter(re.findall(r"\d+", DRAWN.sub("", head + reply.body.decode("utf-8", "replace"))))


@pytest.mark.slow  # each route three times
@pytest.mark.checklist(22, 50)
async def test_no_answer_depends_on_the_uptime(monkeypatch: pytest.MonkeyPatch) -> None:
    with Failures() as failures:
        for route in ROUTES:
            with failures.of(route):
                await check_route(route, monkeypatch)


async def check_route(route: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for uptime_s in UPTIMES_S:
        monkeypatch.setattr(FakeClock.__init__, "__defaults__", (uptime_s,))
        prepared = await WAYS[route].prepare()
        assert prepared.server.clock() >= uptime_s
        found.append(numbers_in(await ask(route, prepared)))
    assert found[0] == found[1] == found[2]
