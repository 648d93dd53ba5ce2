"""An element of a page, as a reader sees it and clicks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.e2e.firefox import ELEMENT_KEY, Firefox


@dataclass(frozen=True, slots=True)
class Element:
    """An element that was found in a page; stale once its document is gone."""

    browser: Firefox
    reference: str
    frame: str | None

    @property
    def text(self) -> str:
        """The text as a reader sees it."""
        return str(self._ask("WebDriver:GetElementText"))

    @property
    def displayed(self) -> bool:
        """Whether a reader could see it, after scrolling if need be."""
        return bool(self._ask("WebDriver:IsElementDisplayed"))

    def attribute(self, name: str) -> str | None:
        """The attribute as it is in the page, None where there is none."""
        value = self.run("return arguments[0].getAttribute(arguments[1])", name)
        return None if value is None else str(value)

    def property(self, name: str) -> Any:  # noqa: ANN401
        """The property as it is now, such as the `value` of a field."""
        return self._ask("WebDriver:GetElementProperty", name=name)

    def style(self, name: str) -> str:
        """The computed value of a CSS property."""
        return str(self._ask("WebDriver:GetElementCSSValue", propertyName=name))

    def click(self) -> None:
        """Press and release the mouse on the middle of it, scrolled into view if need be.

        On a slow connection the stylesheet arrives after the text, and the element then moves.
        """
        self.browser.wait_for_styles(self.frame)
        self.run("arguments[0].scrollIntoView({block: 'nearest', inline: 'nearest'})")
        # A real mouse would take the focus away from the browser's own buttons.
        self.browser.chrome("gBrowser.selectedBrowser.focus()")
        origin = {ELEMENT_KEY: self.reference}
        self.browser.enter(self.frame)
        self.browser.act(
            "pointer",
            [
                {"type": "pointerMove", "duration": 0, "x": 0, "y": 0, "origin": origin},
                {"type": "pointerDown", "button": 0},
                {"type": "pointerUp", "button": 0},
            ],
        )

    def run(self, script: str, *args: Any) -> Any:  # noqa: ANN401
        """Run a script in its frame, with the element as the first argument."""
        return self.browser.content(script, {ELEMENT_KEY: self.reference}, *args, frame=self.frame)

    def _ask(self, command: str, **params: Any) -> Any:  # noqa: ANN401
        self.browser.enter(self.frame)
        return self.browser.send(command, {"id": self.reference, **params})
