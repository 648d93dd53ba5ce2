"""Two visitors chat in Firefox without scripts, through a real onion service.

In the live view they write by keyboard alone; other links and buttons are clicked.
"""

from __future__ import annotations

from functools import partial

import pytest

from .conftest import Demo, ThreeBrowsers
from .element import Element
from .marionette import Browser
from .people import has_focus_in_empty_field, match_visitors, open_firefox, send_message, submit

pytestmark = [pytest.mark.tor, pytest.mark.slow]


@pytest.fixture(scope="module")
def pair(demo: Demo, visitors_in_firefox: ThreeBrowsers) -> tuple[Browser, Browser]:
    first, second, _ = visitors_in_firefox
    match_visitors(demo, first, second)
    return first, second


def messages(person: Browser) -> list[str]:
    """Return the messages in the stream's frame, including those scrolled out of view."""
    return texts_of(person.find_all(".m:not([data-event]) > span", "l"))


def texts_of(found: list[Element]) -> list[str]:
    return [str(element.property("textContent")) for element in found]


def test_title_of_the_waiting_tab_announces_the_match(
    pair: tuple[Browser, Browser],
) -> None:
    assert pair[0].title.startswith("Somebody is here")


def test_message_field_has_the_focus_from_the_start(pair: tuple[Browser, Browser]) -> None:
    for person in pair:
        person.wait_for(partial(has_focus_in_empty_field, person))


def test_both_read_each_message_and_the_field_is_ready_again(
    pair: tuple[Browser, Browser],
) -> None:
    first, second = pair
    send_message(first, "can you hear me")
    second.wait_for_text("can you hear me", "l")
    send_message(second, "yes, in a low voice")
    first.wait_for_text("yes, in a low voice", "l")
    assert messages(first) == messages(second) == ["can you hear me", "yes, in a low voice"]


def test_markup_is_shown_as_text_and_persian_right_to_left(pair: tuple[Browser, Browser]) -> None:
    first, second = pair
    send_message(first, "<b>bold</b> http://example.com/")
    send_message(first, "سلام، می‌شنوی؟")
    second.wait_for_text("می‌شنوی", "l")
    assert messages(second)[-2] == "<b>bold</b> http://example.com/"
    assert not second.find_all(".m a, .m b", "l")
    assert second.find_all(".m > span", "l")[-1].style("direction") == "rtl"


def test_enter_pressed_twice_posts_once(pair: tuple[Browser, Browser]) -> None:
    first, second = pair
    first.type("only once")
    first.press("Enter", "Enter")
    first.wait_for(partial(has_focus_in_empty_field, first))
    second.wait_for_text("only once", "l")
    send_message(first, "and then this")
    second.wait_for_text("and then this", "l")
    assert messages(second).count("only once") == 1


def test_larger_field_keeps_the_typed_text_and_line_breaks(
    pair: tuple[Browser, Browser],
) -> None:
    second, first = pair
    first.type("one")
    first.press("Tab", "Tab", "Enter")
    first.wait_for_element("textarea#m", "c")
    # The caret is not in front of what was typed, but in an empty field below it.
    first.wait_for(partial(has_focus_in_empty_field, first))
    assert first.find("textarea[name=text]", "c").property("value") == "one"
    first.type("two")
    first.press("Tab", "Enter")
    second.wait_for(lambda: messages(second)[-1] == "one\ntwo")


def test_reload_loses_and_repeats_no_message(pair: tuple[Browser, Browser]) -> None:
    first, second = pair
    before = messages(second)
    second.reload()
    send_message(first, "while you were away")
    second.wait_for(lambda: messages(second) == [*before, "while you were away"], timeout_s=20)


def test_reconnect_restarts_a_stream_stopped_by_escape(
    pair: tuple[Browser, Browser],
) -> None:
    first, second = pair
    before = messages(second)
    second.press("Escape")
    send_message(first, "do you miss this")
    second.find("a[target=l]").click()
    second.wait_for(lambda: messages(second) == [*before, "do you miss this"], timeout_s=20)


def test_newer_tab_gets_the_stream_and_the_older_one_a_notice(
    pair: tuple[Browser, Browser],
) -> None:
    _, second = pair
    older, url = second.tab, second.url
    newer = second.open_tab()
    second.select_tab(newer)
    second.navigate(url, "iframe")
    second.wait_for_text("can you hear me", "l", timeout_s=20)
    second.select_tab(older)
    second.wait_for_text("opened in a newer tab", "l", timeout_s=20)
    second.find("a[href$='/live']", "l").click()
    second.wait_for_text("can you hear me", "l", timeout_s=20)


def test_plain_view_has_the_same_messages_and_a_field(pair: tuple[Browser, Browser]) -> None:
    first, _ = pair
    before = messages(first)
    first.navigate(first.url + "/plain", "#m")
    assert texts_of(first.find_all(".m:not([data-event]) > span")) == before
    first.find("#m").click()
    first.type("from the plain view")
    submit(first, None)
    first.wait_for_text("from the plain view")
    assert "1 new line" in first.text()


def test_member_who_leaves_is_reported_to_the_other(pair: tuple[Browser, Browser]) -> None:
    first, second = pair
    first.find("form[action$='/leave'] button").click()
    first.wait_for_element("button[value=talk]")
    second.wait_for_text("has left", "l")
    # After the other has left, Next still works and requests another match.
    second.find("form[action$='/next'] button").click()
    second.wait_for_text("Waiting for somebody", timeout_s=20)


def test_dark_scheme_has_light_text(demo: Demo) -> None:
    # With resistFingerprinting, as in Tor Browser, Firefox always reports the light scheme.
    with open_firefox(demo, **{"privacy.resistFingerprinting": False}) as person:
        person.navigate(demo.url, "button")
        person.set_dark(True)
        person.wait_for_styles()
        for css in ("h1", "button", "main p"):
            assert min(channels(person.find(css).style("color"))) > 200


def channels(color: str) -> list[int]:
    """Return the red, green and blue channels of a computed `rgb(…)`."""
    return [int(number) for number in color.removeprefix("rgb(").removesuffix(")").split(",")]


def test_browser_that_refuses_the_cookie_gets_instructions(demo: Demo) -> None:
    with open_firefox(demo, **{"dom.securecontext.allowlist_onions": False}) as person:
        person.navigate(demo.url, "button")
        person.find("button[value=any]").click()
        person.wait_for_text("did not accept or send the cookie", timeout_s=20)
