"""tor is killed while two talk, and comes back. After the tests whose browsers know old ways in.

For a while a client's tor still asks at the introduction points of before, and a page may hang.
"""

from __future__ import annotations

import pytest

from server.demo.text_browser import TextBrowser
from tests.everything import match_by_form
from tests.fakes import Talker

from .conftest import Demo
from .reach import reached

pytestmark = [pytest.mark.tor, pytest.mark.slow]


async def test_tor_killed_while_two_talk_comes_back_with_the_same_address(demo: Demo) -> None:
    # In a language of their own, so that no visitor left from an earlier test is matched.
    first, second = await match_by_form(demo.visitor, tongue="uk")
    await first.send("before the cut")
    demo.kill_tor()
    while "running again" not in demo.next_event().get("text", ""):
        pass

    async def say() -> Talker[TextBrowser]:
        # On new circuits each time: waiting for a rendezvous that never comes takes minutes.
        again = demo.visitor()
        again.cookie = second.browser.cookie
        talker = Talker(again, second.path)
        await talker.send("after the cut")
        return talker

    talker = await reached(say)
    plain = await talker.browser.get(f"{second.path}/plain")
    said = [line.text for line in plain.page.lines if not line.event]
    assert said == ["before the cut", "after the cut"]
