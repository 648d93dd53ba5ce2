"""Three visitors in rooms, in Firefox without scripts, with different ways of reading."""

from __future__ import annotations

import pytest

from .conftest import Demo, Three
from .marionette import Browser
from .people import say

pytestmark = [pytest.mark.tor, pytest.mark.slow]

EVERY_S = 5


@pytest.fixture(scope="module")
def company(demo: Demo, strangers: Three) -> Three:
    """Two read live, the third has a page that reloads itself; all in the common room."""
    for person in strangers:
        person.navigate(f"{demo.url}rooms", "button")
        person.find("form[action='/rooms/common/join'] button").click()
        person.wait_for_element("#m", "c", timeout_s=30)
    third = strangers[2]
    third.navigate(f"{third.url}/plain?every={EVERY_S}", ".m")
    return strangers


def name_of(person: Browser) -> str:
    return str(person.find("h1 bdi, p bdi").property("textContent"))


def seen(person: Browser, css: str, frame: str | None = None) -> list[str]:
    return [str(found.property("textContent")) for found in person.find_all(css, frame)]


def follow(person: Browser, words: str) -> None:
    """Click the link with this text."""
    link = next(found for found in person.find_all("a") if found.text == words)
    link.click()


def press(person: Browser, words: str) -> None:
    """Click the button with this text."""
    button = next(found for found in person.find_all("button") if found.text == words)
    button.click()


def test_all_three_read_the_same_in_two_ways(company: Three) -> None:
    first, second, third = company
    say(first, "good evening")
    second.wait_for_text("good evening", "l")
    third.wait_for_text("good evening", timeout_s=20)
    assert third.title.startswith("(")
    follow(third, "Write a message")
    third.wait_for_element("#m")
    third.find("#m").click()
    third.type("good evening, both")
    send_still(third)
    for person in (first, second):
        person.wait_for_text("good evening, both", "l", timeout_s=20)
    third.wait_for_text("good evening, both", timeout_s=20)
    # The page reloads itself again, and shows everything once.
    words = seen(third, ".m:not([data-event]) > span")
    assert words == seen(first, ".m:not([data-event]) > span", "l")
    assert words == ["good evening", "good evening, both"]
    assert f"every={EVERY_S}" in third.url


def choose_steady(demo: Demo, person: Browser, every_s: int) -> None:
    """Choose the constant rate of the live view, and go back to the conversation."""
    chat = person.url
    person.navigate(f"{demo.url}mine", "input[name=steady]")
    person.find(f"input[name=steady][value='{every_s}']").click()
    person.find("form[action$='/steady'] button").click()
    person.wait_for_element(f"input[name=steady][value='{every_s}']:checked")
    person.navigate(chat, "iframe")
    person.wait_for_text("good evening, both", "l", timeout_s=20)
    person.wait_for_element("#m", "c", timeout_s=20).click()


def test_reader_who_chose_steady_reads_everything_once_and_whole(
    demo: Demo, company: Three
) -> None:
    first, second, _ = company
    choose_steady(demo, first, 2)
    assert "Steady: one cell every 2 seconds" in first.text()
    # Several cells long, with characters that HTML escapes and letters of several bytes.
    long = " ".join(["a < b & c; می‌شنوی؟"] * 25)
    before = seen(first, ".m:not([data-event]) > span", "l")
    say(second, long)
    say(second, "and then")
    first.wait_for_text("and then", "l", timeout_s=30)
    assert seen(first, ".m:not([data-event]) > span", "l") == [*before, long, "and then"]
    # The link in the page around the frame reloads the same view.
    left = first.find("body", "l").reference
    follow(first, "Reconnect")
    first.wait_for(lambda: first.find("body", "l").reference != left, timeout_s=20)
    first.wait_for_text("and then", "l", timeout_s=20)
    assert "Steady" in seen(first, ".e", "l")[0]
    said = [*before, long, "and then"]
    assert seen(first, ".m:not([data-event]) > span", "l") == said
    say(second, "after that")
    first.wait_for_text("after that", "l", timeout_s=30)
    assert seen(first, ".m:not([data-event]) > span", "l") == [*said, "after that"]
    choose_steady(demo, first, 0)


def send_still(person: Browser) -> None:
    """Press Enter on the still page; it leads back to the page that reloads itself."""
    person.press("Enter")
    person.wait_for(lambda: "every=" in person.url, timeout_s=20)


def test_who_is_meant_sees_it_stand_out_and_the_others_do_not(company: Three) -> None:
    first, second, _ = company
    say(first, f"@{name_of(second).lower()} are you well?")
    second.wait_for_text("are you well?", "l")
    borders = [
        person.find_all(".m:not([data-event])", "l")[-1].style("border-top-width")
        for person in (first, second)
    ]
    assert borders[0] == "0px" != borders[1]


