"""Takes screenshots of every page: `make screenshots`.

The pages are loaded through the demo's onion service, in Firefox with the demo's profile, at the
sizes of a phone, with and without its keyboard, and of a desktop, in English and in Persian. Some
are also taken in the dark colour scheme.
"""

from __future__ import annotations

import sys
from pathlib import Path

from .conftest import Demo, end_demo, start_demo
from .marionette import Browser
from .people import open_firefox, press_enter, send_message, two_browsers

SIZES = {"keyboard": (360, 360), "phone": (360, 640), "desktop": (1200, 800)}
LANGUAGES = ("en", "fa")
SERVICE_PAGES = ("safety", "privacy", "help", "about", "cookies", "mine", "nowhere")

LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 2
MESSAGES = (
    (0, "hello"),
    (1, "hello! how was your day?"),
    (0, "long. I sat by the window and did not open the letter that came this morning"),
    (0, "سلام، می‌شنوی؟"),
    (1, "ဒီနေ့ ရာသီဥတု သာယာပါတယ်"),
    (1, "http://example.com/ is text here, not a link"),
    (0, LONG_WORD),
    (1, "🧑🏽‍🚀 that is a word"),
)


# Letterboxing rounds the sizes, and resistFingerprinting always reports the light scheme.
PREFS = {
    "privacy.resistFingerprinting.letterboxing": False,
    "privacy.resistFingerprinting": False,
}


