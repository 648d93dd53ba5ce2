"""An element of a page: its visible state, and clicks on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.e2e.firefox import ELEMENT_KEY, Firefox


@dataclass(frozen=True, slots=True)
class Element:
    """An element found in a page. It becomes stale when its document is unloaded."""

    browser: Firefox
    reference: str
    frame: str | None

    @property
    def text(self) -> str:
        """The visible text."""
        return str(self._ask("WebDriver:GetElementText"))

    @property
    def displayed(self) -> bool:
        """Whether the element is visible, if necessary after scrolling."""
        return bool(self._ask("WebDriver:IsElementDisplayed"))

    def attribute(self, name: str) -> str | None:
        """Return an attribute as the document has it; `None` if it is missing."""
        value = self.run("return arguments[0].getAttribute(arguments[1])", name)
        return None if value is None else str(value)

    def property(self, name: str) -> Any:  # noqa: ANN401
        """Return the current value of a property, such as the `value` of a field."""
        return self._ask("WebDriver:GetElementProperty", name=name)

    def style(self, name: str) -> str:
        """Return the computed value of a CSS property."""
        return str(self._ask("WebDriver:GetElementCSSValue", propertyName=name))

    def click(self) -> None:
        """Scroll the element into view, and press and release the mouse on its centre.

        Waits for the stylesheets first: on a slow connection they arrive after the text, and then
        the element moves.
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
