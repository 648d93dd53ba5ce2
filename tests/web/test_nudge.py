"""Before something by which its writer can be found is sent, the composer comes back once with it.

Nothing is blocked, nobody else notices, and nothing remembers that somebody was asked.
"""

from __future__ import annotations

import pytest

from server.core.limits import MAX_MESSAGE_CHARS
from server.demo.text_browser import Reply
from tests.fakes import Talker, join_room

from .appbrowser import AppBrowser, make_server
from .snapshot import snapshot_of, snapshot_without_kept

PHONE = "call me: 09120000012"
PERSIAN_PHONE = "\u06f0\u06f9\u06f1\u06f2\u06f0\u06f0\u06f0\u06f0\u06f0\u06f1\u06f2"
PERSONAL = "data-problem=personal>"


def is_asked(reply: Reply) -> bool:
    return PERSONAL in reply.body.decode()


async def send_again(talker: Talker[AppBrowser], reply: Reply, **changed: str) -> Reply:
    return await talker.browser.submit(reply.page.form("/messages"), **changed)


@pytest.mark.parametrize("text", [PHONE, PERSIAN_PHONE, "name@example.com", "t.me/shadyfox"])
async def test_composer_comes_back_once_with_the_words(text: str) -> None:
    pair = await make_server().pair()
    asked = await pair.first.send(text)
    assert (asked.status, is_asked(asked)) == (409, True)
    assert "press Send to send it as it is" in asked.page.text
    assert asked.page.form("/messages").fields["text"] == text
    assert await pair.second.texts() == []
    assert not is_asked(await send_again(pair.first, asked))
    assert await pair.second.texts() == [text]


async def test_question_names_what_it_is_about() -> None:
    pair = await make_server().pair()
    asked = await pair.first.send(f"{PHONE}, name@example.com")
    assert "this looks like an e-mail address, a phone number." in asked.page.text


async def test_changed_text_is_asked_about_another_kind_only() -> None:
    pair = await make_server().pair()
    asked = await pair.first.send(PHONE)
    mail = await send_again(pair.first, asked, text="name@example.com")
    assert is_asked(mail)
    last = await send_again(pair.first, mail, text="09120000034 or name@example.com")
    assert not is_asked(last)
    assert await pair.second.texts() == ["09120000034 or name@example.com"]


async def test_next_message_is_looked_at_anew() -> None:
    pair = await make_server().pair()
    await send_again(pair.first, await pair.first.send(PHONE))
    assert is_asked(await pair.first.send("or 09120000034"))


async def test_same_form_sent_twice_does_not_pass() -> None:
    pair = await make_server().pair()
    form = (await pair.first.browser.get(f"{pair.first.path}/composer")).page.form("/messages")
    for _ in range(2):
        assert is_asked(await pair.first.browser.submit(form, text=PHONE))
    assert await pair.second.texts() == []


async def test_plain_view_asks_too() -> None:
    pair = await make_server().pair()
    page = await pair.first.browser.get(f"{pair.first.path}/plain")
    asked = await pair.first.browser.submit(page.page.form("/messages"), text=PHONE)
    assert asked.path.startswith(f"{pair.first.path}/plain")
    assert is_asked(asked)
    await send_again(pair.first, asked)
    assert await pair.second.texts() == [PHONE]


async def test_several_lines_and_other_refusals_keep_the_answer() -> None:
    server = make_server()
    pair = await server.pair()
    asked = await pair.first.send(PHONE)
    form = asked.page.form("/messages")
    several = await pair.first.browser.post(form.action, {**form.fields, "more": "1"})
    composer = await pair.first.browser.get(several.headers["location"])
    assert not is_asked(composer)
    assert not is_asked(await send_again(pair.first, composer))
    assert await pair.second.texts() == [PHONE]


async def test_mention_in_a_room_is_no_question() -> None:
    server = make_server()
    first, second = await join_room(server.browser()), await join_room(server.browser())
    await first.send("hello")
    page = await second.browser.get(f"{second.path}/composer")
    form = page.page.form("/messages")
    mentioned = await second.browser.send(form.action, {**form.fields, "to": "1"})
    assert not is_asked(await send_again(second, mentioned, more_text="hello"))
    assert len(await first.texts()) == 2


async def test_only_the_kept_words_are_in_the_store_and_nobody_notices() -> None:
    server = make_server()
    writer, other = await join_room(server.browser()), await join_room(server.browser())
    # Any refusal brings the room's pace up to now.
    await writer.send("x" * (MAX_MESSAGE_CHARS + 1))
    seen = await other.browser.get(f"{other.path}/plain")
    before = snapshot_without_kept(server.store)
    assert is_asked(await writer.send(PHONE))
    assert snapshot_without_kept(server.store) == before
    again = await other.browser.get(f"{other.path}/plain")
    assert again.page.lines == seen.page.lines
    assert not [line for line in snapshot_of(server.store) if "personal" in line or "0912" in line]


async def test_ordinary_composer_has_no_field_for_it() -> None:
    pair = await make_server().pair()
    composer = await pair.first.browser.get(f"{pair.first.path}/composer")
    assert b"asked" not in composer.body
    for value in ("", "x", "phone-phone", "a" * 5_000):
        form = composer.page.form("/messages")
        reply = await pair.first.browser.send(
            form.action, {**form.fields, "asked": value, "text": "name@example.com"}
        )
        assert is_asked(reply)
