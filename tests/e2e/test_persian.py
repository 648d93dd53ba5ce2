"""Persian pages in Firefox run from right to left, with Persian words and digits."""

from __future__ import annotations

import pytest

from server.demo.text_browser import TextBrowser
from tests.fakes import Talker

from .conftest import Demo, ThreeBrowsers
from .marionette import Browser
from .people import send_message

pytestmark = [pytest.mark.tor, pytest.mark.slow]

MESSAGE = "می\u200cخواهم حرف بزنم"  # noqa: RUF001 Persian


@pytest.fixture(scope="module")
def person(visitors_in_firefox: ThreeBrowsers) -> Browser:
    return visitors_in_firefox[0]


async def match_with_waiting_visitor(demo: Demo) -> Talker[TextBrowser]:
    """Match a new visitor who speaks Persian with the visitor who waits."""
    visitor = demo.visitor()
    form = (await visitor.get("/pair?lang=fa")).page.form("/pair?lang=fa")
    matched = await visitor.submit(form, intent="listen", speak="fa")
    return Talker(visitor, matched.path)


def is_right_to_left(person: Browser, frame: str | None = None) -> bool:
    html = person.find("html", frame)
    return (html.attribute("lang"), html.style("direction")) == ("fa", "rtl")


async def test_language_chosen_on_the_home_page_applies_to_the_chat(
    demo: Demo, person: Browser
) -> None:
    person.navigate(demo.url, "button")
    person.find("nav a[lang=fa]").click()
    person.wait_for(lambda: "lang=fa" in person.url)
    person.wait_for_element("button[value=talk]")
    assert is_right_to_left(person)
    person.find("button[value=talk]").click()
    person.wait_for_element("form[action$=cancel]", timeout_s=20)
    partner = await match_with_waiting_visitor(demo)
    person.wait_for_element("#m", "c", timeout_s=30)
    # On a slow connection the frame starts with an empty document, which is replaced later.
    person.wait_for_element(".m", "l", timeout_s=30)
    assert all(is_right_to_left(person, frame) for frame in (None, "l", "c"))
    send_message(person, MESSAGE)
    assert (await partner.texts())[-1] == MESSAGE
    assert (await partner.send("می\u200cشنوم")).status == 200
    person.wait_for_text("می\u200cشنوم", "l", timeout_s=20)
    assert person.find_all(".m > span", "l")[-1].style("direction") == "rtl"


async def test_own_words_of_either_direction_stand_at_the_same_edge(person: Browser) -> None:
    send_message(person, "ok")
    person.wait_for_text("ok", "l", timeout_s=20)
    lefts = person.content(
        "return [...document.querySelectorAll('.n')]"
        ".filter(line => [MINE, 'ok'].includes(line.lastElementChild.textContent))"
        ".map(line => line.lastElementChild.getBoundingClientRect().left"
        " - line.getBoundingClientRect().left);".replace("MINE", f"'{MESSAGE}'"),
        frame="l",
    )
    assert lefts == [0, 0]


async def test_send_stands_beside_the_field_of_the_plain_view(person: Browser) -> None:
    chat = person.url
    person.set_viewport(360, 640)
    person.navigate(f"{chat}/plain", "#m")
    person.wait_for_styles()
    top, send = (
        person.find(css).run("return arguments[0].getBoundingClientRect().top")
        for css in ("#m", "#m + button")
    )
    assert top == send
    person.set_viewport(1200, 800)
    person.navigate(chat, "iframe")


async def test_numbers_are_written_in_persian_digits(person: Browser) -> None:
    chat = person.url
    person.navigate(f"{chat}/plain?after=2", "#m")
    heading = str(person.find("h1").property("textContent"))
    assert "۲" in heading
    assert not any(digit in heading for digit in "0123456789")
    person.navigate(f"{chat.partition('/chat/')[0]}/mine", "h2")
    person.wait_for_text("۱۶")
