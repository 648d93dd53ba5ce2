"""Who leaves their last conversation gets a new cookie, and no press on a slow line loses them."""

from __future__ import annotations

import pytest

from server.core.ids import Secret
from server.core.limits import JOIN_BURST, JOIN_EVERY_S, SAME_PARTNER_S
from server.demo.document import WebForm
from tests.fakes import Talker, join_room, press_intent
from tests.store.contract.chat import draw

from .appbrowser import AppBrowser, AppServer, make_server

EXITS = ("leave", "next", "never")


def with_cookie(server: AppServer, cookie: str) -> AppBrowser:
    """Return a browser that has this cookie: an old tab, or one whose answer was lost."""
    browser = server.browser()
    browser.cookie = cookie
    return browser


async def exit_form(talker: Talker[AppBrowser], button: str) -> WebForm:
    """Return the form of a button that leaves; a page further, it stands where help is."""
    page = "/wrong" if button == "never" else ""
    return (await talker.browser.get(f"{talker.path}{page}")).page.form(f"/{button}")


async def is_known(server: AppServer, cookie: str) -> bool:
    return await server.store.is_known(Secret.from_cookie(cookie.partition("=")[2]))


@pytest.mark.checklist(11, 12)
@pytest.mark.parametrize("button", EXITS)
async def test_answer_to_an_exit_sets_a_new_cookie(button: str) -> None:
    server = make_server()
    pair = await server.pair()
    browser = pair.first.browser
    old, form = browser.cookie, await exit_form(pair.first, button)
    left = await browser.post(form.action, form.fields)
    cookie, _, attributes = left.headers["set-cookie"].partition(";")
    assert (left.status, cookie == browser.cookie, cookie == old) == (303, True, False)
    assert attributes == " Path=/; Secure; HttpOnly; SameSite=Strict"
    # The old one leads to the session until the new one was used.
    assert (await is_known(server, old), await is_known(server, cookie)) == (True, True)
    following = await browser.request("GET", left.headers["location"])
    assert (following.status, "set-cookie" in following.headers) == (200, False)
    assert browser.cookie == cookie
    assert (await is_known(server, old), await is_known(server, cookie)) == (False, True)


async def test_no_cookie_is_set_while_another_conversation_is_left() -> None:
    server = make_server()
    pair = await server.pair()
    room = await join_room(pair.first.browser)
    cookie = pair.first.browser.cookie
    await pair.first.press("leave")
    assert pair.first.browser.cookie == cookie
    await room.press("leave")
    assert pair.first.browser.cookie != cookie


@pytest.mark.checklist(15)
@pytest.mark.parametrize("button", EXITS)
async def test_button_pressed_again_before_the_answer_came_works(button: str) -> None:
    server = make_server()
    pair = await server.pair()
    old = pair.first.browser.cookie
    form, where = await exit_form(pair.first, button), "/" if button == "leave" else "/wait"
    counts = None
    for _ in range(3):
        # Each time the browser still has the old cookie: it gave the answer before up.
        impatient = with_cookie(server, old)
        pressed = await impatient.post(form.action, form.fields)
        assert (pressed.status, pressed.headers["location"]) == (303, where)
        assert impatient.cookie != old
        assert counts in (None, await server.store.counts())
        counts = await server.store.counts()
    assert (await impatient.get(where)).path == where
    assert await is_known(server, impatient.cookie)
    assert (await with_cookie(server, old).get("/wait")).path == "/"


async def test_request_of_another_tab_meanwhile_keeps_the_session() -> None:
    server = make_server()
    pair = await server.pair()
    old = pair.first.browser.cookie
    await pair.first.browser.post("/language", {"lang": "fa"})
    form = await exit_form(pair.first, "leave")
    answer = with_cookie(server, old)
    await answer.post(form.action, form.fields)
    tab = with_cookie(server, old)
    other = await tab.get("/help")
    assert b"lang=fa" in other.body
    # The answers overtake each other; whichever cookie stays in the browser leads on.
    for late in (answer, tab):
        page = await with_cookie(server, late.cookie).get("/help")
        assert b"lang=fa" in page.body


async def test_form_of_another_tab_is_accepted_until_the_new_cookie_is_used() -> None:
    server = make_server()
    pair = await server.pair()
    old, form = pair.first.browser.cookie, await exit_form(pair.first, "leave")
    door = (await pair.first.browser.get("/")).page.form("/pair")
    settings = (await pair.first.browser.get("/mine")).page.forms
    (neutral,) = [found for found in settings if found.action == "/mine/title"]
    await with_cookie(server, old).post(form.action, form.fields)
    tab = with_cookie(server, old)
    assert (await tab.post(neutral.action, neutral.fields)).status == 303
    tab = with_cookie(server, old)
    assert (await tab.submit(door, intent="talk")).path == "/wait"
    # The page of that tab is older than the cookie that it has now.
    assert (await tab.send(neutral.action, neutral.fields)).status == 403


