"""Panic in Firefox: it covers the page before the server answers, and the page cannot come back."""

from __future__ import annotations

import os
import signal
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from server.doctor.running_server import listening_process

from .conftest import Demo, ThreeBrowsers
from .marionette import DOCUMENT_ID, Browser
from .people import match_visitors, send_message

pytestmark = [pytest.mark.tor, pytest.mark.slow]

# The cover of the button is on top at all these points: the corners, and within both frames.
COVERED = """
const [right, bottom] = [innerWidth - 2, innerHeight - 2];
const points = [[1, 1], [right, 1], [1, bottom], [right, bottom], [right / 2, bottom / 2],
                [right / 2, bottom - 90]];
return points.every(([x, y]) => document.elementFromPoint(x, y)?.closest(".p") != null);
"""


REQUEST_AGAIN = """
const frame = document.querySelector(`[name=${arguments[0]}]`);
frame.src = location.pathname + arguments[1];
"""


@pytest.fixture
def pair(demo: Demo, visitors_in_firefox: ThreeBrowsers) -> tuple[Browser, Browser]:
    """Two visitors who have just been matched."""
    first, second, _ = visitors_in_firefox
    match_visitors(demo, first, second)
    return first, second


def is_covered(person: Browser) -> bool:
    return bool(person.content(COVERED))


