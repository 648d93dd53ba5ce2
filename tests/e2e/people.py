"""Two people in Firefox at the Safest settings, who reach the house through tor."""

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
"""For a first page: now and then a client's tor hangs for two minutes on circuits that are gone."""


@contextmanager
def firefox(demo: Demo, **prefs: bool) -> Iterator[Browser]:
    """A Firefox of one person's own, prepared as the demo prepares it."""
    profile = Path(tempfile.mkdtemp(prefix="sottovoce-firefox-"))
    write_profile(profile, demo.socks)
    with Browser(profile, prefs=prefs) as browser:
        yield browser


@contextmanager
def two(demo: Demo, **prefs: bool) -> Iterator[tuple[Browser, Browser]]:
    """Two people, each with a Firefox of their own."""
    with firefox(demo, **prefs) as first, firefox(demo, **prefs) as second:
        yield first, second


def meet(demo: Demo, first: Browser, second: Browser) -> None:
    """Let one wait, and the other come."""
    first.navigate(demo.url, "button")
    first.find("button[value=talk]").click()
    first.wait_for_text("Connected and waiting", timeout_s=PATIENCE_S)
    second.navigate(demo.url, "button")
    second.find("button[value=listen]").click()
    for person in (first, second):
        person.wait_for_element("#m", "c", timeout_s=PATIENCE_S)
        person.wait_for_element("[data-event=joined]", "l", timeout_s=PATIENCE_S)


def say(person: Browser, text: str) -> None:
    """Type and press Enter; wait until the field is empty and has the focus again."""
    person.type(text)
    send(person, "c")
    person.wait_for(partial(is_in_empty_field, person))


def send(person: Browser, frame: str | None) -> None:
    """Press Enter; whoever is told to speak more slowly presses it again, as its user would."""
    press_enter(person, frame)
    while person.find_all("[role=alert]", frame):
        # The page is there a moment before its field has the focus.
        person.wait_for(lambda: getattr(person.focus(), "id", "") == "m")
        press_enter(person, frame)


def press_enter(person: Browser, frame: str | None) -> None:
    """Press Enter in the composer's field, and wait for the composer that answers."""
    before = person.find("#m", frame).reference
    person.press("Enter")
    person.wait_for(lambda: person.find("#m", frame).reference != before, timeout_s=20)


def is_in_empty_field(person: Browser) -> bool:
    """Whether the next key would begin a new message."""
    focus = person.focus()
    return (
        focus is not None
        and (focus.id, focus.frame) == ("m", "c")
        and person.find("#m", "c").property("value") == ""
    )