async def test_stream_requested_with_the_old_cookie_sets_the_new_one() -> None:
    server = make_server()
    pair = await server.pair()
    old, form = pair.first.browser.cookie, await exit_form(pair.first, "next")
    await pair.first.browser.post(form.action, form.fields)
    browser = with_cookie(server, old)
    begun = await browser.begin("/wait/live")
    assert begun.status == 200
    assert begun.headers["set-cookie"].startswith("__Host-s=")


async def test_old_cookie_is_a_strangers_once_the_new_one_was_used() -> None:
    server = make_server()
    pair = await server.pair()
    old = pair.first.browser.cookie
    form = await exit_form(pair.first, "leave")
    await pair.first.press("leave")
    thief = with_cookie(server, old)
    for path in ("/mine", "/wait", pair.first.path):
        reply = await thief.get(path)
        assert "set-cookie" not in reply.headers
    pressed = await thief.post(form.action, form.fields)
    assert (pressed.status, pressed.headers["location"]) == (303, "/")
    assert thief.cookie == old


@pytest.mark.checklist(12)
async def test_panic_with_the_old_cookie_forgets_the_session() -> None:
    server = make_server()
    pair = await server.pair()
    old = pair.first.browser.cookie
    form = await exit_form(pair.first, "leave")
    await with_cookie(server, old).post(form.action, form.fields)
    pressed = await with_cookie(server, old).request("POST", "/panic")
    assert pressed.headers["set-cookie"].startswith("__Host-s=; ")
    assert (await server.store.counts()).sessions == 1
    assert (await with_cookie(server, old).get("/wait")).path == "/"


@pytest.mark.checklist(12)
async def test_old_cookie_sent_again_and_again_has_to_wait_and_can_panic() -> None:
    server = make_server()
    pair = await server.pair()
    old = pair.first.browser.cookie
    await pair.first.browser.post("/language", {"lang": "fa"})
    join = (await pair.first.browser.get("/rooms")).page.form("/rooms/common/join")
    form = await exit_form(pair.first, "leave")
    reader = await join_room(server.browser())
    await with_cookie(server, old).post(form.action, form.fields)
    for _ in range(JOIN_BURST):
        # Each press moves the seat that the one before has taken.
        pressed = await with_cookie(server, old).post(join.action, join.fields)
        assert (pressed.status, pressed.headers["location"][:6]) == (303, "/chat/")
    for method, path in (("POST", join.action), ("GET", "/rooms"), ("GET", "/wait/live")):
        refused = await with_cookie(server, old).request(method, path)
        assert (refused.status, "set-cookie" in refused.headers) == (429, False)
        # Nothing about the session is known to this request, not even its language.
        assert b"That was too fast." in refused.body
    await reader.send("nobody else notices")
    server.clock.advance(JOIN_EVERY_S)
    again = with_cookie(server, old)
    assert (await again.post(join.action, join.fields)).status == 303
    panicked = await with_cookie(server, old).request("POST", "/panic")
    assert panicked.headers["set-cookie"].startswith("__Host-s=; ")
    assert not await is_known(server, again.cookie)


async def test_exit_button_of_an_old_page_ends_in_no_error() -> None:
    server = make_server()
    pair = await server.pair()
    forms = {button: await exit_form(pair.first, button) for button in EXITS}
    await pair.first.press("leave")
    # Back, and once more: with the new cookie, and with other buttons of the old page.
    for button, form in forms.items():
        where = "/" if button == "leave" else "/wait"
        pressed = await pair.first.browser.post(form.action, form.fields)
        assert (pressed.status, pressed.headers["location"]) == (303, where)


async def test_never_holds_after_both_have_new_cookies() -> None:
    server = make_server()
    pair = await server.pair()
    for talker, button in ((pair.first, "never"), (pair.second, "next")):
        await talker.browser.submit(await exit_form(talker, button))
    for _ in range(2):
        for talker in (pair.first, pair.second):
            assert (await talker.browser.get("/wait")).path == "/wait"
        server.clock.advance(SAME_PARTNER_S)
        await draw(server.store)


async def test_way_into_a_conversation_sets_one_cookie() -> None:
    server = make_server()
    await press_intent(server.browser(), "talk")
    browser = server.browser()
    door = await browser.get("/")
    form = door.page.form("/pair")
    entered = await browser.post(form.action, {**form.fields, "intent": "listen"})
    shown = await browser.request("GET", entered.headers["location"])
    assert ["set-cookie" in reply.headers for reply in (door, entered, shown)] == [
        False,
        True,
        False,
    ]