def test_deleted_words_leave_the_open_screens(company: Three) -> None:
    first, second, third = company
    say(first, "what I should not have said")
    second.wait_for_text("what I should not have said", "l")
    room = first.url
    follow(first, "People")
    first.wait_for_element("[name=seq]")
    first.find("[name=seq]").click()
    first.wait_for(lambda: "what I should" not in first.text(), timeout_s=20)
    second.wait_for(lambda: "what I should" not in second.text("l"))
    third.wait_for_text("deleted", timeout_s=20)
    assert "what I should" not in third.text()
    first.navigate(room, "iframe")
    first.wait_for_element("#m", "c")


def test_muted_member_is_heard_by_the_others_only(company: Three) -> None:
    first, second, third = company
    room = first.url
    follow(first, "People")
    first.wait_for_element("[name=who]")
    first.find("[name=who][value='2']").click()
    first.wait_for_text("(muted by you)", timeout_s=20)
    first.navigate(room, "iframe")
    first.wait_for_element("#m", "c")
    say(second, "into the wind")
    third.wait_for_text("into the wind", timeout_s=20)
    say(first, "anybody?")
    first.wait_for_text("anybody?", "l")
    assert "into the wind" not in first.text("l")


def test_private_talk_begins_with_a_yes_and_is_told_on_the_stream(company: Three) -> None:
    first, second, _ = company
    follow(second, "People")
    second.wait_for_element("[name=who]")
    second.find("[formaction$='/aside'][value='3']").click()
    second.wait_for_text("(you have asked for a private talk)", timeout_s=20)
    third = company[2]
    third.wait_for_text("asks for a private talk", timeout_s=20)
    assert "asks for a private talk" not in first.text("l")
    follow(third, "People")
    third.wait_for_element("[name=who]")
    press(third, "Accept private talk")
    third.wait_for_element("#m", "c", timeout_s=20)
    say(third, "between us")
    follow(second, "Back to the conversation")
    second.wait_for_text("Your private talk has begun", "l", timeout_s=20)
    second.find("[target=_top]", "l").click()
    second.wait_for_text("between us", "l", timeout_s=20)
    assert "between us" not in first.text("l")


def test_private_room_opens_by_its_words_and_by_a_knock(demo: Demo, strangers: Three) -> None:
    first, second, third = strangers
    first.navigate(f"{demo.url}rooms/new", "[name=title]")
    first.find("[name=title]").click()
    first.type("Tea at five")
    first.find("main form button").click()
    first.wait_for_element("output")
    words = str(first.find("output").property("innerText")).split()[0]
    follow(first, "To the room")
    first.wait_for_element("#m", "c", timeout_s=20)
    show_code(demo, second, words)
    second.wait_for_element("#m", "c", timeout_s=20)
    first.wait_for_text(f"{name_of(second)} is here.", "l", timeout_s=20)
    room = first.url
    follow(first, "People")
    first.wait_for_element("[name=act]")
    press(first, "Let newcomers knock")
    first.wait_for_text("Let newcomers in at once", timeout_s=20)
    show_code(demo, third, words)
    third.wait_for_text("You have knocked.", timeout_s=20)
    first.navigate(room, "iframe")
    first.wait_for_text("knocks", "l", timeout_s=20)
    assert "knocks" not in second.text("l")
    follow(first, "People")
    first.wait_for_element("[value^=admit]")
    press(first, "Let in")
    third.wait_for_element("#m", "c", timeout_s=30)
    say(third, "thank you")
    second.wait_for_text("thank you", "l", timeout_s=20)


def show_code(demo: Demo, person: Browser, words: str) -> None:
    """Enter an invitation code on the page of rooms."""
    person.navigate(f"{demo.url}rooms", "[name=code]")
    person.find("[name=code]").click()
    person.type(words.upper().replace("-", " "))
    person.press("Enter")


def test_six_tabs_of_one_session_are_one_person_and_none_of_them_hangs(
    demo: Demo, strangers: Three
) -> None:
    first = strangers[0]
    chat, tabs = first.url.removesuffix("/people"), [first.tab]
    first.navigate(chat, "iframe")
    for _ in range(5):
        first.wait_for_element(".m", "l", timeout_s=20)
        tabs.append(first.open_tab())
        first.select_tab(tabs[-1])
        first.navigate(chat, "iframe")
        first.wait_for_element("#m", "c", timeout_s=20)
    # Firefox opens at most six connections to one host: only the newest tab may hold a stream.
    say(first, "from the sixth tab")
    first.wait_for_text("from the sixth tab", "l")
    for tab in tabs[:-1]:
        first.select_tab(tab)
        first.wait_for_text("opened in a newer tab", "l", timeout_s=20)
    first.navigate(f"{demo.url}help", "dl")
