"""On a phone, how it stands is in sight on the waiting page, and only the newest update of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .conftest import Demo
from .marionette import Browser
from .people import open_firefox

pytestmark = [pytest.mark.tor, pytest.mark.slow]

STATUS = "main [role=status]"
BOX = """
  const box = [...document.querySelectorAll(arguments[0])].map(e => e.getBoundingClientRect());
  return box.filter(b => b.height > 0).map(b => [b.top, b.bottom, b.left, b.right]);
"""
WRITE = "document.querySelector('.z').insertAdjacentHTML('beforeend', arguments[0])"
WRITTEN = (
    "<p class=w>a room</p>",
    "<div role=status>the second</div>",
    "<i></i>",
    "<p class=w>more</p>",
)


@pytest.fixture
def person(demo: Demo) -> Iterator[Browser]:
    with open_firefox(demo, **{"privacy.resistFingerprinting.letterboxing": False}) as browser:
        yield browser


def shown(person: Browser, css: str) -> list[list[float]]:
    """Return the boxes of the visible elements: top, bottom, left, right."""
    return [[float(side) for side in box] for box in person.content(BOX, css)]


@pytest.mark.parametrize("language", ["en", "fa"])
def test_how_it_stands_is_in_sight_on_a_phone(demo: Demo, person: Browser, language: str) -> None:
    person.navigate(f"{demo.url}?lang={language}", "button[value=talk]", timeout_s=60)
    person.set_viewport(360, 640)
    person.find("button[value=talk]").click()
    person.wait_for_element(f".z > {STATUS.split()[1]}", timeout_s=60)
    person.wait_for_styles()
    (heading,), (status,) = shown(person, "h1"), shown(person, STATUS)
    assert heading[1] <= status[0]
    assert status[1] <= 360
    assert 0 <= status[2] < status[3] <= 360
    for number, html in enumerate((*WRITTEN, "<div role=status>the last</div>")):
        person.content(WRITE, html)
        assert len(shown(person, STATUS)) == 1, number
    assert "the last" in person.text()
    assert "the second" not in person.text()
