"""Drives a real Firefox through its Marionette port, for pages that run no scripts.

- A chat page never finishes loading, so nothing here waits for a load: after navigation, a test
  waits for an element. `WebDriver:Navigate` and `WebDriver:ElementClick` would wait for a load.
- Keys are sent to the browser's window, as from a keyboard. So Tab moves the focus from one frame
  to the next and on to the browser's own buttons, and Escape stops a page.
- A frame is named by the `name` of its iframe; `None` is the page itself.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tests.e2e.element import Element
from tests.e2e.firefox import ELEMENT_KEY, Firefox, FirefoxDiedError, MarionetteError

__all__ = ["Browser", "Element", "FirefoxDiedError", "Focus", "MarionetteError", "WaitError"]

Found = TypeVar("Found")

KEYS = {
    "Backspace": "\ue003",
    "Tab": "\ue004",
    "Enter": "\ue007",
    "Shift": "\ue008",
    "Control": "\ue009",
    "Alt": "\ue00a",
    "Escape": "\ue00c",
    "Space": " ",
    "PageUp": "\ue00e",
    "PageDown": "\ue00f",
    "End": "\ue010",
    "Home": "\ue011",
    "Left": "\ue012",
    "Up": "\ue013",
    "Right": "\ue014",
    "Down": "\ue015",
    "F5": "\ue035",
}

NAVIGATE = """
gBrowser.selectedBrowser.fixupAndLoadURIString(arguments[0], {
  triggeringPrincipal: Services.scriptSecurityManager.getSystemPrincipal(),
});
"""

DOCUMENT_ID = "return gBrowser.selectedBrowser.browsingContext.currentWindowGlobal?.innerWindowId"

FOCUS = """
const manager = Cc["@mozilla.org/focus-manager;1"].getService(Ci.nsIFocusManager);
const within = {};
const focused = manager.getFocusedElementForWindow(window.top, true, within);
const element = focused ?? within.value.document.activeElement;
return [element?.localName ?? "", element?.id ?? "", element?.getAttribute("name") ?? "",
        within.value === window.top ? null : within.value.name];
