"""Takes screenshots of every page: `make screenshots`.

Through the demo's onion, in Firefox as the demo prepares it, in the widths of a phone and of a
desktop, in English and in Persian, the first pages also in the dark.
"""

from __future__ import annotations

import sys
from pathlib import Path

from .conftest import Demo, end_demo, start_demo
from .marionette import Browser
from .people import firefox, press_enter, say, two

SIZES = {"phone": (360, 740), "desktop": (1200, 800)}
LANGUAGES = ("en", "fa")
HOUSE_PAGES = ("safety", "privacy", "help", "about", "cookies", "mine", "nowhere")

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


# Letterboxing would round the sizes, and with resistFingerprinting no page is dark.
PREFS = {
    "privacy.resistFingerprinting.letterboxing": False,
    "privacy.resistFingerprinting": False,
}


class Album:
    """A folder of screenshots.

    Args:
        folder: made when it is not there.
        language: of the pages; stands in the names of the files.
    """

    def __init__(self, folder: Path, language: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.language = language
        self.taken = 0

    def take(self, person: Browser, name: str, *, dark: bool = False, full: bool = False) -> None:
        """Take one in each size; `dark`: also in the dark scheme; `full`: of the whole page."""
        person.wait_for_styles()
        for size, (width, height) in SIZES.items():
            person.set_viewport(width, height)
            for light in (False, True) if dark else (False,):
                person.set_dark(light)
                shade = "-dark" if light else ""
                file = self._folder / f"{name}-{self.language}-{size}{shade}.png"
                person.screenshot(file, full=full)
                self.taken += 1
        person.set_dark(False)

    def open(self, person: Browser, demo: Demo, path: str, until: str = "nav a") -> None:
        """Open a page in the language of the album."""
        person.navigate(f"{demo.url}{path}?lang={self.language}", until)


def follow(person: Browser, css: str, until: str, frame: str | None = None) -> None:
    """Press something, and wait for what comes of it."""
    person.find(css).click()
    person.wait_for_element(until, frame, timeout_s=30)


def alone(demo: Demo, album: Album) -> None:
    """The pages before a match."""
    with firefox(demo, **PREFS) as person:
        album.open(person, demo, "")
        album.take(person, "door", dark=True)
        album.open(person, demo, "pair")
        album.take(person, "pair", full=True)
        for name in HOUSE_PAGES:
            album.open(person, demo, name)
            album.take(person, name, full=True)
        album.open(person, demo, "", "button")
        follow(person, "button[value=talk]", ".z")
        album.take(person, "wait", dark=True)
        person.navigate(f"{demo.url}mine", "select")
        album.take(person, "mine-waiting", full=True)
        person.navigate(f"{demo.url}wait", "form[action$=cancel]")
        follow(person, "form[action$=cancel] button", "button[value=talk]")
        follow(person, ".p button", "body > p")
        album.take(person, "blank")


def meet_in(demo: Demo, album: Album, first: Browser, second: Browser) -> None:
    """Match two visitors, both with pages in the language of the album."""
    for person, intent in ((first, "talk"), (second, "listen")):
        album.open(person, demo, "", "button")
        follow(person, f"button[value={intent}]", ".z, iframe")
    for person in (first, second):
        person.wait_for_element("#m", "c", timeout_s=30)
        person.wait_for_element("[data-event=joined]", "l", timeout_s=30)


def gather(demo: Demo, album: Album) -> None:
    """The pages of a conversation between two."""
    with two(demo, **PREFS) as people:
        meet_in(demo, album, *people)
        for who, text in SAID:
            people[who].wait_for_element("#m", "c")
            say(people[who], text)
        first, second = people
        first.wait_for_text("🧑", "l")
        album.take(first, "chat", dark=True)
        first.press("Tab", "Tab", "Enter")
        first.wait_for_element("textarea#m", "c")
        album.take(first, "chat-several-lines")
        press_enter(second, "c")
        album.take(second, "chat-refused")
        chat = first.url
        first.navigate(chat + "/plain", "#m")
        album.take(first, "plain", dark=True, full=True)
        first.find("#m").click()
        press_enter(first, None)
        album.take(first, "plain-refused", full=True)
        first.navigate(chat + "/plain?after=1&every=300", ".m")
        album.take(first, "refresh", full=True)
        first.navigate(chat + "/people", "ol")
        album.take(first, "more", full=True)
        follow(first, "form[action$='/again'] button", "output")
        album.take(first, "again")
        first.navigate(chat + "/wrong", "form")
        album.take(first, "wrong")
        first.navigate(f"{demo.url}mine", "select")
        album.take(first, "mine-talking", full=True)
        first.find("input[name=steady][value='5']").click()
        follow(first, "form[action$='/steady'] button", "input[name=steady][value='5']:checked")
        first.navigate(chat, "iframe")
        first.wait_for_element(".m", "l")
        album.take(first, "chat-steady")
        follow(second, "form[action$='/leave'] button", "button[value=talk]")
        first.navigate(chat, "iframe")
        first.wait_for_element("[data-event=left]", "l")
        first.wait_for_element(".q", "c")
        album.take(first, "chat-left")


def in_rooms(demo: Demo, album: Album) -> None:
    """The pages of rooms: the list, a private room, its people, a support room."""
    with two(demo, **PREFS) as (opener, guest):
        album.open(opener, demo, "rooms")
        album.take(opener, "rooms", dark=True, full=True)
        album.open(opener, demo, "rooms/new")
        album.take(opener, "room-new")
        opener.find("[name=title]").click()
        opener.type("Tea at five")
        follow(opener, "main form button", "output")
        album.take(opener, "room-invitation")
        code = str(opener.find("output").property("innerText")).split()[0]
        follow(opener, "output ~ p a, p a[href^='/chat/']", "#m", "c")
        album.open(guest, demo, "rooms")
        guest.find("[name=code]").click()
        guest.type(code)
        follow(guest, "form[action^='/invite'] button", "#m", "c")
        name = str(opener.find("header bdi").property("textContent"))
        say(opener, "my own words")
        say(guest, f"@{name} this is for you")
        say(guest, "/me waves")
        opener.wait_for_text("waves", "l")
        album.take(opener, "room", dark=True)
        follow(opener, "header nav a:last-child", "[name=who]")
        album.take(opener, "room-people", full=True)
        follow(guest, "header nav a:last-child", "[name=who]")
        album.take(guest, "room-people-guest", full=True)
        album.open(guest, demo, "rooms")
        follow(guest, "form[action^='/rooms/quiet/join'] button", "header nav a:last-child")
        follow(guest, "header nav a:last-child", "ol")
        album.take(guest, "room-support", full=True)


def main(folder: Path) -> None:
    """Take all screenshots."""
    demo, taken = start_demo(), 0
    try:
        for language in LANGUAGES:
            album = Album(folder, language)
            for part in (alone, gather, in_rooms):
                part(demo, album)
            taken += album.taken
    finally:
        end_demo(demo)
    sys.stdout.write(f"{taken} pictures in {folder}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
