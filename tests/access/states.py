"""Every page in every state, as a browser has it: from the application, without a network."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from server.core.admission.closing import OPEN
from server.core.limits import IDLE_QUESTION_S
from server.demo.text_browser import Reply
from tests.fakes import Talker, join_room, press_intent
from tests.web.answers import ANSWERS, opened
from tests.web.appbrowser import AppBrowser, AppServer, Watch, make_server
from tests.web.asking import room_of
from tests.web.ways import WAYS, ask

LANGUAGES = ("en", "fa")

FEW_WORDS = "are you there?"
PERSIAN = "سلام، می‌شنوی؟ http://example.com"
LONG_TEXT = "I sat by the window and did not open the letter that came. " * 8
LONG_WORD = "Donaudampfschifffahrtsgesellschaft" * 3
LAST = "the last words"

People = tuple[Talker[AppBrowser], Talker[AppBrowser], Talker[AppBrowser]]


async def a_room(server: AppServer) -> People:
    """Three people in a room, who have written all that looks different there."""
    first, second, third = [await join_room(server.browser()) for _ in range(3)]
    members = await first.browser.get(f"{first.path}/people")
    my_name = re.findall(r"<bdi>([^<]+)</bdi>", members.body.decode())[0]
    for talker, text in (
        (second, FEW_WORDS),
        (first, "yes"),
        (second, f"@{my_name} {PERSIAN}"),
        (second, LONG_TEXT),
        (third, LONG_WORD),
        (third, "/me waves"),
        (third, "to be deleted"),
    ):
        server.clock.advance(5)
        await talker.send(text)
    delete = (await third.browser.get(f"{third.path}/people")).page.form("/delete")
    _, seq = delete.buttons[0]
    await third.browser.submit(delete, seq=seq)
    return first, second, third


async def read_until(stream: Watch, words: str) -> str:
    """The document of a stream up to the event that holds these words."""
    read = stream.head
    while words not in read:
        read += await stream.event()
    return read


async def of_live_room(server: AppServer) -> str:
    first, second, third = await a_room(server)
    await third.press("leave")
    async with first.browser.watch(f"{first.path}/live") as stream:
        server.clock.advance(5)
        await second.send(LAST)
        return await read_until(stream, LAST)


async def of_live_notices(server: AppServer) -> str:
    """A stream with news of another conversation, and the question whether one is still there."""
    pair = await server.pair()
    here = await join_room(pair.first.browser)
    async with here.browser.watch(f"{here.path}/live") as stream:
        await pair.second.send(FEW_WORDS)
        server.clock.advance(IDLE_QUESTION_S)
        await server.store.sweep()
        return await read_until(stream, f"{here.path}/here")


async def of_steady_stream(server: AppServer) -> str:
    pair = await server.pair()
    mine = (await pair.first.browser.get("/mine")).page.form("/mine/steady")
    await pair.first.browser.submit(mine, steady="5")
    return (await pair.first.browser.begin(f"{pair.first.path}/live?steady=5")).body.decode()


async def of_waiting_stream(server: AppServer) -> str:
    browser = server.browser()
    await press_intent(browser, "talk")
    async with browser.watch("/wait/live") as stream:
        server.clock.advance(IDLE_QUESTION_S)
        await server.store.sweep()
        return await read_until(stream, "/wait/here")


async def of_room_in_plain_view(server: AppServer) -> str:
    first, _, third = await a_room(server)
    await third.press("leave")
    return shown(await first.browser.get(f"{first.path}/plain?after=2"))


async def of_people_of_a_room(server: AppServer) -> str:
    first, second, _ = await a_room(server)
    form = (await second.browser.get(f"{second.path}/people")).page.form("/mute")
    await second.browser.send(f"{second.path}/aside", {**form.fields, "who": "1"})
    form = (await first.browser.get(f"{first.path}/people")).page.form("/mute")
    return shown(await first.browser.submit(form, who="3"))


async def of_question_to_a_host(server: AppServer) -> str:
    browser, reply = await opened(server)
    return shown(await browser.get(f"{room_of(reply)}/people?close=1"))


async def of_refused_choices(server: AppServer) -> str:
    browser = server.browser()
    form = (await browser.get("/pair")).page.form("/pair")
    return shown(await browser.submit(form, speak="fa"))


async def of_kept_words(server: AppServer) -> str:
    """The composer after a refusal, with what was typed."""
    pair = await server.pair()
    for _ in range(6):
        await pair.first.send(FEW_WORDS)
    return shown(await pair.first.browser.get(f"{pair.first.path}/composer"))


async def of_chat_left_by_the_other(server: AppServer) -> str:
    pair = await server.pair()
    await pair.second.press("leave")
    return shown(await pair.first.browser.get(f"{pair.first.path}/composer"))


async def of_parting(server: AppServer) -> str:
    return shown(await (await server.pair()).first.press("leave"))


async def of_dull_titles(server: AppServer) -> str:
    pair = await server.pair()
    mine = (await pair.first.browser.get("/mine")).page.form("/mine/title")
    await pair.first.browser.submit(mine, dull="yes")
    return shown(await pair.first.browser.get(pair.first.path))


async def of_left_room(server: AppServer) -> str:
    talker = await join_room(server.browser())
    await talker.press("leave")
    return shown(await talker.browser.get(talker.path))


async def of_frame_without_session(server: AppServer) -> str:
    browser = server.browser(sec_fetch_dest="iframe")
    return shown(await browser.get("/chat/abcdefghijkl/composer"))


async def of_closed_page(server: AppServer) -> str:
    words = f"{LONG_WORD} {PERSIAN}"
    await server.store.set_closing(OPEN.closed(server.clock() + 600, words))
    return shown(await server.browser().get("/"))


async def of_stream_in_a_drain(server: AppServer) -> str:
    pair = await server.pair()
    async with pair.first.browser.watch(f"{pair.first.path}/live") as stream:
        await server.store.set_closing(OPEN.draining(server.clock() + 600))
        return await read_until(stream, "data-event=restart>")


async def of_home_page_in_a_drain(server: AppServer) -> str:
    pair = await server.pair()
    await server.store.set_closing(OPEN.draining(server.clock() + 600))
    return shown(await pair.first.browser.get("/"))


State = Callable[[AppServer], Awaitable[str]]
OWN: tuple[State, ...] = (
    of_live_room,
    of_live_notices,
    of_steady_stream,
    of_waiting_stream,
    of_room_in_plain_view,
    of_people_of_a_room,
    of_question_to_a_host,
    of_refused_choices,
    of_kept_words,
    of_chat_left_by_the_other,
    of_parting,
    of_dull_titles,
    of_left_room,
    of_frame_without_session,
    of_closed_page,
    of_stream_in_a_drain,
    of_home_page_in_a_drain,
)
"""States that neither an answer nor a way of `tests/web` has."""


def shown(reply: Reply) -> str:
    """The page of an answer; empty if there is none, as in a redirect."""
    is_page = reply.headers.get("content-type", "").startswith("text/html")
    return reply.body.decode() if is_page else ""


async def conversation(language: str) -> tuple[str, str, str]:
    """The three documents of a room: its page, its stream, and its composer after a refusal."""
    server = speak(make_server(), language)
    first, _, _ = await a_room(server)
    page = shown(await first.browser.get(first.path))
    async with first.browser.watch(f"{first.path}/live") as stream:
        await first.send(LAST)
        live = await read_until(stream, LAST)
    await first.send("")
    return page, live, shown(await first.browser.get(f"{first.path}/composer"))


def speak(server: AppServer, language: str) -> AppServer:
    """Let a server show all pages in this language, whatever a visitor asks for."""
    books = server.services.pages_by_language
    server.services.pages_by_language = dict.fromkeys(books, books[language])
    return server


async def all_states(language: str) -> dict[str, str]:
    """Name of a state -> its page; of pages that differ in words alone, only the first.

    Args:
        language: the language that the visitors have chosen.
    """
    pages: dict[str, str] = {}
    for state in OWN:
        pages[state.__name__] = await state(speak(make_server(), language))
    for route, way in WAYS.items():
        if not way.streams:
            prepared = await way.prepare()
            speak(prepared.server, language)
            reply = await ask(route, prepared)
            if target := reply.headers.get("location"):
                reply = await prepared.browser.get(target)
            pages[route] = shown(reply)
    for answer in ANSWERS:
        pages[answer.__name__] = shown(await answer(speak(make_server(), language)))
    # Its frames would make of it what `conversation` has.
    pages = {name: page for name, page in pages.items() if "<iframe" not in page}
    return _without_repeats(pages)


def _without_repeats(pages: dict[str, str]) -> dict[str, str]:
    shapes: dict[frozenset[str], str] = {}
    for name, page in pages.items():
        if page:
            shapes.setdefault(_shape(page), name)
    return {name: pages[name] for name in shapes.values()}


def _shape(page: str) -> frozenset[str]:
    """The different tags of a page, and which of them begin with text.

    Values of attributes that only hold an id, a token, a path, a choice or a number are left out.
    """
    changing = (
        r"\b(value|nonce|href|src|action|content|data-[a-z]+)=(\"[^\"]*\"|[^\s>]*)"
        r"|\d+| selected| checked"
    )
    tags = re.findall(r"<[a-z][^>]*>\s*[^<\s]?", page)
    return frozenset(re.sub(changing, r"\1", re.sub(r">\s*\S$", ">text", tag)) for tag in tags)


def stylesheet() -> str:
    """The stylesheet as the application sends it."""
    return make_server().services.stylesheet.body.decode()
