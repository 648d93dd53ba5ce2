"""Every refused message comes back with its text and one sentence that gives the reason."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from server.core.limits import (
    MAX_BODY_BYTES,
    MAX_LINE_ENDS,
    MAX_MESSAGE_BYTES,
    MAX_MESSAGE_CHARS,
    POST_BURST,
    POST_EVERY_S,
)
from server.demo.document import WebForm
from server.demo.text_browser import Reply
from tests.fakes import ChatPair, Talker, join_room, press_intent

from .appbrowser import AppBrowser, make_server

FOREIGN = "This form is no longer valid, so nothing was sent."
SPENT = "This form was already used, so nothing was sent."


async def composer_of(talker: Talker[AppBrowser], query: str = "") -> WebForm:
    reply = await talker.browser.get(f"{talker.path}/composer{query}")
    return reply.page.form("/messages")


def field_of(reply: Reply) -> str:
    """Return the content of the text field."""
    return reply.page.form("/messages").fields["text"]


async def test_message_is_answered_with_a_redirect_to_an_empty_composer() -> None:
    pair = await make_server().pair()
    form = await composer_of(pair.first)
    posted = await pair.first.browser.post(form.action, {**form.fields, "text": "hello"})
    assert (posted.status, posted.body) == (303, b"")
    assert posted.headers["location"] == f"{pair.first.path}/composer#m"
    composer = await pair.first.browser.get(posted.headers["location"])
    assert field_of(composer) == ""
    assert await pair.second.texts() == ["hello"]


async def test_text_field_has_the_fragment_that_restores_focus() -> None:
    pair = await make_server().pair()
    composer = await pair.first.browser.get(f"{pair.first.path}/composer")
    assert b"id=m " in composer.body
    assert b"autofocus" in composer.body


@pytest.mark.checklist(15)
async def test_same_form_sent_twice_posts_once_with_equal_answers() -> None:
    pair = await make_server().pair()
    form = await composer_of(pair.first)
    fields = {**form.fields, "text": "once"}
    answers = [await pair.first.browser.post(form.action, fields) for _ in range(3)]
    assert {(a.status, a.headers["location"]) for a in answers} == {
        (303, f"{pair.first.path}/composer#m")
    }
    assert await pair.second.texts() == ["once"]


@pytest.mark.checklist(14)
async def test_used_form_with_new_text_is_refused_with_a_fresh_token() -> None:
    pair = await make_server().pair()
    form = await composer_of(pair.first)
    await pair.first.browser.submit(form, text="first")
    again = await pair.first.browser.submit(form, text="second")
    assert again.status == 403
    assert SPENT in again.page.text
    assert field_of(again) == "second"
    await pair.first.browser.submit(again.page.form("/messages"))
    assert await pair.second.texts() == ["first", "second"]


@pytest.mark.checklist(15)
async def test_two_open_composers_have_separate_tokens() -> None:
    pair = await make_server().pair()
    one, other = await composer_of(pair.first), await composer_of(pair.first)
    assert one.fields["token"] != other.fields["token"]
    await pair.first.browser.submit(one, text="one")
    await pair.first.browser.submit(other, text="two")
    assert await pair.second.texts() == ["one", "two"]


@pytest.mark.checklist(14)
@pytest.mark.parametrize("token", ["", "x", "A" * 24, "é", "\x00", "=" * 24, "A" * 5_000])
async def test_made_up_token_is_refused_and_keeps_the_text(token: str) -> None:
    pair = await make_server().pair()
    posted = await pair.first.browser.send(
        f"{pair.first.path}/messages", {"text": "precious", "token": token}
    )
    assert posted.status == 403
    assert FOREIGN in posted.page.text
    assert field_of(posted) == "precious"
    await pair.first.browser.submit(posted.page.form("/messages"))
    assert await pair.second.texts() == ["precious"]


@pytest.mark.checklist(14)
async def test_token_of_another_session_form_or_chat_is_refused() -> None:
    server = make_server()
    pair, others = await server.pair(), await server.pair()
    chat = (await pair.first.browser.get(pair.first.path)).page
    foreign = [
        (await composer_of(pair.second)).fields["token"],
        (await composer_of(others.first)).fields["token"],
        chat.form("/leave").fields["token"],
    ]
    for token in foreign:
        fields = {"text": "words", "token": token}
        posted = await pair.first.browser.send(f"{pair.first.path}/messages", fields)
        assert (posted.status, field_of(posted)) == (403, "words")
    assert await pair.second.texts() == []


@pytest.mark.checklist(14)
async def test_form_from_a_foreign_page_is_refused_and_keeps_the_text() -> None:
    pair = await make_server().pair()
    form = await composer_of(pair.first)
    body = urlencode({**form.fields, "text": "words"}).encode()
    headers = {"sec-fetch-site": "cross-site"}
    posted = await pair.first.browser.request("POST", form.action, body, headers)
    assert (posted.status, field_of(posted)) == (403, "words")
    assert await pair.second.texts() == []


@pytest.mark.checklist(16)
@pytest.mark.parametrize("text", ["", " ", "\r\n\t", "\u200b", "\u202e\u2066", "\u200d", "\u3164"])
async def test_invisible_message_is_400(text: str) -> None:
    pair = await make_server().pair()
    posted = await pair.first.send(text)
    assert posted.status == 400
    assert "the message is empty" in posted.page.text
    assert await pair.second.texts() == []


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("a" * (MAX_MESSAGE_CHARS + 1), "The limit is 2000."),
        ("😀" * (MAX_MESSAGE_BYTES // 4 + 1), "2000 characters or 6000 bytes"),
    ],
)
async def test_too_long_message_is_413_with_the_text_and_the_limit(text: str, limit: str) -> None:
    pair = await make_server().pair()
    posted = await pair.first.send(text)
    assert posted.status == 413
    assert limit in posted.page.text
    assert field_of(posted) == text


@pytest.mark.parametrize("text", ["a" * MAX_MESSAGE_CHARS, "\u1000" * MAX_MESSAGE_CHARS])
async def test_longest_message_passes_in_any_script(text: str) -> None:
    pair = await make_server().pair()
    assert (await pair.first.send(text)).status == 200
    assert await pair.second.texts() == [text]


async def test_message_after_the_partner_left_is_410_and_keeps_the_text() -> None:
    pair = await make_server().pair()
    await pair.second.press("leave")
    posted = await pair.first.send("are you there?")
    assert posted.status == 410
    assert "the other person has left" in posted.page.text
    assert field_of(posted) == "are you there?"


async def test_composer_remains_and_reports_that_the_partner_left() -> None:
    pair = await make_server().pair()
    await pair.second.press("leave")
    assert (await pair.first.browser.get(pair.first.path)).status == 200
    composer = await pair.first.browser.get(f"{pair.first.path}/composer")
    assert composer.status == 200
    assert "has left" in composer.page.text


async def test_posting_too_fast_is_429_with_the_text_and_the_delay() -> None:
    server = make_server()
    pair = await server.pair()
    for number in range(5):
        assert (await pair.first.send(f"thought {number}")).status == 200
    posted = await pair.first.send("and another")
    assert posted.status == 429
    assert "Wait 2 seconds, then press Send again." in posted.page.text
    assert field_of(posted) == "and another"
    server.clock.advance(2)
    assert (await pair.first.browser.submit(posted.page.form("/messages"))).status == 200
    assert len(await pair.second.texts()) == 6


async def test_fast_poster_does_not_slow_down_others() -> None:
    pair = await make_server().pair()
    for number in range(6):
        await pair.first.send(f"{number}")
    assert (await pair.second.send("calm")).status == 200


async def test_body_over_the_limit_is_413_and_one_at_the_limit_is_read() -> None:
    pair = await make_server().pair()
    path, head = f"{pair.first.path}/messages", b"text="
    for size, sentence in (
        (MAX_BODY_BYTES, FOREIGN),
        (MAX_BODY_BYTES + 1, "What you sent is too long."),
    ):
        body = head + b"a" * (size - len(head))
        posted = await pair.first.browser.press(path, body)
        assert posted.status == (413 if size > MAX_BODY_BYTES else 403)
        assert sentence in posted.page.text
        assert posted.page.form("/messages").fields["token"]


async def test_body_limit_counts_an_escaped_byte_as_one() -> None:
    pair = await make_server().pair()
    path = f"{pair.first.path}/messages"
    posted = await pair.first.browser.press(path, b"text=" + b"%61" * 16_000)
    assert posted.status == 403
    posted = await pair.first.browser.press(path, b"text=" + b"%61" * 16_380)
    assert posted.status == 413


async def refusals(pair: ChatPair[AppBrowser]) -> list[int]:
    """Return the statuses of posts that pass one more check each, in the order of the checks."""
    browser, path = pair.first.browser, f"{pair.first.path}/messages"
    good = (await composer_of(pair.first)).fields["token"]
    too_long = "a" * (MAX_MESSAGE_CHARS + 1)
    posts: list[dict[str, str]] = [
        {"token": "bad", "text": "x" * (MAX_BODY_BYTES + 1)},
        {"token": "bad", "text": ""},
        {"token": good, "text": too_long},
        {"token": good, "text": ""},
        {"token": good, "text": "fine"},
    ]
    return [(await browser.send(path, post)).status for post in posts]


async def test_checks_run_in_the_documented_order() -> None:
    server = make_server()
    pair = await server.pair()
    for number in range(5):
        await pair.first.send(f"{number}")
    # The pace is checked before anything looks into the text.
    assert await refusals(pair) == [413, 403, 429, 429, 429]
    server.clock.advance(POST_BURST * POST_EVERY_S)
    await pair.second.press("leave")
    # A closed conversation is checked after everything else.
    assert await refusals(pair) == [413, 403, 413, 400, 410]


async def test_too_many_lines_are_refused_and_kept() -> None:
    pair = await make_server().pair()
    fine = "\n".join("x" * (MAX_LINE_ENDS + 1))
    for text, status in ((f"{fine}\nx", 413), (f"{fine}\n\n \n\n", 200)):
        reply = await pair.first.send(text)
        assert reply.status == status
        assert ("1 line break too many. The limit is 40" in reply.page.text) == (status == 413)
        assert field_of(reply) == (text if status == 413 else "")
    assert len(await pair.second.texts()) == 1


async def test_membership_is_checked_after_the_token_and_before_the_text() -> None:
    pair = await make_server().pair()
    # In a room as well, so that the session keeps its secret when it leaves the pair.
    await join_room(pair.first.browser)
    form = await composer_of(pair.first)
    await pair.first.press("leave")
    posted = await pair.first.browser.send(form.action, {**form.fields, "text": ""})
    assert posted.status == 404
    posted = await pair.first.browser.send(form.action, {"token": "bad", "text": ""})
    assert (posted.path.partition("?")[0], posted.status) == ("/over", 404)


async def test_text_is_kept_when_the_conversation_is_gone() -> None:
    pair = await make_server().pair()
    form = await composer_of(pair.first)
    await pair.first.press("leave")
    posted = await pair.first.browser.send(form.action, {**form.fields, "text": "long & dear"})
    assert posted.status == 404
    assert "you are no longer in this conversation" in posted.page.text
    assert "long & dear" in posted.page.text


async def test_text_is_kept_when_a_larger_field_is_requested_too_late() -> None:
    pair = await make_server().pair()
    form = await composer_of(pair.first)
    await pair.first.press("leave")
    posted = await pair.first.browser.send(
        form.action, {**form.fields, "text": "long & dear", "more": "1"}
    )
    assert posted.status == 404
    assert "long & dear" in posted.page.text


async def test_refused_post_does_not_use_up_the_rate_limit() -> None:
    pair = await make_server().pair()
    for _ in range(10):
        assert (await pair.first.send("")).status == 400
    assert [(await pair.first.send(f"{n}")).status for n in range(5)] == [200] * 5


async def test_several_lines_button_keeps_the_text_in_a_larger_field() -> None:
    pair = await make_server().pair()
    form = await composer_of(pair.first)
    assert ("more", "1") in form.buttons
    larger = await pair.first.browser.submit(form, text="begun", more="1")
    assert larger.status == 200
    assert b"<textarea" in larger.body
    assert field_of(larger) == "begun"
    assert await pair.second.texts() == []
    sent = await pair.first.browser.submit(larger.page.form("/messages"), text="one\r\ntwo")
    assert sent.path == f"{pair.first.path}/composer#m"
    assert b"<textarea" in sent.body
    assert await pair.second.texts() == ["one\ntwo"]


@pytest.mark.parametrize(
    "text",
    [
        "<b>bold</b>",
        "</textarea><script>alert(1)</script>",
        "\"quoted\" 'twice' & <i>more</i>",
        '" autofocus onfocus=alert(1) x="',
        "</span></p><p class=m data-seq=9>",
        "{{ 7 * 7 }} {% raw %} %(name)s",
        "http://example.onion/ and javascript:alert(1)",
        "line one\nline two",
        "\n\nleading lines",
    ],
)
async def test_text_comes_back_as_typed_and_never_as_markup(text: str) -> None:
    pair = await make_server().pair()
    refused = await pair.first.browser.send(f"{pair.first.path}/messages", {"text": text})
    assert field_of(refused) == text
    await pair.first.send_as_is(text)
    for talker in (pair.first, pair.second):
        assert await talker.texts() == [text.strip()]
        plain = await talker.browser.get(f"{talker.path}/plain")
        assert b"<script" not in plain.body
        assert b"<b>" not in plain.body


async def test_url_in_a_message_is_not_a_link() -> None:
    pair = await make_server().pair()
    await pair.first.send_as_is("see http://example.onion/page and /safety")
    plain = (await pair.second.browser.get(f"{pair.second.path}/plain")).page
    assert not [link for link in plain.links.values() if "example" in link]


async def test_invalid_utf8_becomes_replacement_characters() -> None:
    server = make_server()
    pair = await server.pair()
    form = await composer_of(pair.first)
    body = f"token={form.fields['token']}&text=a%ff%fe%ed%a0%80b".encode() + b"\xff"
    assert (await pair.first.browser.request("POST", form.action, body)).status == 303
    (text,) = await pair.second.texts()
    assert text.startswith("a\ufffd")
    assert not server.services.failures


@pytest.mark.checklist(14)
async def test_visitor_without_a_session_gets_the_text_back() -> None:
    server = make_server()
    reply = await server.browser().post("/chat/abcdefghijkl/messages", {"text": "kept & safe"})
    assert reply.status == 403
    assert "kept & safe" in reply.page.text


async def test_full_server_still_accepts_posts_of_members() -> None:
    server = make_server()
    pair = await server.pair()
    await press_intent(server.browser(), "any")
    assert (await pair.first.send("inside")).status == 200


async def test_larger_field_can_be_switched_back_and_keeps_the_text() -> None:
    pair = await make_server().pair()
    await pair.first.browser.submit(await composer_of(pair.first), more="1")
    form = await composer_of(pair.first)
    assert ("more", "0") in form.buttons
    small = await pair.first.browser.submit(form, text="dear", more="0")
    assert b"<input id=m" in small.body
    assert small.page.form("/messages").fields["text"] == "dear"
    kept = await pair.first.browser.submit(form, text="one\ntwo", more="0")
    assert kept.page.form("/messages").fields["text"] == "one\ntwo"


async def test_former_member_is_informed_and_keeps_the_text() -> None:
    pair = await make_server().pair()
    form = await composer_of(pair.first)
    await pair.first.press("leave")
    posted = await pair.first.browser.send(form.action, {**form.fields, "text": "words"})
    assert "you are no longer in this conversation" in posted.page.text
