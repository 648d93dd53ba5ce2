"""In a room, Firefox marks own messages and mentions, and hides deleted messages."""

from __future__ import annotations

import pytest

from tests.fakes import join_room

from .conftest import Demo, Three
from .people import say

pytestmark = [pytest.mark.tor, pytest.mark.slow]


async def test_styles_of_a_stream_reach_the_words_that_they_are_about(
    demo: Demo, strangers: Three
) -> None:
    person = strangers[0]
    person.navigate(f"{demo.url}rooms", "button")
    person.find("form[action='/rooms/common/join'] button").click()
    person.wait_for_element("#m", "c", timeout_s=30)
    name = str(person.find("header bdi").property("textContent"))
    say(person, "my own words")
    other = await join_room(demo.visitor())
    await other.send("take this back")
    await other.send(f"@{name.lower()} this is for you")
    person.wait_for_text("this is for you", "l")
    own, foreign, meant = person.find_all(".m:not([data-event])", "l")
    edges = [line.style("border-inline-start-width") for line in (own, foreign, meant)]
    assert edges[0] != "0px" == edges[1]
    assert meant.style("border-top-width") != "0px" == own.style("border-top-width")
    page = (await other.browser.get(f"{other.path}/people")).page
    seq = page.form("/delete").buttons[-1][1]
    await other.browser.submit(page.form("/delete"), seq=seq)
    person.wait_for_element("[data-event=deleted]", "l")
    person.wait_for(lambda: foreign.style("display") == "none")
    assert own.style("display") == meant.style("display") == "block"
