"""A steady view in Firefox with scripts off, through the onion: the same words, whole, once."""

from __future__ import annotations

import pytest

from .conftest import Demo
from .people import pair, say

pytestmark = [pytest.mark.tor, pytest.mark.slow]

# More than four cells, with what is written otherwise in HTML, and letters of several bytes.
LONG = "a < b & c; می‌شنوی؟ " * 60


def test_reader_who_chose_steady_reads_everything_once_and_whole(demo: Demo) -> None:
    with pair(demo) as (first, second):
        chat = first.url
        say(second, "before")
        first.wait_for_text("before", "l")
        first.navigate(f"{demo.url}mine", "input[name=steady]")
        assert "875 KiB" in first.find("main").text
        first.find("input[name=steady][value='2']").click()
        first.find("form[action$='/steady'] button").click()
        first.wait_for_element("input[name=steady][value='2']:checked")
        first.navigate(chat, "iframe")
        first.wait_for_text("Steady: one cell every 2 seconds", "l")
        first.wait_for_text("before", "l")
        say(second, LONG.strip())
        say(second, "and then")
        first.wait_for_text("and then", "l", timeout_s=30)
        said = [found.property("textContent") for found in first.find_all(".m > span", "l")]
        assert said == ["before", LONG.strip(), "and then"]
        # Pressed in the page around it, the link brings the same view back.
        link = next(found for found in first.find_all("a") if found.text == "Reconnect")
        link.click()
        say(second, "after that")
        first.wait_for_text("after that", "l", timeout_s=30)
        said = [found.property("textContent") for found in first.find_all(".m > span", "l")]
        assert said == ["before", LONG.strip(), "and then", "after that"]
        assert "Steady" in first.find(".e", "l").property("textContent")
