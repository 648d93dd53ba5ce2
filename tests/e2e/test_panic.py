"""Panic in Firefox: it covers the page before the server answers, and the page cannot come back."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from server.doctor.running_server import listening_process

from .conftest import Demo, ThreeBrowsers
from .marionette import Browser
from .people import match_visitors, send_message

pytestmark = [pytest.mark.tor, pytest.mark.slow]

# The cover of the button is on top at all these points: the corners, and within both frames.
COVERED = """
const [right, bottom] = [innerWidth - 2, innerHeight - 2];
const points = [[1, 1], [right, 1], [1, bottom], [right, bottom], [right / 2, bottom / 2],
                [right / 2, bottom - 90]];
return points.every(([x, y]) => document.elementFromPoint(x, y)?.closest(".p") != null);
"""


@pytest.fixture
def pair(demo: Demo, visitors_in_firefox: ThreeBrowsers) -> tuple[Browser, Browser]:
    """Two visitors who have just been matched."""
    first, second, _ = visitors_in_firefox
    match_visitors(demo, first, second)
    return first, second


def is_covered(person: Browser) -> bool:
    return bool(person.content(COVERED))


@contextmanager
def web_process_stopped(demo: Demo) -> Iterator[None]:
    """Stop the web process while the block runs, so that it does not answer."""
    web = listening_process(demo.admin_socket)
    assert web is not None
    os.kill(web, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(web, signal.SIGCONT)


def test_panic_covers_the_page_before_the_server_answers(
    demo: Demo, pair: tuple[Browser, Browser]
) -> None:
    first, second = pair
    send_message(first, "what nobody may see")
    chat = first.url
    assert not is_covered(first)
    with web_process_stopped(demo):
        first.find(".p button").click()
        first.wait_for(lambda: is_covered(first))
        # The mouse button is released, and no answer has arrived.
        assert first.url == chat
    first.wait_for_text("This page is empty.", timeout_s=20)
    second.wait_for_text("has left", "l", timeout_s=20)


def test_focus_on_panic_covers_the_page_and_tab_uncovers_it(
    pair: tuple[Browser, Browser],
) -> None:
    first, second = pair
    send_message(first, "what nobody may see")
    first.press("Shift+Tab")
    first.wait_for(lambda: is_covered(first))
    first.press("Tab")
    first.wait_for(lambda: not is_covered(first))
    send_message(first, "and on")
    first.press("Shift+Tab", "Enter")
    first.wait_for_text("This page is empty.", timeout_s=20)
    second.wait_for_text("has left", "l", timeout_s=20)


def test_back_and_reload_show_nothing_and_other_tabs_go_blank(
    pair: tuple[Browser, Browser],
) -> None:
    first, _ = pair
    send_message(first, "what nobody may see")
    chat, chat_tab = first.url, first.tab
    first.select_tab(first.open_tab())
    first.navigate(chat + "/plain", "#m")
    first.find(".p button").click()
    first.wait_for_text("This page is empty.", timeout_s=20)
    first.back()
    first.wait_for_text("This page does not exist", timeout_s=20)
    assert "what nobody may see" not in first.source()
    first.reload()
    first.wait_for_text("This page does not exist", timeout_s=20)
    first.select_tab(chat_tab)
    first.wait_for_text("This page is empty.", "l", timeout_s=20)
    assert "what nobody may see" not in first.source("l")
