"""The rules stand beside every button that agrees to them, the operator's own with them."""

from __future__ import annotations

import re

import pytest

from server.core.house import House

from .appbrowser import make_server

BUTTONS = ("/", "/pair", "/rooms", "/rooms/new")
"""Pages with a button that leads into a conversation or a room."""

SHORT_FORM = {
    "en": (
        "Adults only. You agree: be kind; no threats, no real names; nothing sexual about minors."
    ),
    "fa": "فقط برای بزرگسالان.",
}
NAME = {"en": "Rules", "fa": "قواعد"}


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize("path", BUTTONS)
async def test_short_rules_stand_beside_the_buttons(path: str, language: str) -> None:
    browser = make_server().browser()
    page = (await browser.get(f"{path}?lang={language}")).page
    assert SHORT_FORM[language] in page.text
    whole = (await browser.get(page.links[NAME[language]])).body.decode()
    assert f"<html lang={language}" in whole
    assert f"<h2>{NAME[language]}</h2>" in whole


@pytest.mark.parametrize("path", [*BUTTONS, "/safety"])
async def test_operators_own_rules_stand_beside_them(path: str) -> None:
    server = make_server()
    server.services.house = House(rules={"en": "No <i>spoilers</i>.\nNo politics."})
    body = (await server.browser().get(path)).body.decode()
    own = "<p lang=en dir=auto>No &lt;i&gt;spoilers&lt;/i&gt;.<p lang=en dir=auto>No politics."
    assert body.count(own) == 1


async def test_whole_rules_are_the_first_section_of_safety() -> None:
    body = (await make_server().browser().get("/safety")).body.decode()
    first, second = re.findall(r"<h2>.*?(?=<h2>)", body, re.DOTALL)[:2]
    assert first.startswith("<h2>Rules</h2>")
    assert second.startswith("<h2>The most important</h2>")
    rules = re.findall(r"<li>(.*)", first)
    assert rules[0] == "Adults only: you are 18 or older."
    assert "children, ever" in rules[1]
    assert len(rules) == 7
    assert all(len(rule.split()) <= 20 for rule in rules)
    assert "Never again" in first
