"""Two visitors talk in Firefox without scripts, through a real onion, by keyboard alone."""

from __future__ import annotations

from functools import partial

import pytest

from .conftest import Demo, Three
from .element import Element
from .marionette import Browser
from .people import firefox, is_in_empty_field, meet, say, send

pytestmark = [pytest.mark.tor, pytest.mark.slow]


@pytest.fixture(scope="module")
def people(demo: Demo, strangers: Three) -> tuple[Browser, Browser]:
    first, second, _ = strangers
    meet(demo, first, second)
    return first, second


def messages(person: Browser) -> list[str]:
    """The messages in the upper frame, also those that are scrolled out of view."""
    return words(person.find_all(".m:not([data-event]) > span", "l"))


def words(found: list[Element]) -> list[str]:
    return [str(element.property("textContent")) for element in found]


def test_tab_of_the_one_who_waited_says_that_somebody_is_here(
    people: tuple[Browser, Browser],
) -> None:
    assert people[0].title.startswith("Somebody is here")


def test_cursor_is_in_the_field_from_the_start(people: tuple[Browser, Browser]) -> None:
    for person in people:
        person.wait_for(partial(is_in_empty_field, person))


def test_both_read_what_each_says_and_the_field_is_ready_again(
    people: tuple[Browser, Browser],
) -> None:
    first, second = people
    say(first, "can you hear me")
    second.wait_for_text("can you hear me", "l")
    say(second, "yes, in a low voice")
    first.wait_for_text("yes, in a low voice", "l")
    assert messages(first) == messages(second) == ["can you hear me", "yes, in a low voice"]


def test_markup_is_text_and_persian_runs_its_own_way(people: tuple[Browser, Browser]) -> None:
    first, second = people
    say(first, "<b>bold</b> http://example.com/")
    say(first, "سلام، می‌شنوی؟")
    second.wait_for_text("می‌شنوی", "l")
    assert messages(second)[-2] == "<b>bold</b> http://example.com/"
    assert not second.find_all(".m a, .m b", "l")
    assert second.find_all(".m > span", "l")[-1].style("direction") == "rtl"


def test_enter_pressed_twice_posts_once(people: tuple[Browser, Browser]) -> None:
    first, second = people
    first.type("only once")
    first.press("Enter", "Enter")
    first.wait_for(partial(is_in_empty_field, first))
    second.wait_for_text("only once", "l")
    say(first, "and then this")
    second.wait_for_text("and then this", "l")
    assert messages(second).count("only once") == 1


def test_several_lines_keep_what_was_typed_and_send_as_written(
    people: tuple[Browser, Browser],
) -> None:
    second, first = people
    first.type("one")
    first.press("Tab", "Tab", "Enter")
    first.wait_for_element("textarea#m", "c")
    first.wait_for(lambda: getattr(first.focus(), "tag", "") == "textarea")
    assert first.find("#m", "c").property("value") == "one"
    first.press("End", "Enter")
    first.type("two")
    first.press("Tab", "Enter")
    second.wait_for(lambda: messages(second)[-1] == "one\ntwo")


def test_reload_misses_nothing_and_doubles_nothing(people: tuple[Browser, Browser]) -> None:
    first, second = people
    before = messages(second)
    second.reload()
    say(first, "while you were away")
    second.wait_for(lambda: messages(second) == [*before, "while you were away"], timeout_s=20)


def test_stream_stopped_by_escape_comes_back_by_reconnect(
    people: tuple[Browser, Browser],
) -> None:
    first, second = people
    before = messages(second)
    second.press("Escape")
    say(first, "do you miss this")
    second.find("a[target=l]").click()
    second.wait_for(lambda: messages(second) == [*before, "do you miss this"], timeout_s=20)


def test_newer_tab_has_the_stream_and_the_older_one_says_so(
    people: tuple[Browser, Browser],
) -> None:
    _, second = people
    older, url = second.tab, second.url
    newer = second.open_tab()
    second.select_tab(newer)
    second.navigate(url, "iframe")
    second.wait_for_text("can you hear me", "l", timeout_s=20)
    second.select_tab(older)
    second.wait_for_text("opened in a newer tab", "l", timeout_s=20)
    second.find("a[href$='/live']", "l").click()
    second.wait_for_text("can you hear me", "l", timeout_s=20)


def test_plain_view_has_the_same_words_and_a_field(people: tuple[Browser, Browser]) -> None:
    first, _ = people
    before = messages(first)
    first.navigate(first.url + "/plain", "#m")
    assert words(first.find_all(".m:not([data-event]) > span")) == before
    first.find("#m").click()
    first.type("from the plain view")
    send(first, None)
    first.wait_for_text("from the plain view")
    assert "1 new line" in first.text()


def test_leaving_by_keyboard_tells_the_other(people: tuple[Browser, Browser]) -> None:
    first, second = people
    first.find("form[action$='/leave'] button").click()
    first.wait_for_element("button[value=talk]")
    second.wait_for_text("has left", "l")
    # The Next button is there, which asks for another match.
    second.find("form[action$='/next'] button").click()
    second.wait_for_text("Waiting for somebody", timeout_s=20)


def test_page_can_be_read_in_the_dark(demo: Demo) -> None:
    # With resistFingerprinting, as in Tor Browser, Firefox always reports the light scheme.
    with firefox(demo, **{"privacy.resistFingerprinting": False}) as person:
        person.navigate(demo.url, "button")
        person.set_dark(True)
        person.wait_for_styles()
        for css in ("h1", "button", ".q"):
            assert min(channels(person.find(css).style("color"))) > 200


def channels(color: str) -> list[int]:
    """The red, green and blue of a computed `rgb(…)`."""
    return [int(number) for number in color.removeprefix("rgb(").removesuffix(")").split(",")]


def test_browser_that_refuses_the_cookie_is_told_what_to_set(demo: Demo) -> None:
    with firefox(demo, **{"dom.securecontext.allowlist_onions": False}) as person:
        person.navigate(demo.url, "button")
        person.find("button[value=any]").click()
        person.wait_for_text("did not keep the cookie", timeout_s=20)
