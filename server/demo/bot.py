"""A bot for the demo: a chat partner when nobody else is there.

Its first message says that it is a program. It uses the same start page, the same tor and the
same pages as every visitor.
"""

from __future__ import annotations

from .text_browser import Reply, TextBrowser

GREETING = "Hello. I am a bot of this demo: a program, not a person. Write something."
ANSWER = "You wrote {count} characters. I am still only a program."


async def run_bot(browser: TextBrowser) -> None:
    """Chat with one person, answer every message once, and return when they leave.

    Args:
        browser: connects to the server; has no session yet.

    Raises:
        ConnectionError: if the conversation ends otherwise.
    """
    door = await browser.get("/")
    reply = await browser.submit(door.page.form("/pair"), intent="any")
    if reply.path == "/wait":
        reply = await browser.get(await _wait_for_partner(browser))
    await _talk(browser, reply)


async def _wait_for_partner(browser: TextBrowser) -> str:
    """Read the stream of the waiting page until it names the next page."""
    async with browser.stream("/wait/live") as stream:
        if stream.status == 303:
            return stream.headers["location"]
        async for update in stream.lines():
            if update.refresh:
                return update.refresh
    return "/"


async def _talk(browser: TextBrowser, chat: Reply) -> None:
    frames = chat.page.frames
    if "l" not in frames:
        return
    own_texts = [GREETING]
    await _send(browser, frames["c"], GREETING)
    async with browser.stream(frames["l"]) as stream:
        async for update in stream.lines():
            for line in update.lines:
                if line.event == "left":
                    return
                if not line.event and line.text not in own_texts:
                    answer = ANSWER.format(count=len(line.text))
                    own_texts.append(answer)
                    await _send(browser, frames["c"], answer)
    # So it is, too, when another web process answers than the one that had the conversation.
    raise ConnectionError("the stream ended before the partner left")


async def _send(browser: TextBrowser, composer: str, text: str) -> None:
    page = (await browser.get(composer)).page
    await browser.submit(page.form("/messages"), text=text)
