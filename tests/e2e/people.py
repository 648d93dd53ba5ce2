"""Visitors in Firefox with the Safest settings, connected through tor."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from server.demo.firefox_profile import write_profile

from .marionette import Browser

if TYPE_CHECKING:
    from .conftest import Demo

PATIENCE_S = 150.0
"""Limit for a first page: sometimes a client's tor waits two minutes on closed circuits."""


@contextmanager
def open_firefox(demo: Demo, **prefs: bool) -> Iterator[Browser]:
    """Start a Firefox for one visitor, with the profile that the demo writes."""
    profile = Path(tempfile.mkdtemp(prefix="sottovoce-firefox-"))
    write_profile(profile, demo.socks)
    with Browser(profile, prefs=prefs) as browser:
        yield browser


@contextmanager
def two_browsers(demo: Demo, **prefs: bool) -> Iterator[tuple[Browser, Browser]]:
    """Start a Firefox for each of two visitors."""
    with open_firefox(demo, **prefs) as first, open_firefox(demo, **prefs) as second:
        yield first, second


def match_visitors(demo: Demo, first: Browser, second: Browser) -> None:
    """Match two visitors: the first one waits, then the second one arrives."""
    first.navigate(demo.url, "button")
    first.find("button[value=talk]").click()
    first.wait_for_text("Connected and waiting", timeout_s=PATIENCE_S)
    second.navigate(demo.url, "button")
    second.find("button[value=listen]").click()
    for person in (first, second):
        person.wait_for_element("#m", "c", timeout_s=PATIENCE_S)
        person.wait_for_element("[data-event=joined]", "l", timeout_s=PATIENCE_S)


def send_message(person: Browser, text: str) -> None:
    """Type a message and press Enter; wait until the field is empty and has the focus again."""
    person.type(text)
    submit(person, "c")
    person.wait_for(partial(has_focus_in_empty_field, person))


def submit(person: Browser, frame: str | None) -> None:
    """Press Enter, and again as long as the answer asks to slow down, as a visitor would."""
    press_enter(person, frame)
    while person.find_all("[role=alert]", frame):
        # The page appears a moment before its field gets the focus.
        person.wait_for(lambda: getattr(person.focus(), "id", "") == "m")
        press_enter(person, frame)


def press_enter(person: Browser, frame: str | None) -> None:
    """Press Enter in the composer's field, and wait for a new composer."""
    before = person.find("#m", frame).reference
    person.press("Enter")
    person.wait_for(lambda: person.find("#m", frame).reference != before, timeout_s=20)


def has_focus_in_empty_field(person: Browser) -> bool:
    """Whether the composer's field is empty and has the focus."""
    focus = person.focus()
    return (
        focus is not None
        and (focus.id, focus.frame) == ("m", "c")
        and person.find("#m", "c").property("value") == ""
    )
