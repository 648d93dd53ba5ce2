"""Every action that visitors can take, performed by a client that follows links and forms.

The tests run it over a Unix socket and through an onion service. It uses only paths that the
contract of the pages names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

from server.demo.text_browser import Reply, TextBrowser
from tests.fakes import Talker, join_room, press_intent

Newcomer = Callable[[], TextBrowser]
Talkers = tuple[Talker[TextBrowser], Talker[TextBrowser]]


async def press(browser: TextBrowser, path: str, form: str, **fields: str) -> Reply:
    """Open a page and send one of its forms; the answer must be 200."""
    reply = await browser.submit((await browser.get(path)).page.form(form), **fields)
    assert reply.status == 200, (path, form, reply.status)
    return reply


def code_on(reply: Reply) -> tuple[str, str]:
    """Return the code that a page shows, in words and in digits."""
    found = re.search(r"<output [^>]*>([a-z-]+)<br>([\d-]+)</output>", reply.body.decode())
    assert found is not None
    return found[1], found[2]


async def match_by_form(newcomer: Newcomer, *, tongue: str) -> Talkers:
    """Match two visitors by the long form, in a language that nobody else asks for."""
    first, second = newcomer(), newcomer()
    form = (await first.get("/pair")).page.form("/pair")
    waiting = await first.submit(
        form, intent="talk", speak=tongue, topic="books", limits="politics"
    )
    assert waiting.path == "/wait"
    form = (await second.get("/pair")).page.form("/pair")
    matched = await second.submit(form, intent="listen", speak=tongue, topic="books")
    assert "You both chose" in matched.page.text
    assert "Topics to avoid" in matched.page.text
    return Talker(first, (await first.get("/wait")).path), Talker(second, matched.path)


async def talk_and_read(talkers: Talkers) -> None:
    """Post lines, use `/me`, delete and mute; in every page mode nothing is lost or repeated."""
    one, other = talkers
    received: list[str] = []
    async with other.browser.stream(f"{other.path}/live") as stream:
        await one.send("one\ntwo")
        await one.send("/me waves")
        async for chunk in stream.lines():
            received += [line.text for line in chunk.lines]
            if "waves" in received:
                break
    assert received[-2:] == ["one\ntwo", "waves"]
    plain = (await other.browser.get(f"{other.path}/plain?after=1")).page
    reloading = await other.browser.get(plain.links["10 seconds"])
    assert reloading.headers["refresh"] == "10"
    assert [line.text for line in reloading.page.lines if not line.event] == ["one\ntwo", "waves"]
    seq = next(line.seq for line in plain.lines if not line.event)
    await press(one.browser, f"{one.path}/people", "/delete", seq=f"{seq}")
    assert await other.texts() == ["waves"]
    await press(other.browser, f"{other.path}/people", "/mute", who="1")
    assert await other.texts() == []
    await press(other.browser, f"{other.path}/people", "/mute", who="1")


async def meet_again(newcomer: Newcomer, talkers: Talkers) -> None:
    """Issue both rematch codes, leave, and meet again with two new browsers."""
    one, other = talkers
    (words, _), (_, digits) = [
        code_on(await press(talker.browser, f"{talker.path}/people", "/again"))
        for talker in (one, other)
    ]
    for talker in talkers:
        assert (await talker.press("leave")).path == "/"
    first, second = newcomer(), newcomer()
    assert (await press(first, "/rooms", "/invite", code=words)).path == "/wait"
    matched = await press(second, "/rooms", "/invite", code=digits)
    here = (await first.get("/wait")).path
    await Talker(first, here).send("you again")
    assert await Talker(second, matched.path).texts() == ["you again"]
    page = (await first.get((await first.get(here)).page.links["Something is wrong"])).page
    assert (await first.submit(page.form("/never"))).path == "/wait"
    assert (await press(first, "/wait", "/cancel")).path == "/"


async def chat_in_a_room(newcomer: Newcomer) -> None:
    """Three members of the common room: a mention, a side chat, a notice from another chat."""
    one, other, third = [await join_room(newcomer()) for _ in range(3)]
    name = re.search(r"You are (.+?), in ", (await other.browser.get(other.path)).page.text)
    assert name is not None
    await one.send(f"@{name[1]} hello")
    mine, theirs = await number_of(one), await number_of(other)
    asked = await press_aside(one, theirs)
    assert asked == f"{one.path}/people"
    async with one.browser.stream(f"{one.path}/live") as stream:
        side_chat = Talker(other.browser, await press_aside(other, mine))
        await side_chat.send("between us")
        async for chunk in stream.lines():
            if "private talk has begun" in chunk.text:
                break
    links = (await one.browser.get("/rooms")).page.links
    path = next(link for text, link in links.items() if text.startswith("your talk with"))
    assert await Talker(one.browser, path).texts() == ["between us"]
    assert "between us" not in await third.texts()
    for talker in (one, other, third):
        await talker.press("leave")


async def press_aside(talker: Talker[TextBrowser], who: str) -> str:
    """Press the side chat button of a member; return where it leads."""
    reply = await talker.browser.get(f"{talker.path}/people")
    address = re.search(rf"value={who} formaction=(\S+/aside)>", reply.body.decode())
    assert address is not None
    fields = {**reply.page.form("/mute").fields, "who": who}
    return (await talker.browser.post(address[1], fields)).headers["location"]


async def number_of(talker: Talker[TextBrowser]) -> str:
    """Return a member's own number, from the line of the people page marked "(you)"."""
    html = (await talker.browser.get(f"{talker.path}/people")).body.decode()
    found = re.search(r"<li value=(\d+)><bdi>[^<]*</bdi> \(you\)", html)
    assert found is not None
    return found[1]


