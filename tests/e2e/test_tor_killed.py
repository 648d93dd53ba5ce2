"""Tor is killed during a conversation, and restarts with the same address.

These tests must run after those with browsers: for a while after the restart a client's tor still
uses the old introduction points, and a page may hang.
"""

from __future__ import annotations

import pytest

from server.demo.text_browser import TextBrowser
from tests.everything import match_by_form
from tests.fakes import Talker

from .conftest import Demo
from .retrying import retry_until_reachable

pytestmark = [pytest.mark.tor, pytest.mark.slow]


async def test_killed_tor_restarts_and_the_conversation_continues(demo: Demo) -> None:
    # A language that no other test uses, so that no visitor left from an earlier test is matched.
    first, second = await match_by_form(demo.visitor, tongue="uk")
    await first.send("before the cut")
    demo.kill_tor()
    while "running again" not in demo.next_event().get("text", ""):
        pass

    async def send_on_new_circuits() -> Talker[TextBrowser]:
        # Each attempt uses new circuits: a rendezvous that never happens times out after minutes.
        browser = demo.visitor()
        browser.cookie = second.browser.cookie
        talker = Talker(browser, second.path)
        await talker.send("after the cut")
        return talker

    talker = await retry_until_reachable(send_on_new_circuits)
    plain = await talker.browser.get(f"{second.path}/plain")
    messages = [line.text for line in plain.page.lines if not line.event]
    assert messages == ["before the cut", "after the cut"]