"""

SET_DIRECTION = """
const visit = win => {
  win.document.documentElement.dir = arguments[0];
  for (let i = 0; i < win.frames.length; i++) visit(win.frames[i]);
};
visit(window.top);
"""

VIEWPORT = """
const [width, height] = arguments;
// The window has a minimum width; the page inside may be narrower.
window.resizeTo(Math.max(width, 500), height + 200);
const style = gBrowser.selectedBrowser.style;
for (const side of ["width", "min-width", "max-width"]) style.setProperty(side, width + "px");
for (const side of ["height", "min-height", "max-height"]) style.setProperty(side, height + "px");
style.setProperty("flex", "none");
"""

CLEAR_SESSION = """
Services.cookies.removeAll();
Services.obs.notifyObservers(null, "last-pb-context-exited");
Services.cache2.clear();
"""
# These are private windows; the notification clears their cookies and their cache.

ACCESSIBILITY_TREE = """
const service = Cc["@mozilla.org/accessibilityService;1"].getService(Ci.nsIAccessibilityService);
const found = [];
const visit = node => {
  found.push([service.getStringRole(node.role), node.name ?? ""]);
  for (let i = 0; i < node.childCount; i++) visit(node.getChildAt(i));
};
visit(service.getAccessibleFor(gBrowser.selectedBrowser));
return found;
"""


class WaitError(AssertionError):
    """A wait failed; the message holds what the page showed instead."""


@dataclass(frozen=True, slots=True)
class Focus:
    """The element with the focus; an empty string stands for a missing attribute."""

    tag: str
    id: str
    name: str
    frame: str | None


class Browser(Firefox):
    """A Firefox with the actions of a reader: `with Browser(profile) as browser`."""

    @property
    def url(self) -> str:
        """The URL of the selected tab."""
        return str(self.chrome("return gBrowser.selectedBrowser.currentURI.spec"))

    @property
    def title(self) -> str:
        """The title of the selected tab."""
        return str(self.chrome("return gBrowser.selectedTab.label"))

    def navigate(self, url: str, until: str = "body", *, timeout_s: float = 20.0) -> None:
        """Open `url` as if it were typed, and wait until its document has the element `until`."""
        before = self.chrome(DOCUMENT_ID)
        self.chrome(NAVIGATE, url)
        self.wait_for(
            lambda: self.chrome(DOCUMENT_ID) != before and self.find(until), timeout_s=timeout_s
        )

    def back(self) -> None:
        """Go back in the history, without waiting for the page."""
        self.chrome("gBrowser.goBack()")

    def reload(self) -> None:
        """Reload the page, without waiting for it."""
        self.chrome("gBrowser.reload()")

    def find(self, css: str, frame: str | None = None) -> Element:
        """Return the first element that matches.

        Raises:
            MarionetteError: if there is none, or no such frame.
        """
        self.enter(frame)
        found = self.send("WebDriver:FindElement", _css(css))
        return Element(self, found[ELEMENT_KEY], frame)

    def find_all(self, css: str, frame: str | None = None) -> list[Element]:
        """Return all elements that match, in document order."""
        self.enter(frame)
        found = self.send("WebDriver:FindElements", _css(css))
        return [Element(self, reference[ELEMENT_KEY], frame) for reference in found]

    def text(self, frame: str | None = None) -> str:
        """Return the visible text of a whole frame."""
        return str(self.content("return document.documentElement?.innerText ?? ''", frame=frame))

    def source(self, frame: str | None = None) -> str:
        """Return the current source of a frame, including hidden text."""
        self.enter(frame)
        return str(self.send("WebDriver:GetPageSource"))

    def wait_for(
        self,
        predicate: Callable[[], Found | None],
        *,
        timeout_s: float = 10.0,
        frame: str | None = None,
    ) -> Found:
        """Call `predicate` until its result is true, and return the result.

        A `MarionetteError` counts as "not yet": the element may be missing, or its document may
        just have been unloaded.

        Raises:
            WaitError: after `timeout_s`; the message contains the text of `frame`.
        """
        end = time.monotonic() + timeout_s
        problem = ""
        while time.monotonic() < end:
            try:
                if answer := predicate():
                    return answer
                problem = ""
            except MarionetteError as error:
                problem = f" ({error})"
            self.pause()
        raise WaitError(f"not within {timeout_s} s{problem}; {self._describe(frame)}")

    def wait_for_element(
        self, css: str, frame: str | None = None, *, timeout_s: float = 10.0
    ) -> Element:
        """Wait until an element exists, and return it."""
        return self.wait_for(lambda: self.find(css, frame), timeout_s=timeout_s, frame=frame)

    def wait_for_text(
        self, text: str, frame: str | None = None, *, timeout_s: float = 10.0
    ) -> None:
        """Wait until `text` is visible in the frame."""
        self.wait_for(lambda: text in self.text(frame), timeout_s=timeout_s, frame=frame)

    def type(self, text: str) -> None:
        """Type into the focused element."""
        self.press(*text)

    def press(self, *chords: str) -> None:
        """Press keys one after another: a character, a name in `KEYS`, or `Shift+Tab`."""
        steps: list[dict[str, Any]] = []
        for chord in chords:
            names = chord.split("+") if len(chord) > 1 else [chord]
            keys = [KEYS.get(name, name) for name in names]
            steps += [{"type": "keyDown", "value": key} for key in keys]
            steps += [{"type": "keyUp", "value": key} for key in reversed(keys)]
        with self.window():
            self.act("key", steps)

    def focus(self) -> Focus | None:
        """Return the focused element of the page; `None` if the focus is outside the page."""
        if not self.chrome("return document.activeElement === gBrowser.selectedBrowser"):
            return None
        return Focus(*self.content(FOCUS))

    @property
    def tab(self) -> str:
        """The handle of the selected tab, for `select_tab`."""
        return str(self.send("WebDriver:GetWindowHandle"))

    @property
    def tabs(self) -> list[str]:
        """The handles of all tabs, in no particular order."""
        return [str(handle) for handle in self.send("WebDriver:GetWindowHandles")]

    def open_tab(self) -> str:
        """Open an empty tab in the same session, select it and return its handle."""
        handle = str(self.send("WebDriver:NewWindow", {"type": "tab", "focus": True})["handle"])
        self.select_tab(handle)
        return handle

    def select_tab(self, handle: str) -> None:
        """Bring a tab to the front; all other methods then use it."""
        self.send("WebDriver:SwitchToWindow", {"handle": handle, "focus": True})

    def close_tab(self) -> None:
        """Close the selected tab and select another one, if there is one."""
        for handle in self.send("WebDriver:CloseWindow")[:1]:
            self.select_tab(handle)

    def clear_session(self) -> None:
        """Reset to one empty tab without history, cookies and cache, as for a new visitor."""
        before, fresh = self.tabs, self.open_tab()
        for handle in before:
            self.select_tab(handle)
            self.close_tab()
        self.select_tab(fresh)
        self.chrome(CLEAR_SESSION)

    def set_viewport(self, width: int, height: int) -> None:
        """Set the exact size of the selected tab's page in pixels.

        Letterboxing rounds the size: disable it in the preferences of the profile.
        """
        self.chrome(VIEWPORT, width, height)
        size = [width, height]
        self.wait_for(lambda: self.content("return [innerWidth, innerHeight]") == size)

    def set_dark(self, dark: bool) -> None:
        """Emulate the dark or the light colour scheme."""
        scheme = "dark" if dark else "light"
        self.chrome(
            "gBrowser.selectedBrowser.browsingContext.prefersColorSchemeOverride = arguments[0]",
            scheme,
        )

    def set_direction(self, direction: str) -> None:
        """Set `dir` to `rtl` or `ltr` on the page and on all its frames."""
        self.content(SET_DIRECTION, direction)

    def screenshot(self, path: Path, *, full: bool = False) -> None:
        """Write a PNG of the tab, including its frames.

        Args:
            path: the file to write.
            full: the whole page instead of its visible part.
        """
        self.enter(None)
        png = self.send("WebDriver:TakeScreenshot", {"full": full, "hash": False})
        path.write_bytes(base64.b64decode(png))

    def accessibility_tree(self) -> list[tuple[str, str]]:
        """Return the roles and names of the page's accessibility tree, including frames, in order.

        Firefox builds the tree after the first request: call this inside `wait_for`.
        """
        return [(str(role), str(name)) for role, name in self.chrome(ACCESSIBILITY_TREE)]

    def _describe(self, frame: str | None) -> str:
        try:
            return f"{self.url} shows: {self.text(frame)!r}"
        except MarionetteError as error:
            return f"{self.url} has no text to show: {error}"


def _css(selector: str) -> dict[str, str]:
    return {"using": "css selector", "value": selector}
