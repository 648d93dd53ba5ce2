"""Panic in Firefox: the page is covered before the server answers, and nothing comes back."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from .conftest import Demo, Three
from .marionette import Browser
from .people import meet, say

pytestmark = [pytest.mark.tor, pytest.mark.slow]

# At all these points of the window, corners and both frames, the button's cover is on top.
COVERED = """
const [right, bottom] = [innerWidth - 2, innerHeight - 2];
const points = [[1, 1], [right, 1], [1, bottom], [right, bottom], [right / 2, bottom / 2],
                [right / 2, bottom - 90]];
return points.every(([x, y]) => document.elementFromPoint(x, y)?.closest(".p") != null);
"""


@pytest.fixture
def people(demo: Demo, strangers: Three) -> tuple[Browser, Browser]:
    """Two visitors who were just matched."""
    first, second, _ = strangers
    meet(demo, first, second)
    return first, second


def is_covered(person: Browser) -> bool:
    return bool(person.content(COVERED))


@contextmanager
def stalled(demo: Demo) -> Iterator[None]:
    """Stop the web process while the block runs, so that it answers nothing."""
    subprocess.run(["pkill", "-STOP", "-f", str(demo.web_socket)], check=True)
    try:
        yield
    finally:
        subprocess.run(["pkill", "-CONT", "-f", str(demo.web_socket)], check=True)


def test_press_covers_the_page_although_the_server_does_not_answer(
    demo: Demo, people: tuple[Browser, Browser]
) -> None:
    first, second = people
    say(first, "what nobody may see")
    chat = first.url
    assert not is_covered(first)
    with stalled(demo):
        first.find(".p button").click()
        first.wait_for(lambda: is_covered(first))
        # The mouse button is up again, and no answer has arrived.
        assert first.url == chat
    first.wait_for_text("This page is empty.", timeout_s=20)
    second.wait_for_text("has left", "l", timeout_s=20)


def test_keyboard_covers_by_going_there_and_uncovers_by_going_back(
    people: tuple[Browser, Browser],
) -> None:
    first, second = people
    say(first, "what nobody may see")
    first.press("Shift+Tab")
    first.wait_for(lambda: is_covered(first))
    first.press("Tab")
    first.wait_for(lambda: not is_covered(first))
    say(first, "and on")
    first.press("Shift+Tab", "Enter")
    first.wait_for_text("This page is empty.", timeout_s=20)
    second.wait_for_text("has left", "l", timeout_s=20)


def test_back_and_reload_show_nothing_and_the_other_tab_goes_blank(
    people: tuple[Browser, Browser],
) -> None:
    first, _ = people
    say(first, "what nobody may see")
    chat, stays = first.url, first.tab
    first.select_tab(first.open_tab())
    first.navigate(chat + "/plain", "#m")
    first.find(".p button").click()
    first.wait_for_text("This page is empty.", timeout_s=20)
    first.back()
    first.wait_for_text("This page does not exist", timeout_s=20)
    assert "what nobody may see" not in first.source()
    first.reload()
    first.wait_for_text("This page does not exist", timeout_s=20)
    first.select_tab(stays)
    first.wait_for_text("This page is empty.", "l", timeout_s=20)
    assert "what nobody may see" not in first.source("l")
