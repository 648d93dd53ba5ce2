"""Three visitors in rooms, in Firefox without scripts, in different page modes."""

from __future__ import annotations

import pytest

from .conftest import Demo, ThreeBrowsers
from .marionette import Browser
from .people import send_message

pytestmark = [pytest.mark.tor, pytest.mark.slow]

EVERY_S = 5
"""How often the page of the third visitor reloads itself."""


@pytest.fixture(scope="module")
def members(demo: Demo, visitors_in_firefox: ThreeBrowsers) -> ThreeBrowsers:
    """Three members of the common room: two with a live view, one whose page reloads itself."""
    for person in visitors_in_firefox:
        person.navigate(f"{demo.url}rooms", "button")
        person.find("form[action='/rooms/common/join'] button").click()
        person.wait_for_element("#m", "c", timeout_s=30)
    third = visitors_in_firefox[2]
    third.navigate(f"{third.url}/plain?every={EVERY_S}", ".m")
    return visitors_in_firefox


def name_of(person: Browser) -> str:
    return str(person.find("h1 bdi, p bdi").property("textContent"))


def texts_in(person: Browser, css: str, frame: str | None = None) -> list[str]:
    return [str(found.property("textContent")) for found in person.find_all(css, frame)]


def follow(person: Browser, label: str) -> None:
    """Click the link with this text; open the header of a chat for it."""
    if person.find_all("details:not([open]) a"):
        person.find("summary").click()
    link = next(found for found in person.find_all("a") if found.text == label)
    link.click()


def press(person: Browser, label: str) -> None:
    """Click the button with this text."""
    button = next(found for found in person.find_all("button") if found.text == label)
    button.click()


def test_live_and_reloading_readers_see_the_same_messages(members: ThreeBrowsers) -> None:
    first, second, third = members
    send_message(first, "good evening")
    second.wait_for_text("good evening", "l")
    third.wait_for_text("good evening", timeout_s=20)
    assert third.title.startswith("(")
    follow(third, "Write a message")
    third.wait_for_element("#m")
    third.find("#m").click()
    third.type("good evening, both")
    submit_and_return(third)
    for person in (first, second):
        person.wait_for_text("good evening, both", "l", timeout_s=20)
    third.wait_for_text("good evening, both", timeout_s=20)
    # The page reloads itself again, and shows every message once.
    messages = texts_in(third, ".m:not([data-event]) > span")
    assert messages == texts_in(first, ".m:not([data-event]) > span", "l")
    assert messages == ["good evening", "good evening, both"]
    assert f"every={EVERY_S}" in third.url


def choose_constant_rate(demo: Demo, person: Browser, every_s: int) -> None:
    """Choose the constant rate of the live view (0: none), and go back to the conversation."""
    chat = person.url
    person.navigate(f"{demo.url}mine", "input[name=steady]")
    person.find(f"input[name=steady][value='{every_s}']").click()
    person.find("form[action$='/steady'] button").click()
    person.wait_for_element(f"input[name=steady][value='{every_s}']:checked")
    person.navigate(chat, "iframe")
    person.wait_for_text("good evening, both", "l", timeout_s=20)
    person.wait_for_element("#m", "c", timeout_s=20).click()


def test_steady_reader_gets_each_message_once_and_complete(
    demo: Demo, members: ThreeBrowsers
) -> None:
    first, second, _ = members
    choose_constant_rate(demo, first, 2)
    header = str(first.find("details").property("textContent"))
    assert "Steady: one cell about every 2 seconds" in header
    # Several cells long, with characters that HTML escapes and with multi-byte letters.
    long_text = " ".join(["a < b & c; می‌شنوی؟"] * 25)
    before = texts_in(first, ".m:not([data-event]) > span", "l")
    send_message(second, long_text)
    send_message(second, "and then")
    first.wait_for_text("and then", "l", timeout_s=30)
    assert texts_in(first, ".m:not([data-event]) > span", "l") == [*before, long_text, "and then"]
    # The Reconnect link in the surrounding page reloads the same view.
    old_body = first.find("body", "l").reference
    follow(first, "Reconnect")
    first.wait_for(lambda: first.find("body", "l").reference != old_body, timeout_s=20)
    first.wait_for_text("and then", "l", timeout_s=20)
    assert "Steady" in texts_in(first, ".e", "l")[0]
    expected = [*before, long_text, "and then"]
    assert texts_in(first, ".m:not([data-event]) > span", "l") == expected
    send_message(second, "after that")
    first.wait_for_text("after that", "l", timeout_s=30)
    assert texts_in(first, ".m:not([data-event]) > span", "l") == [*expected, "after that"]
    choose_constant_rate(demo, first, 0)


def submit_and_return(person: Browser) -> None:
    """Press Enter on the page for writing; it leads back to the page that reloads itself."""
    person.press("Enter")
    person.wait_for(lambda: "every=" in person.url, timeout_s=20)


