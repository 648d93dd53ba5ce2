"""What is in view on a phone, with and without its keyboard: by measured boxes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .conftest import Demo, ThreeBrowsers
from .marionette import Browser
from .people import match_visitors, press_enter, send_message

pytestmark = [pytest.mark.tor, pytest.mark.slow]

PHONE, WITH_KEYBOARD = (360, 640), (360, 360)
TARGET_PX = 44

# Elements of a frame that are wholly in its viewport, and of the outer page likewise.
IN_VIEW = """
const inside = (element) => {
  const box = element.getBoundingClientRect(), view = element.ownerDocument.defaultView;
  return box.height > 0 && box.top >= -1 && box.left >= -1 &&
         box.bottom <= view.innerHeight + 1 && box.right <= view.innerWidth + 1;
};
const frame = (name) => document.querySelector(`iframe[name=${name}]`);
const of = (root, css) => [...root.querySelectorAll(css)];
"""


@pytest.fixture(scope="module")
def pair(demo: Demo, visitors_in_firefox: ThreeBrowsers) -> Iterator[tuple[Browser, Browser]]:
    """Two visitors, who have sent each other four short messages each, in turn."""
    first, second, _ = visitors_in_firefox
    match_visitors(demo, first, second)
    for number in range(4):
        for sender, reader in ((first, second), (second, first)):
            send_message(sender, f"words {number}")
            reader.wait_for_text(f"words {number}", "l")
    first.wait_for(lambda: first.text("l").count("words 3") == 2)
    yield first, second
    first.set_viewport(1200, 800)


def in_view(person: Browser, css: str, frame: str) -> list[str]:
    """The texts of the elements of a frame that are wholly in view."""
    script = IN_VIEW + (
        f"return of(frame('{frame}').contentDocument, '{css}').filter(inside)"
        ".map(element => element.textContent || element.id);"
    )
    return [str(text) for text in person.content(script)]


def test_eight_short_messages_are_in_view_on_a_phone(pair: tuple[Browser, Browser]) -> None:
    first, _ = pair
    first.set_viewport(*PHONE)
    assert len(in_view(first, ".n", "l")) == 8


def test_newest_message_field_and_ways_out_are_in_view_beside_a_keyboard(
    pair: tuple[Browser, Browser],
) -> None:
    first, _ = pair
    first.set_viewport(*WITH_KEYBOARD)
    assert in_view(first, ".n", "l")[-1].endswith("words 3")
    assert in_view(first, "#m", "c") == ["m"]
    script = IN_VIEW + (
        "return of(document, 'footer button').filter(inside).map(b => b.form.action.slice(-6));"
    )
    ways_out = first.content(script)
    assert {action.rpartition("/")[2] for action in ways_out} == {"next", "never", "leave", "panic"}


@pytest.mark.parametrize("size", [PHONE, WITH_KEYBOARD])
def test_every_button_of_the_chat_is_a_large_target(
    pair: tuple[Browser, Browser], size: tuple[int, int]
) -> None:
    first, _ = pair
    first.set_viewport(*size)
    script = IN_VIEW + (
        "return [...of(document, 'button, summary'),"
        " ...of(frame('c').contentDocument, 'button, input:not([type])')]"
        ".map(element => element.getBoundingClientRect())"
        ".map(box => [box.width, box.height]);"
    )
    boxes = first.content(script)
    assert len(boxes) >= 7
    assert all(min(width, height) >= TARGET_PX for width, height in boxes), boxes


def test_nothing_is_cut_off_at_the_sides(pair: tuple[Browser, Browser]) -> None:
    first, _ = pair
    first.set_viewport(*WITH_KEYBOARD)
    script = IN_VIEW + (
        "return [document, frame('c').contentDocument, frame('l').contentDocument]"
        ".map(page => page.documentElement.scrollWidth <= page.defaultView.innerWidth);"
    )
    assert first.content(script) == [True, True, True]


def test_no_text_reaches_the_edge_where_names_stand(pair: tuple[Browser, Browser]) -> None:
    first, second = pair
    first.set_viewport(*PHONE)
    text = "first line\nTidy Junket has left.\n\u202e" + "a\u0300\u0301\u0302\u0303" * 20
    send_message(second, text.replace("\n", " "))
    first.wait_for_text("has left.", "l")
    script = IN_VIEW + (
        "const lines = of(frame('l').contentDocument, '.n'), line = lines[lines.length - 1];"
        "const [name, text] = line.children, range = frame('l').contentDocument.createRange();"
        "range.selectNodeContents(text);"
        "const style = frame('l').contentWindow.getComputedStyle(text);"
        "return [name.getBoundingClientRect().left + 4 < range.getBoundingClientRect().left,"
        " style.contain];"
    )
    assert first.content(script) == [True, "paint"]


def test_newest_message_stays_in_view_while_somebody_reads_further_back(
    pair: tuple[Browser, Browser],
) -> None:
    first, second = pair
    first.set_viewport(*WITH_KEYBOARD)
    first.find("main", "l").run("arguments[0].scrollTop = -10000;")
    send_message(second, "something newer")
    first.wait_for_text("something newer", "l")
    first.wait_for(lambda: in_view(first, ".n", "l")[-1].endswith("something newer"))
    assert len(in_view(first, ".n", "l")) >= 2
    assert not in_view(first, ".n", "l")[0].endswith("something newer")


def test_field_and_send_are_in_view_below_the_longest_refusal(
    pair: tuple[Browser, Browser],
) -> None:
    first, _ = pair
    first.set_viewport(*WITH_KEYBOARD)
    first.type("w")
    first.find("#m", "c").run("arguments[0].value = 'word '.repeat(500)")
    press_enter(first, "c")
    first.wait_for_element("[data-problem=too-long]", "c")
    first.wait_for_styles("c")
    first.wait_for(lambda: in_view(first, "#m, button", "c")[:2] == ["m", "Send"])
    first.find("textarea[name=text]", "c").run("arguments[0].value = 'short'")
    first.find("#m + button", "c").click()
    first.wait_for_text("short", "l")


def test_page_that_reloads_itself_opens_at_what_is_new(pair: tuple[Browser, Browser]) -> None:
    first, _ = pair
    chat = first.url
    first.set_viewport(*WITH_KEYBOARD)
    first.navigate(f"{chat}/plain?after=7&every=3600", "#new")
    for _ in range(2):
        first.wait_for(
            lambda: first.content(
                "const top = document.querySelector('#new').getBoundingClientRect().top;"
                "return scrollY > 0 && top >= 0 && top < innerHeight;"
            )
        )
        first.reload()
    first.navigate(chat, "iframe")
