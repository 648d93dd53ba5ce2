"""Conversations and errors that contain known words, which a test searches for afterwards.

Each function ends the conversations that it started, and returns the cookies of its visitors.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import quote, urlencode

from server.demo.text_browser import Connect, TextBrowser
from tests.everything import code_on
from tests.fakes import ChatPair, Talker

CANARIES = ("quoxwyzj", "پژغظثضذ", "ဈဉဋဌဍဎဏ", "qxzwyk\U0001f426vbjpf")
"""About eight characters each, found nowhere else: ASCII, Persian, Burmese, beyond 16 bits."""

Pair = ChatPair[TextBrowser]

END_S = 60.0
"""Limit for a stream to end."""


async def converse(
    connect: Connect, word: str, *, panics: bool, other: Connect | None = None
) -> list[str]:
    """Let two visitors meet, send the word in every way, be refused in every way, and leave.

    Args:
        connect: how the first one connects.
        word: what they send.
        panics: whether they press Panic at the end, instead of leaving.
        other: how the second one connects; by default like the first one.
    """
    header = {"user-agent": f"{quote(word)}-agent", "referer": f"http://x/pair/{quote(word)}"}
    ways = (connect, other or connect)
    pair = await Pair.meet(*[TextBrowser(way, headers=header) for way in ways])
    cookies = [talker.browser.cookie for talker in (pair.first, pair.second)]
    async with reading(pair.first), reading(pair.second):
        for talker in (pair.first, pair.second):
            await talker.send(f"{word}, and {word}")
            await talker.send(f"{word} " * 30)
            await send_too_much(talker, f"{word} " * 400)
            assert any(word in text for text in await talker.texts())
        await post_refused_requests(pair, word)
        await drop_stream_while_partner_posts(pair, word)
        await leave_both(pair, panics=panics)
    return cookies


async def send_too_much(talker: Talker[TextBrowser], text: str) -> None:
    """Send a form that is refused before it is read whole; its end may cut off the answer."""
    with suppress(ConnectionError):
        assert (await talker.send(text)).status == 413


async def post_refused_requests(pair: Pair, word: str) -> None:
    """Send wrong tokens, a foreign form and requests for missing pages, each with the word."""
    one, other = pair.first, pair.second
    for chat in (one.path, other.path, "/chat/never-was"):
        refused = await one.browser.post(f"{chat}/messages", {"text": word, "token": "A" * 32})
        assert refused.status == 303
        # The page that shows what was refused, with the word in its field.
        assert word in (await one.browser.get(refused.headers["location"])).body.decode()
    form = (await one.browser.get(f"{one.path}/composer")).page.form("/messages")
    foreign = await other.browser.submit(form, text=word)
    assert foreign.path.startswith("/over"), foreign
    assert word in foreign.body.decode()
    assert (await one.browser.get(f"/{quote(word)}?{quote(word)}")).status == 404
    form = (await one.browser.get("/rooms")).page.form("/invite")
    assert (await one.browser.submit(form, code=f"{word} {word}")).status == 404


async def drop_stream_while_partner_posts(pair: Pair, word: str) -> None:
    """Open another stream and drop it; messages that are sent then cannot reach its reader."""
    async with pair.first.browser.stream(f"{pair.first.path}/live") as stream:
        await anext(stream.chunks())
    await pair.second.send(word)
    await pair.second.send(word * 2)


async def leave_both(pair: Pair, *, panics: bool) -> None:
    """Let both members press Panic, or leave."""
    for talker in (pair.first, pair.second):
        if panics:
            page = (await talker.browser.get(talker.path)).page
            await talker.browser.submit(page.form("/panic"))
        else:
            await talker.press("leave")


@asynccontextmanager
async def reading(talker: Talker[TextBrowser]) -> AsyncIterator[None]:
    """Keep a live stream open during the block; read it to its end afterwards.

    If the end does not come, the stream is closed from here: other tests check that it comes.
    """
    async with talker.browser.stream(f"{talker.path}/live") as stream:
        chunks = stream.chunks()
        await anext(chunks)
        yield
        with suppress(TimeoutError):
            async with asyncio.timeout(END_S):
                async for chunk in chunks:
                    if b"http-equiv=refresh" in chunk:
                        break


async def share_a_room(connect: Connect, word: str) -> list[str]:
    """Open a private room with the word in its title; the opener posts, and both leave."""
    opener, guest = TextBrowser(connect), TextBrowser(connect)
    form = (await opener.get("/rooms/new")).page.form("/rooms/new")
    opened = await opener.submit(form, title=f"about {word}")
    form = (await guest.get("/rooms")).page.form("/invite")
    came = await guest.submit(form, code=code_on(opened)[0])
    host = Talker(opener, opened.page.links["To the room"])
    await host.send(f"{word} to all")
    assert await Talker(guest, came.path).texts() == [f"{word} to all"]
    cookies = [opener.cookie, guest.cookie]
    await Talker(guest, came.path).press("leave")
    await host.press("leave")
    return cookies


@asynccontextmanager
async def persistent_connections(connect: Connect, word: str) -> AsyncIterator[list[str]]:
    """Let two members post, one of them read on the connection of its post, and both press Panic.

    Both connections stay open during the block.
    """
    pair = await Pair.meet(TextBrowser(connect), TextBrowser(connect))
    cookies = [talker.browser.cookie for talker in (pair.first, pair.second)]
    talkers = (pair.first, pair.second)
    connections = [await _post_on_connection(connect, talker, word) for talker in talkers]
    reader, writer = connections[0]
    head = f"GET {pair.first.path}/live HTTP/1.1\r\nHost: x\r\nCookie: {cookies[0]}\r\n\r\n"
    writer.write(head.encode())
    await reader.readuntil(word.encode())
    await leave_both(pair, panics=True)
    await reader.readuntil(b"url=/blank")
    try:
        yield cookies
    finally:
        for _, writer in connections:
            writer.close()


async def _post_on_connection(
    connect: Connect, talker: Talker[TextBrowser], word: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send a message on a connection that stays open."""
    form = (await talker.browser.get(f"{talker.path}/composer")).page.form("/messages")
    body = urlencode({**form.fields, "text": word})
    reader, writer = await connect()
    head = f"POST {form.action} HTTP/1.1\r\nHost: x\r\nCookie: {talker.browser.cookie}\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
    assert b" 303 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def send_nonsense(connect: Connect, word: str) -> None:
    """Send invalid and oversized requests, each on its own connection, half-closed at the end."""
    quoted, form = quote(word), urlencode({"text": word})
    host, close = "Host: x\r\n\r\n", "Connection: close\r\n\r\n"
    for request in (
        f"{word}\r\n\r\n",
        f"PROXY {word}\r\n",
        f"GET /\x01{quoted} HTTP/1.1\r\n\r\n",
        f"GET / HTTP/1.1\r\n{quoted} {quoted}\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: {quoted}\r\n{close}",
        f"GET /wait HTTP/1.1\r\nHost: x\r\nReferer: http://x/pair/{quoted}\r\n{close}",
        f"PUT /{quoted} HTTP/1.1\r\nHost: x\r\nX: {quoted}\r\n{close}",
        f"GET /{'x' * 2**17}{quoted} HTTP/1.1\r\n",
        f"POST /chat/{quoted}/messages HTTP/1.1\r\nContent-Length: 10000000\r\n{host}{form}",
        f"POST /pair HTTP/1.1\r\nContent-Length: 10000000\r\n{host}{form}",
        f"POST /pair HTTP/1.1\r\nContent-Length: 10000\r\n{host}{form}",
    ):
        reader, writer = await connect()
        writer.write(request.encode())
        writer.write_eof()
        await reader.read()
        writer.close()
