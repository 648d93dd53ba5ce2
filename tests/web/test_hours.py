"""Pages show the time until the next meeting hour, and nothing if none is configured."""

from __future__ import annotations

import re

import pytest

from server.core.meeting_hours import MeetingHour, MeetingHours
from tests.fakes import press_intent

from .appbrowser import AppBrowser, AppServer, make_server

EVENING = MeetingHours((MeetingHour(18 * 60, 22 * 60),))
DURING = "People usually arrive at this hour."
PATHS = ("/", "/wait", "/wait/live")


def server_at(clock: str, hours: MeetingHours = EVENING) -> AppServer:
    """Create a server with meeting hours from 18:00 to 22:00, at the given time of day."""
    server = make_server()
    hour, minute = map(int, clock.split(":"))
    server.services.hours = hours
    server.services.minute_of_day = lambda: 60 * hour + minute
    return server


async def document(browser: AppBrowser, path: str) -> str:
    """Return a page, or the head of a streaming one."""
    if not path.endswith("/live"):
        return (await browser.get(path)).body.decode()
    async with browser.watch(path) as stream:
        return stream.head


async def waiter(server: AppServer) -> AppBrowser:
    """Create a waiting visitor."""
    browser = server.browser()
    await press_intent(browser, "talk")
    return browser


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("clock", "sentence"),
    [
        ("18:00", DURING),
        ("21:59", DURING),
        ("17:59", "People usually arrive in about 1 hour."),
        ("16:31", "People usually arrive in about 1 hour."),
        ("16:30", "People usually arrive in about 2 hours."),
        ("22:00", "People usually arrive in about 20 hours."),
    ],
)
async def test_page_shows_when_people_usually_come(path: str, clock: str, sentence: str) -> None:
    assert sentence in await document(await waiter(server_at(clock)), path)


@pytest.mark.parametrize("clock", ["18:00", "03:07"])
async def test_page_shows_no_time_of_day_and_no_time_zone(clock: str) -> None:
    for path in PATHS:
        html = await document(await waiter(server_at(clock)), path)
        assert not re.search(r"\d:\d\d|UTC|GMT", html)


@pytest.mark.parametrize("path", PATHS)
async def test_page_without_meeting_hours_differs_in_nothing_else(path: str) -> None:
    server = server_at("12:00")
    browser = await waiter(server)
    with_hours = await document(browser, path)
    server.services.hours = MeetingHours()
    without = await document(browser, path)
    paragraph = "<p class=q>People usually arrive in about 6 hours."
    nonce = r"nonce=\S{8}"
    assert re.sub(nonce, "", with_hours).replace(paragraph, "") == re.sub(nonce, "", without)
    assert with_hours != without


async def test_unconfigured_server_shows_no_meeting_hours() -> None:
    browser = await waiter(make_server())
    for path in PATHS:
        assert "People usually arrive" not in await document(browser, path)
