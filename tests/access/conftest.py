"""One Firefox that may run scripts, and a folder with every page in every state.

The pages are files, so there is no Tor network here and no server. Their Content-Security-Policy
is a header, so it is not there either: axe runs as a script of the page.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from server.demo.firefox_profile import write_profile
from tests.e2e.marionette import Browser

from .states import LANGUAGES, all_states, conversation, stylesheet

PREFS = {
    "javascript.enabled": True,
    # The profile switches off what makes scripts fast.
    "javascript.options.baselinejit": True,
    "javascript.options.ion": True,
    "javascript.options.native_regexp": True,
    # Letterboxing rounds the sizes, and resistFingerprinting always reports the light scheme.
    "privacy.resistFingerprinting.letterboxing": False,
    "privacy.resistFingerprinting": False,
    # Otherwise each file is an origin of its own, and no script could look into a frame.
    "security.fileuri.strict_origin_policy": False,
    # Otherwise it depends on the machine whether Tab reaches boxes that can be scrolled.
    "accessibility.tabfocus": 7,
}

LOADED = """
const isLoaded = (view) => view.document.readyState === "complete" &&
  "axe" in view.wrappedJSObject;
return isLoaded(window) &&
  [...document.querySelectorAll("iframe")].every(frame => isLoaded(frame.contentWindow));
"""
ASK_FRAMES = b';axe.configure({allowedOrigins: ["<unsafe_all_origins>"]});'
"""Files have no origin, so axe would not ask the frames of a page."""

FOR_A_FILE = "<meta charset=utf-8><script src=axe.js></script>"

FRAME_CLASSES = ("l", "k")
"""On the body of a page that is only shown in a frame: the stream, and the composer."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as a file."""

    name: str
    """Its language and its state."""

    file: Path
    is_frame: bool = False
    is_dull: bool = False
    """Whether it has no stylesheet, so that the browser chooses its colours."""

    def open(self, browser: Browser) -> None:
        """Show the page, and wait until all of it is there."""
        browser.navigate(self.file.as_uri())
        browser.wait_for(lambda: browser.content(LOADED))


class Folder:
    """Pages as files, with the stylesheet and axe beside them.

    Args:
        folder: an empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "style.css").write_text(stylesheet(), encoding="utf-8")
        (folder / "axe.js").write_bytes(axe_file().read_bytes() + ASK_FRAMES)

    def write(self, name: str, page: str, stem: str, frames: str = "none") -> Page:
        """Write one page; its frames are pages of the same folder that are already there."""
        is_dull = "rel=stylesheet" not in page
        is_frame = any(f"<body class={name}>" in page for name in FRAME_CLASSES)
        page = re.sub(r"href=/\w+\.css", "href=style.css", page)
        page = re.sub(r"(<iframe name=(\w)[^>]*?) src=\S+", rf"\1 src={frames}-\2.html", page)
        page = re.sub(r"<html[^>]*>", rf"\g<0>{FOR_A_FILE}", page)
        # A field must not take the focus while a test presses Tab.
        page = page.replace(" autofocus", "")
        file = self._folder / f"{stem}.html"
        file.write_text(page, encoding="utf-8")
        return Page(name, file, is_frame, is_dull)


def axe_file() -> Path:
    """The file of axe-core, in the package that carries it, which is not imported."""
    found = find_spec("axe_playwright_python")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).with_name("axe.min.js")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """The folder of all pages."""
    return Folder(tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="session")
def chats(folder: Folder) -> dict[str, Page]:
    """Language -> a chat page with its two frames."""
    written = {}
    for language in LANGUAGES:
        chat, stream, composer = asyncio.run(conversation(language))
        folder.write("", stream, f"{language}-l")
        folder.write("", composer, f"{language}-c")
        name = f"{language} chat with its frames"
        written[language] = folder.write(name, chat, f"{language}-chat", frames=language)
    return written


@pytest.fixture(scope="session")
def pages(folder: Folder, chats: dict[str, Page]) -> list[Page]:
    """Every page in every state and language."""
    return [
        folder.write(f"{language} {name}", page, f"{language}-{number}", frames=language)
        for language in LANGUAGES
        for number, (name, page) in enumerate(asyncio.run(all_states(language)).items())
    ]


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Firefox without a network."""
    profile = tmp_path_factory.mktemp("profile")
    write_profile(profile, "127.0.0.1:9")
    with Browser(profile, prefs=PREFS) as browser:
        yield browser
