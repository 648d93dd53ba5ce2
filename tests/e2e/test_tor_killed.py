"""Tor is killed during a conversation, and restarts with the same address.

These tests must run after those with browsers: for a while after the restart a client's tor still
uses the old introduction points, and a page may hang.
"""

from __future__ import annotations

import asyncio

import pytest

from server.demo.text_browser import TextBrowser
from tests.everything import match_by_form

from .conftest import Demo
from .retrying import retry_until_reachable

pytestmark = [pytest.mark.tor, pytest.mark.slow, pytest.mark.checklist(35)]

MEET_S = 60.0
RUNNING_AGAIN_S = 150.0
"""Limit for tor to run again: it usually takes three seconds, or until the next voting round."""


def test_every_relay_of_the_network_can_still_be_a_second_layer_guard(demo: Demo) -> None:
    # After minutes of load, authorities voted Fast and Stable for too few: no tor could start then.
    consensus = demo.folder / "net" / "client" / "data" / "cached-microdesc-consensus"
    lines = consensus.read_text(encoding="utf-8").splitlines()
    flags = [line.split() for line in lines if line.startswith("s ")]
    assert len(flags) == 5
    assert all({"Fast", "Stable", "Running"} <= set(each) for each in flags), flags


async def test_killed_tor_restarts_and_the_conversation_continues(demo: Demo) -> None:
    # A language that no other test uses, so that no visitor left from an earlier test is matched.
    async with asyncio.timeout(MEET_S):
        first, second = await match_by_form(demo.visitor, tongue="uk")
        await first.send("before the cut")
        composer = await second.browser.get(f"{second.path}/composer")
    form = composer.page.form("/messages")
    demo.events.skip_unread()
    demo.kill_tor()
    demo.events.wait_for(lambda event: event.get("text") == "tor is running again", RUNNING_AGAIN_S)

    async def send_on_new_circuits() -> TextBrowser:
        # Each attempt uses new circuits: a rendezvous that never happens times out after minutes.
        browser = demo.visitor()
        browser.cookie = second.browser.cookie
        await browser.submit(form, text="after the cut")
        return browser

    await retry_until_reachable(send_on_new_circuits)
    # As somebody does who did not see the answer.
    browser = await retry_until_reachable(send_on_new_circuits)
    async with asyncio.timeout(MEET_S):
        plain = await browser.get(f"{second.path}/plain")
    messages = [line.text for line in plain.page.lines if not line.event]
    assert messages == ["before the cut", "after the cut"]
