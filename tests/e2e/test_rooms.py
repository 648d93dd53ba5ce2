"""In a room, Firefox marks own messages and mentions, and hides deleted messages."""

from __future__ import annotations

import pytest

from tests.fakes import join_room

from .conftest import Demo, ThreeBrowsers
from .people import has_focus_in_empty_field, send_message

pytestmark = [pytest.mark.tor, pytest.mark.slow]


async def test_stream_marks_own_and_mentioning_and_hides_deleted_lines(
    demo: Demo, visitors_in_firefox: ThreeBrowsers
) -> None:
    person = visitors_in_firefox[0]
    person.navigate(f"{demo.url}rooms", "button")
    person.find("form[action='/rooms/common/join'] button").click()
    person.wait_for_element("#m", "c", timeout_s=30)
    name = str(person.find("header bdi").property("textContent"))
    send_message(person, "my own words")
    other = await join_room(demo.visitor())
    await other.send("take this back")
    await other.send(f"@{name.lower()} this is for you")
    person.wait_for_text("this is for you", "l")
    own, foreign, mentioning = person.find_all(".m:not([data-event])", "l")
    # Own lines stand on the other side, without the bar of another's; a mention has a frame.
    start_borders = [line.style("border-inline-start-width") for line in (own, foreign, mentioning)]
    assert start_borders[0] == "0px" != start_borders[1]
    spans = person.find_all(".m:not([data-event]) > span", "l")
    frames = [span.style("border-top-color") for span in spans]
    assert frames[-1] != frames[0] == "rgba(0, 0, 0, 0)"
    page = (await other.browser.get(f"{other.path}/people")).page
    seq = page.form("/delete").buttons[-1][1]
    await other.browser.submit(page.form("/delete"), seq=seq)
    person.wait_for_element("[data-event=deleted]", "l")
    person.wait_for(lambda: foreign.style("display") == "none")
    assert own.style("display") == mentioning.style("display") == "block"

    # The field shows the names of those who wrote last, once it has been shown again.
    send_message(person, "more words")
    button = person.wait_for_element("button[name=to]", "c")
    mention = button.text
    person.set_viewport(360, 360)
    footer = person.find("footer").run("return arguments[0].getBoundingClientRect().bottom;")
    person.set_viewport(1200, 800)
    assert footer <= 360
    person.type("half an answer")
    button.click()
    person.wait_for_element("textarea[name=text]", "c")
    person.wait_for(lambda: has_focus_in_empty_field(person))
    kept = person.find("textarea[name=text]", "c").property("value")
    assert kept == f"{mention} half an answer"
    send_message(person, "and the rest")
    person.wait_for_text(f"{mention} half an answer and the rest", "l")
    assert (await other.texts())[-1] == f"{mention} half an answer and the rest"