async def host_private_room(newcomer: Newcomer) -> None:
    """Host a private room: invite, lock, let knock, remove, issue a new code, close."""
    opener, guest = newcomer(), newcomer()
    opened = await press(opener, "/rooms/new", "/rooms/new", title="Tea at five")
    words, digits = code_on(opened)
    room = Talker(opener, opened.page.links["To the room"])
    persian = digits.translate({ord("0") + n: chr(0x6F0 + n) for n in range(10)})
    joined = await press(guest, "/rooms", "/invite", code=persian)
    assert joined.path.startswith("/chat/")
    host = f"{room.path}/people"
    await press(opener, host, "/host", act="lock")
    third = newcomer()
    form = (await third.get("/rooms")).page.form("/invite")
    assert (await third.submit(form, code=words)).status == 409
    await press(opener, host, "/host", act="unlock")
    await press(opener, host, "/host", act="ask-first")
    knocking = await third.submit((await third.get("/rooms")).page.form("/invite"), code=words)
    assert knocking.path.startswith("/knock/")
    admit = (await opener.get(host)).page.form("/host").buttons[0][1]
    await press(opener, host, "/host", act=admit)
    admitted = await third.get(knocking.path)
    assert admitted.path.startswith("/chat/")
    await press(opener, host, "/host", act="remove 2")
    assert (await guest.get(joined.path)).status == 404
    form = (await third.get("/rooms")).page.form("/invite")
    assert (await guest.submit((await guest.get("/rooms")).page.form("/invite"), code=words)
            ).status == 404  # fmt: skip
    new_words, _ = code_on(await press(opener, host, "/invitation"))
    assert new_words != words
    await press(opener, host, "/host", act="close")
    assert (await Talker(third, admitted.path).send("hello?")).status == 410
    await room.press("leave")


async def manage_session(newcomer: Newcomer) -> None:
    """Use the page "My session", neutral titles and a language, then Panic."""
    visitor = newcomer()
    assert (await press_intent(visitor, "talk")).path == "/wait"
    await press(visitor, "/mine", "/mine/time", still="60", minutes="15", kib="250")
    await press(visitor, "/mine", "/mine/title", dull="yes")
    await press(visitor, "/mine", "/mine/steady", steady="2")
    assert (await visitor.get("/wait")).page.title == "Empty"
    body = urlencode({"lang": "fa"}).encode()
    assert (await visitor.request("POST", "/language", body)).status == 303
    assert "<html lang=fa dir=rtl>" in (await visitor.get("/wait")).body.decode()
    page = (await visitor.get("/mine")).page
    blank = await visitor.submit(page.form("/panic"))
    assert "This page is empty." in blank.page.text
    assert (await visitor.get("/wait")).path == "/"


ALL = (host_private_room, chat_in_a_room, manage_session)


async def do_everything(newcomer: Newcomer) -> None:
    """Run every part in order."""
    talkers = await match_by_form(newcomer, tongue="sw")
    await talk_and_read(talkers)
    await meet_again(newcomer, talkers)
    for part in ALL:
        await part(newcomer)
