"""A scripted guest for the demo: somebody to talk to when nobody else is there.

It says of itself that it is a program, in its first words; it comes in by the same door, through
the same tor, and reads the same pages as anybody.
"""

from __future__ import annotations

from .text_browser import Reply, TextBrowser

GREETING = "Hello. I am the demo's scripted guest, a program and no person. Say something."
ANSWER = "You said {count} characters. I am still only a program."


async def run_bot(browser: TextBrowser) -> None:
    """Meet one person, answer every message once, and end when they leave.

    Args:
        browser: reaches the house; has no session yet.
    """
    door = await browser.get("/")
    reply = await browser.submit(door.page.form("/pair"), intent="any")
    if reply.path == "/wait":
        reply = await browser.get(await _wait_for_somebody(browser))
    await _talk(browser, reply)


async def _wait_for_somebody(browser: TextBrowser) -> str:
    """Read the waiting page until it says where to go."""
    async with browser.stream("/wait/live") as stream:
        if stream.status == 303:
            return stream.headers["location"]
        async for said in stream.lines():
            if said.refresh:
                return said.refresh
    return "/"


async def _talk(browser: TextBrowser, chat: Reply) -> None:
    frames = chat.page.frames
    if "l" not in frames:
        return
    mine = [GREETING]
    await _say(browser, frames["c"], GREETING)
    async with browser.stream(frames["l"]) as stream:
        async for said in stream.lines():
            for line in said.lines:
                if line.event == "left":
                    return
                if not line.event and line.text not in mine:
                    answer = ANSWER.format(count=len(line.text))
                    mine.append(answer)
                    await _say(browser, frames["c"], answer)


async def _say(browser: TextBrowser, composer: str, text: str) -> None:
    page = (await browser.get(composer)).page
    await browser.submit(page.form("/messages"), text=text)