def test_mention_is_framed_only_for_the_mentioned_member(members: ThreeBrowsers) -> None:
    first, second, _ = members
    send_message(first, f"@{name_of(second).lower()} are you well?")
    second.wait_for_text("are you well?", "l")
    borders = [
        person.find_all(".m:not([data-event]) > span", "l")[-1].style("border-top-color")
        for person in (first, second)
    ]
    assert borders[0] == "rgba(0, 0, 0, 0)" != borders[1]


def test_deleted_message_disappears_from_open_pages(members: ThreeBrowsers) -> None:
    first, second, third = members
    send_message(first, "what I should not have said")
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


def test_mute_hides_messages_only_from_the_member_who_mutes(members: ThreeBrowsers) -> None:
    first, second, third = members
    room = first.url
    follow(first, "People")
    first.wait_for_element("[name=who]")
    first.find("[name=who][value='2']").click()
    first.wait_for_text("(muted by you)", timeout_s=20)
    first.navigate(room, "iframe")
    first.wait_for_element("#m", "c")
    send_message(second, "into the wind")
    third.wait_for_text("into the wind", timeout_s=20)
    send_message(first, "anybody?")
    first.wait_for_text("anybody?", "l")
    assert "into the wind" not in first.text("l")


def test_side_chat_begins_on_acceptance_with_a_notice(members: ThreeBrowsers) -> None:
    first, second, _ = members
    follow(second, "People")
    second.wait_for_element("[name=who]")
    second.find("[formaction$='/aside'][value='3']").click()
    second.wait_for_text("(you have asked for a private talk)", timeout_s=20)
    third = members[2]
    third.wait_for_text("asks for a private talk", timeout_s=20)
    assert "asks for a private talk" not in first.text("l")
    follow(third, "People")
    third.wait_for_element("[name=who]")
    press(third, "Accept private talk")
    third.wait_for_element("#m", "c", timeout_s=20)
    send_message(third, "between us")
    follow(second, "Back to the conversation")
    second.wait_for_text("Your private talk has begun", "l", timeout_s=20)
    second.find("[target=_top]", "l").click()
    second.wait_for_text("between us", "l", timeout_s=20)
    assert "between us" not in first.text("l")


def test_private_room_is_entered_by_code_and_by_knocking(
    demo: Demo, visitors_in_firefox: ThreeBrowsers
) -> None:
    first, second, third = visitors_in_firefox
    first.navigate(f"{demo.url}rooms/new", "[name=title]")
    first.find("[name=title]").click()
    first.type("Tea at five")
    first.find("main form button").click()
    first.wait_for_element("output")
    code = str(first.find("output").property("innerText")).split()[0]
    follow(first, "To the room")
    first.wait_for_element("#m", "c", timeout_s=20)
    enter_code(demo, second, code)
    second.wait_for_element("#m", "c", timeout_s=20)
    first.wait_for_text(f"{name_of(second)} is here.", "l", timeout_s=20)
    room = first.url
    follow(first, "People")
    first.wait_for_element("[name=act]")
    press(first, "Let newcomers knock")
    first.wait_for_text("Let newcomers in at once", timeout_s=20)
    enter_code(demo, third, code)
    third.wait_for_text("You have knocked.", timeout_s=20)
    first.navigate(room, "iframe")
    first.wait_for_text("knocks", "l", timeout_s=20)
    assert "knocks" not in second.text("l")
    follow(first, "People")
    first.wait_for_element("[value^=admit]")
    press(first, "Let in")
    third.wait_for_element("#m", "c", timeout_s=30)
    send_message(third, "thank you")
    second.wait_for_text("thank you", "l", timeout_s=20)


def enter_code(demo: Demo, person: Browser, code: str) -> None:
    """Enter an invitation code in words on the page “Rooms”, in capitals and without hyphens."""
    person.navigate(f"{demo.url}rooms", "[name=code]")
    person.find("[name=code]").click()
    person.type(code.upper().replace("-", " "))
    person.press("Enter")


def test_six_tabs_of_one_session_share_one_stream_and_none_hangs(
    demo: Demo, visitors_in_firefox: ThreeBrowsers
) -> None:
    first = visitors_in_firefox[0]
    chat, tabs = first.url.removesuffix("/people"), [first.tab]
    first.navigate(chat, "iframe")
    for _ in range(5):
        first.wait_for_element(".m", "l", timeout_s=20)
        tabs.append(first.open_tab())
        first.select_tab(tabs[-1])
        first.navigate(chat, "iframe")
        first.wait_for_element("#m", "c", timeout_s=20)
    # Firefox opens at most six connections to one host: only the newest tab may hold a stream.
    send_message(first, "from the sixth tab")
    first.wait_for_text("from the sixth tab", "l")
    for tab in tabs[:-1]:
        first.select_tab(tab)
        first.wait_for_text("opened in a newer tab", "l", timeout_s=20)
    first.navigate(f"{demo.url}help", "h2")
