"""Pictures of every page, to be looked at: `make screenshots`.

Through the demo's onion, in Firefox as the demo prepares it, in the widths of a phone and of a
desktop, light and dark, in both text directions.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from .conftest import Demo, end_demo, start_demo
from .marionette import Browser
from .people import firefox, pair, press_enter, say

SIZES = {"phone": (360, 740), "desktop": (1200, 800)}
HOUSE_PAGES = ("safety", "privacy", "help", "about", "nowhere")

LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 2
SAID = (
    (0, "hello"),
    (1, "hello! how was your day?"),
    (0, "long. I sat by the window and did not open the letter that came this morning"),
    (0, "سلام، می‌شنوی؟"),
    (1, "ဒီနေ့ ရာသီဥတု သာယာပါတယ်"),
    (1, "http://example.com/ is text here, not a link"),
    (0, LONG_WORD),
    (1, "🧑🏽‍🚀 that is a word"),
)


# Letterboxing would round the sizes, and who resists fingerprinting is never dark.
PREFS = {
    "privacy.resistFingerprinting.letterboxing": False,
    "privacy.resistFingerprinting": False,
}


class Album:
    """A folder of pictures.

    Args:
        folder: made when it is not there.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.taken = 0

    def take(
        self, person: Browser, name: str, *, sides: Sequence[str] = ("ltr",), dark: bool = False
    ) -> None:
        """A picture in each size and text direction; with `dark`, in both lights."""
        person.wait_for_styles()
        for size, (width, height) in SIZES.items():
            person.set_viewport(width, height)
            for side in sides:
                person.set_direction(side)
                for light in (False, True) if dark else (False,):
                    person.set_dark(light)
                    shade = "dark" if light else "light"
                    person.screenshot(self._folder / f"{name}-{size}-{side}-{shade}.png")
                    self.taken += 1
        person.set_dark(False)
        person.set_direction("ltr")


def alone(demo: Demo, album: Album) -> None:
    """What one sees before there is anybody."""
    both = ("ltr", "rtl")
    with firefox(demo, **PREFS) as person:
        person.navigate(demo.url, "nav a")
        album.take(person, "door", sides=both, dark=True)
        person.navigate(demo.url + "pair", "nav a")
        album.take(person, "pair")
        for name in HOUSE_PAGES:
            person.navigate(demo.url + name, "nav a")
            album.take(person, name)
        person.navigate(demo.url, "button")
        person.find("button[value=talk]").click()
        person.wait_for_text("Listening now", timeout_s=30)
        album.take(person, "wait", sides=both, dark=True)
        person.find("form[action$=cancel] button").click()
        person.wait_for_element("button[value=talk]")


def together(demo: Demo, album: Album) -> None:
    """What two see."""
    both = ("ltr", "rtl")
    with pair(demo, **PREFS) as people:
        for who, text in SAID:
            people[who].wait_for_element("#m", "c")
            say(people[who], text)
        first, second = people
        first.wait_for_text("that is a word", "l")
        album.take(first, "chat", sides=both, dark=True)
        first.press("Tab", "Tab", "Enter")
        first.wait_for_element("textarea#m", "c")
        album.take(first, "chat-several-lines")
        press_enter(second, "c")
        album.take(second, "chat-refused")
        chat = first.url
        first.navigate(chat + "/plain", "#m")
        album.take(first, "plain", sides=both, dark=True)
        first.find("#m").click()
        press_enter(first, None)
        album.take(first, "plain-refused")
        second.find("form[action$='/leave'] button").click()
        second.wait_for_element("button[value=talk]")
        first.navigate(chat, "iframe")
        first.wait_for_text("has left", "l")
        first.wait_for_text("has left", "c")
        album.take(first, "chat-left")


def in_rooms(demo: Demo, album: Album) -> None:
    """What several see: the list, a room of one's own, who is in it, a room for support."""
    with firefox(demo, **PREFS) as opener, firefox(demo, **PREFS) as guest:
        opener.navigate(demo.url + "rooms", "nav a")
        album.take(opener, "rooms", sides=("ltr", "rtl"), dark=True)
        opener.navigate(demo.url + "rooms/new", "nav a")
        album.take(opener, "room-new")
        opener.find("[name=title]").click()
        opener.type("Tea at five")
        opener.find("main button").click()
        opener.wait_for_element("output")
        album.take(opener, "room-invitation")
        code = str(opener.find("output").property("innerText")).split()[0]
        opener.find("main a").click()
        opener.wait_for_element("#m", "c")
        guest.navigate(demo.url + "rooms", "nav a")
        guest.find("[name=code]").click()
        guest.type(code)
        guest.find("form[action='/invite'] button").click()
        guest.wait_for_element("#m", "c")
        name = str(opener.find("header bdi").property("textContent"))
        say(opener, "my own words")
        say(guest, f"@{name} this is for you")
        say(guest, "/me waves")
        opener.wait_for_text("waves", "l")
        album.take(opener, "room", sides=("ltr", "rtl"), dark=True)
        opener.find("header nav a:last-child").click()
        opener.wait_for_element("[name=who]")
        album.take(opener, "room-people", sides=("ltr", "rtl"))
        guest.navigate(demo.url + "rooms", "nav a")
        guest.find("form[action='/rooms/quiet/join'] button").click()
        guest.wait_for_element("header nav a:last-child")
        guest.find("header nav a:last-child").click()
        guest.wait_for_element("ol")
        album.take(guest, "room-support")


def main(folder: Path) -> None:
    """Take them all."""
    album, demo = Album(folder), start_demo()
    try:
        alone(demo, album)
        together(demo, album)
        in_rooms(demo, album)
    finally:
        end_demo(demo)
    sys.stdout.write(f"{album.taken} pictures in {folder}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