@contextmanager
def web_process_stopped(demo: Demo) -> Iterator[None]:
    """Stop the web process while the block runs, so that it does not answer."""
    web = listening_process(demo.admin_socket)
    assert web is not None
    os.kill(web, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(web, signal.SIGCONT)


def test_panic_covers_the_page_before_the_server_answers(
    demo: Demo, pair: tuple[Browser, Browser]
) -> None:
    first, second = pair
    send_message(first, "what nobody may see")
    chat = first.url
    assert not is_covered(first)
    with web_process_stopped(demo):
        first.find(".p button").click()
        first.wait_for(lambda: is_covered(first))
        # The mouse button is released, and no answer has arrived.
        assert first.url == chat
    first.wait_for_text("This page is empty.", timeout_s=20)
    second.wait_for_text("has left", "l", timeout_s=20)


def stands_on_panic(person: Browser) -> bool:
    """Whether the button has the focus, and shows it."""
    return bool(person.content("return document.querySelector('.p button:focus-visible') != null"))


def go_to_panic(person: Browser) -> None:
    """Press Tab in the field until the button, the last of the page, has the focus."""
    for _ in range(len(person.find_all("button")) + len(person.find_all("button", "c"))):
        person.press("Tab")
        if stands_on_panic(person):
            return
    person.wait_for(lambda: stands_on_panic(person))


def picture(person: Browser, folder: Path) -> bytes:
    """What a person sees now."""
    person.screenshot(folder / "page.png")
    return (folder / "page.png").read_bytes()


def test_focus_on_panic_shows_a_ring_and_covers_nothing(
    pair: tuple[Browser, Browser], tmp_path: Path
) -> None:
    first, _ = pair
    send_message(first, "what everybody may see")
    without = picture(first, tmp_path)
    go_to_panic(first)
    assert not is_covered(first)
    ring = first.find(".p button")
    assert (ring.style("outline-style"), ring.style("outline-width")) != ("none", "0px")
    assert "what everybody may see" in first.text("l")
    assert picture(first, tmp_path) != without
    first.press("Shift+Tab")
    first.wait_for(lambda: not stands_on_panic(first))


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_key_covers_the_page_before_the_server_answers(
    demo: Demo, pair: tuple[Browser, Browser], tmp_path: Path, key: str
) -> None:
    first, second = pair
    send_message(first, "what nobody may see")
    chat = first.url
    go_to_panic(first)
    with web_process_stopped(demo):
        first.press(key)
        first.wait_for(lambda: is_covered(first))
        assert first.url == chat
        # Nothing but one colour: no words, and no frame shines through.
        first.screenshot(tmp_path / "covered.png")
        assert len(colours(tmp_path / "covered.png")) == 1
    first.wait_for_text("This page is empty.", timeout_s=20)
    second.wait_for_text("has left", "l", timeout_s=20)


def colours(png: Path) -> set[bytes]:
    """The colours of the pixels of a PNG without interlacing, with 8 bits a channel."""
    data, at, packed = png.read_bytes(), 8, b""
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    assert depth == 8
    channels = {2: 3, 6: 4}[kind]
    while at < len(data):
        (length,), name = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        packed += data[at + 8 : at + 8 + length] if name == b"IDAT" else b""
        at += length + 12
    raw, row = zlib.decompress(packed), width * channels
    found, above = set[bytes](), bytes(row)
    for number in range(height):
        begin = number * (row + 1)
        above = unfiltered(raw[begin], raw[begin + 1 : begin + 1 + row], above, channels)
        found.update(above[i : i + channels] for i in range(0, row, channels))
    return found


def unfiltered(kind: int, line: bytes, above: bytes, channels: int) -> bytes:
    """One row of pixels. Source: PNG (Third Edition), filtering."""
    made = bytearray()
    for i, value in enumerate(line):
        left = made[i - channels] if i >= channels else 0
        corner = above[i - channels] if i >= channels else 0
        guess = left + above[i] - corner
        paeth = min((left, above[i], corner), key=lambda one: abs(guess - one))
        made.append((value + (0, left, above[i], (left + above[i]) // 2, paeth)[kind]) % 256)
    return bytes(made)


def is_dull(person: Browser, path: str) -> bool:
    """Whether this path shows the dull page, and nothing asks anything."""
    asks = person.chrome("return gBrowser.selectedBrowser.tabDialogBox?.getTabDialogManager()"
                         ".dialogs.length > 0")  # fmt: skip
    text = "This page is empty. It may have expired. Start page"
    return not asks and person.url.endswith(path) and " ".join(person.text().split()) == text


def document(person: Browser) -> int:
    """The number of the document that the tab shows."""
    return int(person.chrome(DOCUMENT_ID) or 0)


def has_new_dull_page(person: Browser, path: str, before: int) -> bool:
    return document(person) != before and is_dull(person, path)


def test_back_forward_and_reload_after_panic_show_the_dull_page(
    pair: tuple[Browser, Browser],
) -> None:
    first, _ = pair
    first.navigate(first.url + "/plain", "#m")
    first.find(".p button").click()
    first.wait_for(lambda: is_dull(first, "/blank"), timeout_s=20)
    assert first.title == "Empty"
    # `false`: also to pages on which the visitor has pressed nothing, which the button passes over.
    for step, path in (
        ("reload()", "/blank"),
        ("goBack(false)", "/plain"),
        ("reload()", "/plain"),
        ("goForward(false)", "/blank"),
        ("reload()", "/blank"),
    ):
        before = document(first)
        first.chrome(f"gBrowser.selectedBrowser.{step}")
        first.wait_for(partial(has_new_dull_page, first, path, before), timeout_s=20)


def has_dull_frame(person: Browser, frame: str, path: str) -> bool:
    at = str(person.content("return location.pathname", frame=frame))
    return at.endswith(path) and "This page is empty." in person.text(frame)


def test_forgotten_session_leaves_the_dull_page_in_the_frames_and_a_way_on(
    demo: Demo, pair: tuple[Browser, Browser]
) -> None:
    # Without a session, as after a restart of the web process.
    first, _ = pair
    chat_tab = first.tab
    first.select_tab(first.open_tab())
    first.navigate(demo.url, ".p button")
    first.find(".p button").click()
    first.wait_for(lambda: is_dull(first, "/blank"), timeout_s=20)
    first.select_tab(chat_tab)
    first.wait_for_text("This page is empty.", "l", timeout_s=20)
    for frame, path in (("l", "/live"), ("c", "/composer")):
        first.content(REQUEST_AGAIN, frame, path)
        first.wait_for(partial(has_dull_frame, first, frame, path), timeout_s=20)
    first.find("a", "l").click()
    first.wait_for(lambda: first.url == demo.url and first.find("button[value=talk]"), timeout_s=20)


def test_back_and_reload_show_nothing_and_other_tabs_go_blank(
    pair: tuple[Browser, Browser],
) -> None:
    first, _ = pair
    send_message(first, "what nobody may see")
    chat, chat_tab = first.url, first.tab
    first.select_tab(first.open_tab())
    first.navigate(chat + "/plain", "#m")
    first.find(".p button").click()
    first.wait_for_text("This page is empty.", timeout_s=20)
    first.back()
    first.wait_for(lambda: is_dull(first, "/plain"), timeout_s=20)
    assert "what nobody may see" not in first.source()
    first.select_tab(chat_tab)
    first.wait_for_text("This page is empty.", "l", timeout_s=20)
    assert "what nobody may see" not in first.source("l")
