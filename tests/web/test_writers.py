"""In a room, the names of those who wrote last stand beside the field: a press is a mention."""

from __future__ import annotations

import re

from server.core.limits import MAX_WRITERS
from server.demo.text_browser import Reply
from tests.fakes import Talker, join_room

from .appbrowser import AppBrowser, make_server
from .test_composer import composer_of
from .test_people import people


async def talkers(count: int) -> list[Talker[AppBrowser]]:
    server = make_server()
    return [await join_room(server.browser(circuit=str(n)), "common") for n in range(count)]


async def writers(talker: Talker[AppBrowser]) -> list[str]:
    return [value for name, value in (await composer_of(talker)).buttons if name == "to"]


async def name_beside_field(talker: Talker[AppBrowser], number: int) -> str:
    composer = await talker.browser.get(f"{talker.path}/composer")
    found = re.search(rf"value={number} [^>]*>@([^<]+)</button>", composer.body.decode())
    assert found
    return found[1]


async def press_name(talker: Talker[AppBrowser], number: int, text: str = "") -> Reply:
    form = await composer_of(talker)
    return await talker.browser.submit(form, text=text, to=str(number))


async def test_those_who_wrote_last_stand_beside_the_field() -> None:
    me, *others = await talkers(MAX_WRITERS + 2)
    assert await writers(me) == []
    for other in others:
        await other.send("words")
    await me.send("my own")
    assert await writers(me) == ["5", "4", "3"]
    assert len(others) == MAX_WRITERS + 1
    names = [await name_beside_field(me, number) for number in (5, 4, 3)]
    listed = (await people(me)).page.text
    assert all(name in listed for name in names)


async def test_pair_has_no_names_beside_the_field() -> None:
    pair = await make_server().pair()
    await pair.second.send("words")
    assert await writers(pair.first) == []


async def test_muted_and_departed_people_are_not_offered() -> None:
    me, muted, gone = await talkers(3)
    await muted.send("words")
    await gone.send("words")
    form = (await people(me)).page.form("/mute")
    await me.browser.submit(form, who="2")
    await gone.press("leave")
    assert await writers(me) == []


async def test_newcomer_is_not_told_who_wrote_before() -> None:
    server = make_server()
    first, second = [await join_room(server.browser(circuit=c), "common") for c in "ab"]
    await first.send("before")
    newcomer = await join_room(server.browser(circuit="c"), "common")
    assert await writers(newcomer) == []
    assert await writers(second) == ["1"]


async def test_pressed_name_keeps_the_text_and_mentions_the_person() -> None:
    me, other = await talkers(2)
    await other.send("a question")
    name = await name_beside_field(me, 2)
    answer = await press_name(me, 2, "half an answer")
    assert answer.status == 200
    assert answer.path == f"{me.path}/composer#m" or "kept=" in answer.path
    form = answer.page.form("/messages")
    assert form.fields["text"] == f"@{name} half an answer"
    assert await me.texts() == ["a question"]
    await me.browser.submit(form, more_text="and the rest")
    assert await other.texts() == ["a question", f"@{name} half an answer and the rest"]
    plain = (await other.browser.get(f"{other.path}/plain")).body.decode()
    assert 'class="m n1 t2' in plain


async def test_mention_alone_is_a_pressed_button_and_not_a_field() -> None:
    me, other = await talkers(2)
    await other.send("a question")
    name = await name_beside_field(me, 2)
    pressed = await press_name(me, 2)
    assert f"aria-pressed=true>✓ @{name}</button>" in pressed.body.decode()
    assert b"<textarea" not in pressed.body
    await me.browser.submit(pressed.page.form("/messages"), more_text="an answer")
    assert (await me.texts())[-1] == f"@{name} an answer"
    assert b"aria-pressed" not in (await me.browser.get(f"{me.path}/composer")).body


async def test_name_pressed_again_is_taken_back() -> None:
    me, other = await talkers(2)
    await other.send("a question")
    once = await press_name(me, 2)
    again = await me.browser.submit(once.page.form("/messages"), to="2")
    assert again.page.form("/messages").fields["text"] == ""
    assert b"aria-pressed" not in again.body


async def test_name_pressed_twice_is_mentioned_once() -> None:
    me, other = await talkers(2)
    await other.send("a question")
    name = await name_beside_field(me, 2)
    once = await press_name(me, 2, "words")
    twice = await me.browser.submit(once.page.form("/messages"), to="2")
    assert twice.page.form("/messages").fields["text"] == f"@{name} words"


async def test_name_of_somebody_who_left_changes_nothing() -> None:
    me, other = await talkers(2)
    await other.send("a question")
    form = await composer_of(me)
    await other.press("leave")
    kept = await me.browser.submit(form, text="words", to="2")
    assert kept.page.form("/messages").fields["text"] == "words"
    for number in ("2", "x", "-1", "1" * 5000, ""):
        empty = await me.browser.submit(form, to=number)
        assert (empty.status, empty.page.form("/messages").fields["text"]) == (200, "")


async def test_names_are_offered_in_the_plain_view_too() -> None:
    me, other = await talkers(2)
    await other.send("a question")
    name = await name_beside_field(me, 2)
    plain = (await me.browser.get(f"{me.path}/plain")).page.form("/messages")
    answer = await me.browser.submit(plain, text="", to="2")
    assert "/plain?" in answer.path
    assert answer.page.form("/messages").fields["text"] == f"@{name}"
