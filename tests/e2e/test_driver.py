"""The driver reads, types and clicks in pages and frames whose scripts are disabled."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.demo.firefox_profile import preferences, write_profile
from tests.e2e.marionette import Browser, Focus, MarionetteError, WaitError

pytestmark = pytest.mark.slow

PAGE = """<!doctype html><html lang=en><meta charset=utf-8><title>Two frames</title>
<style>body{margin:0} iframe{display:block;border:0}</style>
<h1>Outer</h1><p id=ran>scripts are off</p>
<iframe name=l src=l.html></iframe><iframe name=c src=c.html></iframe>
<a id=again href=l2.html target=l>Reconnect</a>
<script>document.getElementById("ran").textContent = "a script ran"</script>"""

FRAMES = {
    "l.html": "<p class=m data-seq=1>first</p><p class=m data-seq=2 hidden>second</p>",
    "l2.html": "<p class=m data-seq=3>third</p>",
    "c.html": "<form action=c.html><input id=m name=text><button id=send>Send</button></form>",
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    profile = tmp_path_factory.mktemp("profile")
    write_profile(profile, "127.0.0.1:9")
    # Letterboxing rounds the size of the page, but a test needs exact sizes.
    with Browser(profile, prefs={"privacy.resistFingerprinting.letterboxing": False}) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Browser:
    for name, body in FRAMES.items():
        head = "<!doctype html><meta charset=utf-8>"
        (tmp_path / name).write_text(head + body, encoding="utf-8")
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    browser.navigate((tmp_path / "page.html").as_uri(), "h1")
    browser.wait_for_text("first", "l")
    browser.wait_for_element("#send", "c")
    return browser


def test_scripts_of_the_page_do_not_run(page: Browser) -> None:
    assert page.find("#ran").text == "scripts are off"
    assert page.title == "Two frames"


def test_elements_of_a_frame_are_found_with_text_and_attributes(page: Browser) -> None:
    first, second = page.find_all(".m", "l")
    assert (first.text, first.attribute("data-seq"), first.displayed) == ("first", "1", True)
    assert (second.attribute("data-seq"), second.displayed) == ("2", False)
    assert "second" not in page.text("l")
    assert "second" in page.source("l")
    with pytest.raises(MarionetteError):
        page.find(".m")


def test_tab_key_moves_the_focus_across_frames(page: Browser) -> None:
    page.find("#m", "c").click()
    page.wait_for(lambda: page.focus() == Focus("input", "m", "text", "c"))
    page.type("héllo + سلام")
    page.wait_for(lambda: page.find("#m", "c").property("value") == "héllo + سلام")
    page.press("Tab", "Tab")
    page.wait_for(lambda: page.focus() == Focus("a", "again", "", None))
    page.press("Shift+Tab")
    page.wait_for(lambda: page.focus() == Focus("button", "send", "", "c"))


def test_clicked_link_loads_into_its_target_frame(page: Browser) -> None:
    page.find("#again").click()
    page.wait_for_text("third", "l")
    page.back()
    page.wait_for_text("first", "l")


def test_enter_submits_the_form(page: Browser) -> None:
    page.find("#m", "c").click()
    page.type("x")
    page.press("Enter")
    read_query = "return location.search"
    page.wait_for(lambda: page.content(read_query, frame="c") == "?text=x", frame="c")


def test_failed_wait_reports_the_text_of_the_frame(page: Browser) -> None:
    with pytest.raises(WaitError, match="first"):
        page.wait_for_text("never", "l", timeout_s=0.1)


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1200, 800)])
def test_screenshot_has_the_size_of_the_viewport(
    page: Browser, tmp_path: Path, width: int, height: int
) -> None:
    page.set_viewport(width, height)
    page.screenshot(tmp_path / "page.png")
    png = (tmp_path / "page.png").read_bytes()
    assert struct.unpack(">II", png[16:24]) == (width, height)


def test_direction_is_set_in_every_frame(page: Browser) -> None:
    page.set_direction("rtl")
    read = "return getComputedStyle(document.documentElement).direction"
    assert [page.content(read, frame=frame) for frame in (None, "l", "c")] == ["rtl"] * 3


def test_accessibility_tree_includes_the_frames(page: Browser) -> None:
    page.wait_for(lambda: ("text leaf", "first") in page.accessibility_tree())
    assert ("heading", "Outer") in page.accessibility_tree()


def test_new_tab_is_a_separate_page(page: Browser) -> None:
    first = page.tab
    page.open_tab()
    page.navigate("data:text/html,<title>Other</title><p id=other>other", "#other")
    assert page.title == "Other"
    page.close_tab()
    assert page.tabs == [first]
    assert page.find("h1").text == "Outer"


def test_two_browsers_run_at_once_and_leave_nothing_behind(page: Browser) -> None:
    with Browser(prefs=preferences("127.0.0.1:9")) as other:
        other.navigate("data:text/html,<p id=other>other", "#other")
        assert page.find("h1").text == "Outer"
        profile = other.profile
    assert other.process.returncode is not None
    assert not profile.exists()
