"""Everything that visitors do here, by a client that only follows links and forms.

Played over a Unix socket and through an onion: it knows addresses of pages that the contract
names, and no other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

from server.demo.text_browser import Reply, TextBrowser
from tests.fakes import Talker, come_in, knock

Newcomer = Callable[[], TextBrowser]
Talkers = tuple[Talker[TextBrowser], Talker[TextBrowser]]


async def press(browser: TextBrowser, path: str, form: str, **fields: str) -> Reply:
    """Open a page, and send one of its forms; who is told to wait a little is not in a hurry."""
    reply = await browser.submit((await browser.get(path)).page.form(form), **fields)
    assert reply.status == 200, (path, form, reply.status)
    return reply


def code_on(reply: Reply) -> tuple[str, str]:
    """A code that is shown, in words and in digits."""
    found = re.search(r"<output [^>]*>([a-z-]+)<br>([\d-]+)</output>", reply.body.decode())
    assert found is not None
    return found[1], found[2]


async def find_each_other(newcomer: Newcomer, *, tongue: str) -> Talkers:
    """Two meet by the long form, in a language that nobody else asks for."""
    first, second = newcomer(), newcomer()
    form = (await first.get("/pair")).page.form("/pair")
    waits = await first.submit(form, intent="talk", speak=tongue, topic="books", limits="politics")
    assert waits.path == "/wait"
    form = (await second.get("/pair")).page.form("/pair")
    came = await second.submit(form, intent="listen", speak=tongue, topic="books")
    assert "You both named" in came.page.text
    assert "Not to talk about" in came.page.text
    return Talker(first, (await first.get("/wait")).path), Talker(second, came.path)


async def talk_and_read(talkers: Talkers) -> None:
    """Several lines, `/me`, deleting, muting; live, reloading and still, nothing lost or twice."""
    one, other = talkers
    heard: list[str] = []
    async with other.browser.stream(f"{other.chat}/live") as stream:
        await one.say("one\ntwo")
        await one.say("/me waves")
        async for said in stream.lines():
            heard += [line.text for line in said.lines]
            if "waves" in heard:
                break
    assert heard[-2:] == ["one\ntwo", "waves"]
    still = (await other.browser.get(f"{other.chat}/plain?after=1")).page
    moving = await other.browser.get(still.links["10 seconds"])
    assert moving.headers["refresh"] == "10"
    assert [line.text for line in moving.page.lines if not line.event] == ["one\ntwo", "waves"]
    seq = next(line.seq for line in still.lines if not line.event)
    await press(one.browser, f"{one.chat}/people", "/delete", seq=f"{seq}")
    assert await other.texts() == ["waves"]
    await press(other.browser, f"{other.chat}/people", "/mute", who="1")
    assert await other.texts() == []
    await press(other.browser, f"{other.chat}/people", "/mute", who="1")


async def meet_again(newcomer: Newcomer, talkers: Talkers) -> None:
    """Each takes a code, both go, and two fresh browsers bring them together."""
    one, other = talkers
    (words, _), (_, digits) = [
        code_on(await press(talker.browser, f"{talker.chat}/people", "/again"))
        for talker in (one, other)
    ]
    for talker in talkers:
        assert (await talker.press("leave")).path == "/"
    first, second = newcomer(), newcomer()
    assert (await press(first, "/rooms", "/invite", code=words)).path == "/wait"
    came = await press(second, "/rooms", "/invite", code=digits)
    here = (await first.get("/wait")).path
    await Talker(first, here).say("you again")
    assert await Talker(second, came.path).texts() == ["you again"]
    page = (await first.get((await first.get(here)).page.links["Something is wrong"])).page
    assert (await first.submit(page.form("/never"))).path == "/wait"
    assert (await press(first, "/wait", "/cancel")).path == "/"


async def sit_in_a_room(newcomer: Newcomer) -> None:
    """Three in the common room: a mention, a private talk, news from elsewhere."""
    one, other, third = [await come_in(newcomer()) for _ in range(3)]
    name = re.search(r"You are (.+?), in ", (await other.browser.get(other.chat)).page.text)
    assert name is not None
    await one.say(f"@{name[1]} hello")
    mine, theirs = await number_of(one), await number_of(other)
    asked = await press_aside(one, theirs)
    assert asked == f"{one.chat}/people"
    async with one.browser.stream(f"{one.chat}/live") as stream:
        side_chat = Talker(other.browser, await press_aside(other, mine))
        await side_chat.say("between us")
        async for said in stream.lines():
            if "private talk has begun" in said.text:
                break
    links = (await one.browser.get("/rooms")).page.links
    path = next(link for text, link in links.items() if text.startswith("your talk with"))
    assert await Talker(one.browser, path).texts() == ["between us"]
    assert "between us" not in await third.texts()
    for talker in (one, other, third):
        await talker.press("leave")


async def press_aside(talker: Talker[TextBrowser], who: str) -> str:
    """Press the button beside a member that has an address of its own; where it leads."""
    reply = await talker.browser.get(f"{talker.chat}/people")
    address = re.search(rf"value={who} formaction=(\S+/aside)>", reply.body.decode())
    assert address is not None
    fields = {**reply.page.form("/mute").fields, "who": who}
    return (await talker.browser.post(address[1], fields)).headers["location"]


async def number_of(talker: Talker[TextBrowser]) -> str:
    """A member's own number: that of the line on the people page that says "(you)"."""
    html = (await talker.browser.get(f"{talker.chat}/people")).body.decode()
    found = re.search(r"<li value=(\d+)><bdi>[^<]*</bdi> \(you\)", html)
    assert found is not None
    return found[1]