class Album:
    """A folder of screenshots in one language.

    Args:
        folder: created if it is missing.
        language: of the pages; part of the file names.
    """

    def __init__(self, folder: Path, language: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.language = language
        self.taken = 0

    def take(self, person: Browser, name: str, *, dark: bool = False, full: bool = False) -> None:
        """Take a screenshot in each size.

        Args:
            person: whose page is taken.
            name: the first part of the file names.
            dark: also take it in the dark colour scheme.
            full: take the whole page instead of its visible part.
        """
        person.wait_for_styles()
        for size, (width, height) in SIZES.items():
            person.set_viewport(width, height)
            for is_dark in (False, True) if dark else (False,):
                person.set_dark(is_dark)
                scheme = "-dark" if is_dark else ""
                file = self._folder / f"{name}-{self.language}-{size}{scheme}.png"
                person.screenshot(file, full=full)
                self.taken += 1
        person.set_dark(False)

    def open(self, person: Browser, demo: Demo, path: str, until: str = "nav a") -> None:
        """Open a page in the album's language."""
        person.navigate(f"{demo.url}{path}?lang={self.language}", until)


def click_and_wait(person: Browser, css: str, until: str, frame: str | None = None) -> None:
    """Click an element, and wait until the element `until` appears."""
    person.find(css).click()
    person.wait_for_element(until, frame, timeout_s=30)


def take_pages_before_a_match(demo: Demo, album: Album) -> None:
    """Take the pages that a visitor sees before a match."""
    with open_firefox(demo, **PREFS) as person:
        album.open(person, demo, "")
        album.take(person, "door", dark=True)
        album.open(person, demo, "pair")
        album.take(person, "pair", full=True)
        for name in SERVICE_PAGES:
            album.open(person, demo, name)
            album.take(person, name, full=True)
        album.open(person, demo, "", "button")
        click_and_wait(person, "button[value=talk]", ".z")
        album.take(person, "wait", dark=True)
        person.navigate(f"{demo.url}mine", "select")
        album.take(person, "mine-waiting", full=True)
        person.navigate(f"{demo.url}wait", "form[action$=cancel]")
        click_and_wait(person, "form[action$=cancel] button", "button[value=talk]")
        click_and_wait(person, ".p button", "[aria-level]")
        album.take(person, "blank")


def match_in_language(demo: Demo, album: Album, first: Browser, second: Browser) -> None:
    """Match two visitors whose pages are in the album's language."""
    for person, intent in ((first, "talk"), (second, "listen")):
        album.open(person, demo, "", "button")
        click_and_wait(person, f"button[value={intent}]", ".z, iframe")
    for person in (first, second):
        person.wait_for_element("#m", "c", timeout_s=30)
        person.wait_for_element("[data-event=joined]", "l", timeout_s=30)


def take_pages_of_a_pair(demo: Demo, album: Album) -> None:
    """Take the pages of a conversation between two visitors."""
    with two_browsers(demo, **PREFS) as people:
        match_in_language(demo, album, *people)
        for sender, text in MESSAGES:
            people[sender].wait_for_element("#m", "c")
            send_message(people[sender], text)
        first, second = people
        first.wait_for_text("🧑", "l")
        album.take(first, "chat", dark=True)
        first.press("Tab", "Tab", "Enter")
        first.wait_for_element("textarea#m", "c")
        album.take(first, "chat-several-lines")
        first.press("Tab", "Tab", "Enter")
        first.wait_for_element("input#m", "c")
        press_enter(second, "c")
        album.take(second, "chat-refused")
        second.wait_for_element("#m", "c")
        second.type("w")
        second.find("#m", "c").run("arguments[0].value = 'word '.repeat(500)")
        press_enter(second, "c")
        album.take(second, "chat-too-long")
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
        click_and_wait(first, "form[action$='/again'] button", "output")
        album.take(first, "again")
        first.navigate(chat + "/wrong", "form")
        album.take(first, "wrong")
        first.navigate(f"{demo.url}mine", "select")
        album.take(first, "mine-talking", full=True)
        first.find("input[name=steady][value='5']").click()
        click_and_wait(
            first, "form[action$='/steady'] button", "input[name=steady][value='5']:checked"
        )
        first.navigate(chat, "iframe")
        first.wait_for_element(".m", "l")
        album.take(first, "chat-steady")
        click_and_wait(second, "form[action$='/leave'] button", "button[value=talk]")
        first.navigate(chat, "iframe")
        first.wait_for_element("[data-event=left]", "l")
        first.wait_for_element(".q", "c")
        album.take(first, "chat-left")


def take_pages_of_rooms(demo: Demo, album: Album) -> None:
    """Take the pages of rooms: the list, a private room, its members, a support room."""
    with two_browsers(demo, **PREFS) as (opener, guest):
        album.open(opener, demo, "rooms")
        album.take(opener, "rooms", dark=True, full=True)
        album.open(opener, demo, "rooms/new")
        album.take(opener, "room-new")
        opener.find("[name=title]").click()
        opener.type("Tea at five")
        click_and_wait(opener, "main form button", "output")
        album.take(opener, "room-invitation")
        code = str(opener.find("output").property("innerText")).split()[0]
        click_and_wait(opener, "output ~ p a, p a[href^='/chat/']", "#m", "c")
        album.open(guest, demo, "rooms")
        guest.find("[name=code]").click()
        guest.type(code)
        click_and_wait(guest, "form[action^='/invite'] button", "#m", "c")
        name = str(opener.find("header bdi").property("textContent"))
        send_message(opener, "my own words")
        send_message(guest, f"@{name} this is for you")
        send_message(guest, "/me waves")
        opener.wait_for_text("waves", "l")
        send_message(opener, "and more")
        album.take(opener, "room", dark=True)
        opener.find("button[name=to]", "c").click()
        opener.wait_for_element("[aria-pressed]", "c")
        album.take(opener, "room-name-pressed")
        opener.find("summary").click()
        album.take(opener, "room-header")
        opener.navigate(f"{opener.url}/people", "[name=who]")
        album.take(opener, "room-people", full=True)
        room = guest.url
        guest.navigate(f"{room}/people", "[name=who]")
        album.take(guest, "room-people-guest", full=True)
        opener.navigate(f"{opener.url}?remove=2", "[name=act][value^=remove]")
        album.take(opener, "room-remove", full=True)
        click_and_wait(opener, "[name=act][value^=remove]", "ol")
        guest.navigate(room, "main a")
        album.take(guest, "removed")
        opener.navigate(f"{opener.url.partition('?')[0]}?close=1", "[name=act][value=close]")
        album.take(opener, "room-close")
        opener.find("[name=act][value=close]").click()
        opener.wait_for(lambda: not opener.find_all("[name=act]"))
        opener.navigate(opener.url.partition("/people")[0], "iframe")
        opener.wait_for_element("[data-event=closed]", "l")
        opener.wait_for_element(".q", "c")
        album.take(opener, "room-closed")
        album.open(guest, demo, "rooms")
        click_and_wait(guest, "form[action^='/rooms/quiet/join'] button", "iframe")
        guest.navigate(f"{guest.url}/people", "ol")
        album.take(guest, "room-support", full=True)


def main(folder: Path) -> None:
    """Take all screenshots."""
    demo, taken = start_demo(), 0
    try:
        for language in LANGUAGES:
            album = Album(folder, language)
            for part in (take_pages_before_a_match, take_pages_of_a_pair, take_pages_of_rooms):
                part(demo, album)
            taken += album.taken
    finally:
        end_demo(demo.events)
    sys.stdout.write(f"{taken} screenshots in {folder}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
