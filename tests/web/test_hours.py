"""Pages say how far away the next meeting hour is, and nothing where there is none."""

from __future__ import annotations

import re

import pytest

from server.core.meeting_hours import MeetingHour, MeetingHours
from tests.fakes import knock

from .appbrowser import AppBrowser, AppServer, make_server

EVENING = MeetingHours((MeetingHour(18 * 60, 22 * 60),))
DURING = "People usually arrive at this hour."
WAYS = ("/", "/wait", "/wait/live")


def server_at(clock: str, hours: MeetingHours = EVENING) -> AppServer:
    """A house in which people usually come from 18:00 to 22:00, at that time."""
    server = make_server()
    hour, minute = map(int, clock.split(":"))
    server.services.hours = hours
    server.services.minute_of_day = lambda: 60 * hour + minute
    return server


async def document(browser: AppBrowser, path: str) -> str:
    """A page, or the head of one that streams."""
    if not path.endswith("/live"):
        return (await browser.get(path)).body.decode()
    async with browser.watch(path) as stream:
        return stream.head


async def waiter(server: AppServer) -> AppBrowser:
    """Somebody who waits."""
    browser = server.browser()
    await knock(browser, "talk")
    return browser


@pytest.mark.parametrize("path", WAYS)
@pytest.mark.parametrize(
    ("clock", "said"),
    [
        ("18:00", DURING),
        ("21:59", DURING),
        ("17:59", "People usually arrive in about 1 hour."),
        ("16:31", "People usually arrive in about 1 hour."),
        ("16:30", "People usually arrive in about 2 hours."),
        ("22:00", "People usually arrive in about 20 hours."),
    ],
)
async def test_page_says_when_people_usually_come(path: str, clock: str, said: str) -> None:
    assert said in await document(await waiter(server_at(clock)), path)


@pytest.mark.parametrize("clock", ["18:00", "03:07"])
async def test_page_shows_no_time_of_day_and_no_time_zone(clock: str) -> None:
    for path in WAYS:
        html = await document(await waiter(server_at(clock)), path)
        assert not re.search(r"\d:\d\d|UTC|GMT", html)


@pytest.mark.parametrize("path", WAYS)
async def test_without_hours_the_page_is_as_if_they_had_never_been_thought_of(path: str) -> None:
    server = server_at("12:00")
    browser = await waiter(server)
    told = await document(browser, path)
    server.services.hours = MeetingHours()
    silent = await document(browser, path)
    paragraph = "<p class=q>People usually arrive in about 6 hours."
    nonce = r"nonce=\S{8}"
    assert re.sub(nonce, "", told).replace(paragraph, "") == re.sub(nonce, "", silent)
    assert told != silent


async def test_server_of_no_configuration_names_no_hours() -> None:
    browser = await waiter(make_server())
    for path in WAYS:
        assert "People usually arrive" not in await document(browser, path)
