"""Reload, Back and Forward after a form, in Firefox without scripts: nothing is ever sent again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .conftest import Demo, ThreeBrowsers
from .marionette import Browser
from .people import has_focus_in_empty_field, match_visitors, press_enter, send_message

pytestmark = [pytest.mark.tor, pytest.mark.slow]

SALAM, DOROST = "\u0633\u0644\u0627\u0645", "\u062f\u0631\u0633\u062a \u0627\u0633\u062a"

ASKS = """
const box = gBrowser.getTabDialogBox(gBrowser.selectedBrowser);
return gDialogBox.isOpen || box.getTabDialogManager().hasDialogs
  || box.getContentDialogManager().hasDialogs;
"""
"""Whether the browser asks something, such as whether to send a form again."""

HISTORY = "return gBrowser.selectedBrowser.browsingContext.sessionHistory.count"


@pytest.fixture(scope="module")
def pair(demo: Demo, visitors_in_firefox: ThreeBrowsers) -> tuple[Browser, Browser]:
    """Two visitors in one conversation."""
    first, second, _ = visitors_in_firefox
    match_visitors(demo, first, second)
    return first, second


@pytest.fixture(scope="module")
def guest(demo: Demo, visitors_in_firefox: ThreeBrowsers) -> Iterator[Browser]:
    """A visitor with a session: without one there is nowhere to keep anything."""
    person = visitors_in_firefox[2]
    person.navigate(f"{demo.url}rooms", "button")
    person.find("form[action='/rooms/common/join'] button").click()
    person.wait_for_element("#m", "c", timeout_s=30)
    yield person
    # Other tests count who is in the room.
    person.navigate(f"{demo.url}help", "form[action='/panic'] button")
    person.find("form[action='/panic'] button").click()
    person.wait_for(lambda: not person.find_all("form[action='/panic']"), timeout_s=30)


def asks(person: Browser) -> bool:
    return bool(person.chrome(ASKS))


def history(person: Browser) -> int:
    return int(person.chrome(HISTORY))


def reload_page(person: Browser, css: str, frame: str | None = None) -> None:
    """Press F5, and wait until the page has been loaded again."""
    before = person.find(css, frame).reference
    person.chrome("gBrowser.reload()")
    person.wait_for(
        lambda: person.find_all(css, frame) and person.find(css, frame).reference != before,
        timeout_s=30,
    )
    assert not asks(person)


def refuse(person: Browser, text: str = "") -> None:
    """Type something that is refused, and press Enter."""
    person.type(text)
    press_enter(person, "c")
    person.wait_for_element("[data-problem]", "c")


def value(person: Browser, css: str, frame: str | None = "c") -> str:
    return str(person.find(css, frame).property("value"))


def texts_in(person: Browser) -> list[str]:
    found = person.find_all(".m:not([data-event]) > span", "l")
    return [str(one.property("textContent")) for one in found]


def press(person: Browser, label: str, frame: str | None = None) -> None:
    button = next(found for found in person.find_all("button", frame) if found.text == label)
    button.click()


def test_reload_after_a_message_and_a_refusal_keeps_the_field(
    pair: tuple[Browser, Browser],
) -> None:
    first, second = pair
    before = history(first)
    send_message(first, "one message")
    second.wait_for_text("one message", "l")
    reload_page(first, "#m", "c")
    refuse(first)
    reload_page(first, "#m", "c")
    first.wait_for_element("#m", "c")
    first.wait_for_text("one message", "l", timeout_s=30)
    assert texts_in(first) == ["one message"]
    assert history(first) == before
    first.find("#m", "c").click()
    send_message(first, SALAM)
    second.wait_for_text(SALAM, "l")


@pytest.mark.parametrize(("one", "two"), [("one", "two"), (SALAM, DOROST)])
def test_words_after_a_refusal_are_not_scrambled_into_the_kept_ones(
    pair: tuple[Browser, Browser], one: str, two: str
) -> None:
    first, second = pair
    while not first.find_all("[data-problem=too-fast]", "c"):
        before = first.find("#m", "c").reference
        first.type(f"{one} {before[-4:]}")
        press_enter(first, "c")
    kept = value(first, "textarea[name=text]")
    assert kept.startswith(one)
    first.wait_for(lambda: has_focus_in_empty_field(first))
    # Keys are typed where the focus is, one by one, as a person does.
    for letter in two:
        first.type(letter)
    assert value(first, "#m") == two
    while first.find_all("[data-problem]", "c"):
        press_enter(first, "c")
        first.wait_for(lambda: has_focus_in_empty_field(first))
    second.wait_for_text(f"{kept} {two}", "l")
    assert texts_in(second)[-1] == f"{kept} {two}"
    assert not first.find_all("textarea", "c")


def test_draft_survives_the_switch_to_several_lines(pair: tuple[Browser, Browser]) -> None:
    first, _ = pair
    before = history(first)
    first.type("a draft")
    press(first, "Several lines", "c")
    first.wait_for_element("input[name=several]", "c")
    assert value(first, "textarea[name=text]") == "a draft"
    first.wait_for(lambda: has_focus_in_empty_field(first))
    press(first, "One line", "c")
    first.wait_for_element("input#m", "c")
    assert value(first, "textarea[name=text]") == "a draft"
    assert history(first) == before
    reload_page(first, "#m", "c")
    assert value(first, "textarea[name=text]") == "a draft"
    first.find("#m", "c").click()
    send_message(first, "sent")
    # Back leads to the page before the conversation, not to another field.
    first.chrome("gBrowser.goBack()")
    first.wait_for_element("button[value=talk]", timeout_s=30)
    first.chrome("gBrowser.goForward()")
    first.wait_for_element("input#m", "c", timeout_s=30)
    assert not asks(first)
    assert not first.find_all("textarea", "c")


def test_invitation_survives_reload_and_back(demo: Demo, guest: Browser) -> None:
    person = guest
    person.navigate(f"{demo.url}rooms/new", "input[name=title]")
    before = history(person)
    person.find("input[name=title]").click()
    person.press("Enter")
    person.wait_for_element("[data-problem=bad-title]", timeout_s=30)
    reload_page(person, "input[name=title]")
    person.find("input[name=title]").click()
    person.type("A room")
    person.press("Enter")
    person.wait_for_element("#invitation", timeout_s=30)
    code = person.find("#invitation").text
    reload_page(person, "#invitation")
    assert person.find("#invitation").text == code
    person.chrome("gBrowser.goBack()")
    person.wait_for_element("input[name=title]", timeout_s=30)
    assert not asks(person)
    person.chrome("gBrowser.goForward()")
    person.wait_for_element("#invitation", timeout_s=30)
    assert not asks(person)
    assert person.find("#invitation").text == code
    person.navigate(f"{demo.url}mine", "h1")
    assert person.text().count("your name there is") == 2
    assert history(person) <= before + 3


def test_refused_forms_of_a_session_survive_reload(demo: Demo, guest: Browser) -> None:
    person = guest
    person.navigate(f"{demo.url}rooms", "#code")
    person.find("#code").click()
    person.type("no such code")
    person.press("Enter")
    person.wait_for_element("[data-problem=wrong-code]", timeout_s=30)
    assert person.find("[data-problem]").displayed
    assert value(person, "#code", None) == "no such code"
    reload_page(person, "#code")
    assert value(person, "#code", None) == "no such code"
    person.chrome("gBrowser.goBack()")
    person.wait_for(lambda: "kept=" not in person.url, timeout_s=30)
    assert not asks(person)
    person.navigate(f"{demo.url}pair", "input[name=topic]")
    for name in ("topic", "limits"):
        person.content(
            "document.querySelector(`input[name=${arguments[0]}]`).closest('details').open = true",
            name,
        )
        person.find(f"input[name={name}]").click()
    press(person, "Find somebody")
    person.wait_for_element("[data-problem=contradiction]", timeout_s=30)
    reload_page(person, "[data-problem=contradiction]")
    for name in ("topic", "limits"):
        assert person.find(f"input[name={name}]").property("checked")
