"""The topics on offer are the operator's, or twelve defaults, in the best available language."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from server.core.room.public import LocalizedText

from .appbrowser import AppBrowser, AppServer, make_server
from .test_matching import ask

PLANTS: Mapping[str, LocalizedText] = {
    "plants": {"en": "plants & seeds", "fa": "گیاهان"},
    "weather": {"de": "das Wetter"},
}


def server_about(topics: Mapping[str, LocalizedText]) -> AppServer:
    """Create a server that offers these topics."""
    server = make_server()
    server.services.topics = topics
    return server


async def offered(browser: AppBrowser, query: str = "") -> list[str]:
    """Return the HTML of every topic in the long form."""
    html = (await browser.get(f"/pair{query}")).body.decode()
    return re.findall(r"name=topic value=(\S+> <bdi.*?</bdi>)", html)


async def test_long_form_offers_only_the_operators_topics() -> None:
    browser = server_about(PLANTS).browser()
    assert await offered(browser) == [
        "plants> <bdi>plants &amp; seeds</bdi>",
        "weather> <bdi lang=de>das Wetter</bdi>",
    ]
    assert (await offered(browser, "?lang=fa"))[0] == "plants> <bdi>گیاهان</bdi>"


async def test_default_topics_are_in_the_language_of_the_page() -> None:
    browser = make_server().browser()
    english, persian = await offered(browser), await offered(browser, "?lang=fa")
    assert "books> <bdi>books and films</bdi>" in english
    assert len(persian) == len(english) == 12
    assert not set(persian) & set(english)


async def test_common_topic_is_shown_with_its_language_marked() -> None:
    server = server_about(PLANTS)
    choices = [("topic", "plants"), ("topic", "weather"), ("speak", "en")]
    await ask(server.browser(), *choices)
    second = server.browser()
    chat = await ask(second, *choices)
    sentence = "You both chose: plants &amp; seeds, <bdi lang=de>das Wetter</bdi>."
    for path in (chat.path, f"{chat.path}/plain"):
        assert sentence in (await second.get(path)).body.decode()


async def test_limit_is_shown_under_the_operators_name() -> None:
    server = server_about(PLANTS)
    await ask(server.browser(), ("limits", "weather"))
    chat = await ask(server.browser())
    assert "Topics to avoid: <bdi lang=de>das Wetter</bdi>." in chat.body.decode()


@pytest.mark.parametrize("name", ["topic", "limits"])
async def test_unknown_topic_is_400(name: str) -> None:
    assert (await ask(server_about(PLANTS).browser(), (name, "music"))).status == 400


async def test_form_without_topics_asks_for_none() -> None:
    html = (await server_about({}).browser().get("/pair")).body.decode()
    assert "name=topic" not in html
    assert "name=limits" not in html
    assert "to talk about</summary>" not in html
    assert "name=speak" in html


async def test_topic_name_is_not_markup() -> None:
    server = server_about({"x": {"en": "<b>x</b>"}, "y": {"de": "<b>y</b>"}})
    browser = server.browser()
    await ask(server.browser(), ("topic", "x"), ("topic", "y"))
    chat = await ask(browser, ("topic", "x"), ("topic", "y"))
    assert "You both chose" in chat.page.text
    for path in ("/pair", chat.path, f"{chat.path}/plain"):
        assert "<b>" not in (await browser.get(path)).body.decode()