async def keep_a_room(newcomer: Newcomer) -> None:
    """A private room: invitation, lock, knock, send out, a new code, close."""
    opener, guest = newcomer(), newcomer()
    opened = await press(opener, "/rooms/new", "/rooms/new", title="Tea at five")
    words, digits = code_on(opened)
    room = Talker(opener, opened.page.links["To the room"])
    persian = digits.translate({ord("0") + n: chr(0x6F0 + n) for n in range(10)})
    came = await press(guest, "/rooms", "/invite", code=persian)
    assert came.path.startswith("/chat/")
    host = f"{room.chat}/people"
    await press(opener, host, "/host", act="lock")
    third = newcomer()
    form = (await third.get("/rooms")).page.form("/invite")
    assert (await third.submit(form, code=words)).status == 409
    await press(opener, host, "/host", act="unlock")
    await press(opener, host, "/host", act="ask-first")
    outside = await third.submit((await third.get("/rooms")).page.form("/invite"), code=words)
    assert outside.path.startswith("/knock/")
    admit = (await opener.get(host)).page.form("/host").buttons[0][1]
    await press(opener, host, "/host", act=admit)
    inside = await third.get(outside.path)
    assert inside.path.startswith("/chat/")
    await press(opener, host, "/host", act="remove 2")
    assert (await guest.get(came.path)).status == 404
    form = (await third.get("/rooms")).page.form("/invite")
    assert (await guest.submit((await guest.get("/rooms")).page.form("/invite"), code=words)
            ).status == 404  # fmt: skip
    fresh, _ = code_on(await press(opener, host, "/invitation"))
    assert fresh != words
    await press(opener, host, "/host", act="close")
    assert (await Talker(third, inside.path).say("hello?")).status == 410
    await room.press("leave")


async def see_to_oneself(newcomer: Newcomer) -> None:
    """One's own page, dull titles, a language, and Panic at the end."""
    visitor = newcomer()
    assert (await knock(visitor, "talk")).path == "/wait"
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


ALL = (keep_a_room, sit_in_a_room, see_to_oneself)


async def do_everything(newcomer: Newcomer) -> None:
    """All of it, one after the other."""
    talkers = await find_each_other(newcomer, tongue="sw")
    await talk_and_read(talkers)
    await meet_again(newcomer, talkers)
    for part in ALL:
        await part(newcomer)
