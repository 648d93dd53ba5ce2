"""The chat page with its frames: axe, the order of Tab, one chord for Panic, forced colours."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.e2e.marionette import Browser

from .axe import contrast_found, found
from .conftest import Page

pytestmark = [pytest.mark.slow, pytest.mark.checklist(42)]

FOCUSED = """
const manager = Cc["@mozilla.org/focus-manager;1"].getService(Ci.nsIFocusManager);
const within = {}, focused = manager.getFocusedElementForWindow(window.top, true, within);
if (!focused) return null;
let x = 0, y = 0;
for (let view = within.value; view !== window.top; view = view.parent) {
  const frame = view.frameElement.getBoundingClientRect();
  x += frame.left;
  y += frame.top;
}
const box = focused.getBoundingClientRect();
return [focused.localName, x + box.left, x + box.right, Math.max(0, y + box.top), y + box.bottom];
"""
"""The element with the focus, and its edges on the page: left, right, top, bottom."""

Stop = tuple[str, float, float, float, float]

REACHABLE = """
const all = root => [...root.querySelectorAll("a, button, input:not([type]), textarea, summary")];
const pages = [document, ...[...document.querySelectorAll("iframe")].map(f => f.contentDocument)];
return pages.flatMap(all).filter(element => element.checkVisibility()).length;
"""

WATCH_PANIC = """
window.wrappedJSObject.eval(`document.querySelector(".p").addEventListener("submit", event => {
  event.preventDefault();
  document.title = "forgotten";
})`);
"""

EDGES = """
const {defaultView: view} = document.querySelector("iframe[name=l]").contentDocument;
return [...view.document.querySelectorAll(".n > [dir]")]
  .map(text => view.getComputedStyle(text).borderTopColor);
"""
TRANSPARENT = "rgba(0, 0, 0, 0)"


@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("language", ["en", "fa"])
def test_nothing_is_found_on_a_chat_with_its_frames(
    browser: Browser, chats: dict[str, Page], language: str, width: int
) -> None:
    browser.set_viewport(width, 640)
    chats[language].open(browser)
    assert not found(browser)
    browser.find("summary").click()
    assert not found(browser)
    browser.set_dark(True)
    assert not contrast_found(browser)
    browser.set_dark(False)


def next_stop(browser: Browser, stops: list[Stop]) -> Stop | None:
    """Wait until the focus is elsewhere; `None` if it has left the page.

    On its way from one frame to the next, nothing has it.
    """

    def moved() -> list[Stop | None]:
        if browser.focus() is None:
            return [None]
        found = browser.content(FOCUSED)
        return [tuple(found)] if found and tuple(found) not in stops[-1:] else []

    return browser.wait_for(moved)[0]


@pytest.mark.parametrize("size", [(360, 640), (1200, 800)])
@pytest.mark.parametrize("language", ["en", "fa"])
def test_tab_reaches_everything_on_the_chat_page_in_the_order_of_the_eye(
    browser: Browser, chats: dict[str, Page], language: str, size: tuple[int, int]
) -> None:
    browser.set_viewport(*size)
    chats[language].open(browser)
    browser.chrome("gBrowser.selectedBrowser.focus()")
    browser.content("document.querySelector('summary').focus()")
    stops: list[Stop] = []
    while stop := next_stop(browser, stops):
        stops.append(stop)
        browser.press("Tab")
    acts = [stop for stop in stops if stop[0] not in {"main", "span"}]
    assert len(acts) == browser.content(REACHABLE)
    for (_, left, right, _, bottom), (_, next_left, next_right, top, _) in pairwise(acts):
        is_below = top >= bottom - 1
        is_beside = next_left >= right - 1 if language == "en" else next_right <= left + 1
        assert is_below or is_beside, acts


@pytest.mark.parametrize("frame", [None, "c", "l"])
def test_one_chord_presses_panic_from_every_frame(
    browser: Browser, chats: dict[str, Page], frame: str | None
) -> None:
    chats["en"].open(browser)
    browser.content(WATCH_PANIC)
    inside = {None: "summary", "c": "#m", "l": ".f"}[frame]
    browser.chrome("gBrowser.selectedBrowser.focus()")
    browser.find(inside, frame).run("arguments[0].focus()")
    browser.press("Alt+Shift+x")
    browser.wait_for(lambda: browser.title == "forgotten")


def test_boxes_of_messages_are_seen_in_forced_colours(
    browser: Browser, chats: dict[str, Page]
) -> None:
    chats["en"].open(browser)
    usual = browser.content(EDGES)
    assert TRANSPARENT in usual
    browser.chrome("Services.prefs.setIntPref('browser.display.document_color_use', 2)")
    try:
        browser.wait_for(lambda: TRANSPARENT not in browser.content(EDGES))
    finally:
        browser.chrome("Services.prefs.clearUserPref('browser.display.document_color_use')")
