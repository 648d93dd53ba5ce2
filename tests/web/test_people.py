"""On the people page a member mutes others for themselves, and deletes their own messages."""

from __future__ import annotations

import pytest

from server.core.cells import frame
from server.core.limits import CELL_BYTES
from server.demo.text_browser import Reply
from tests.fakes import Talker, join_room

from .appbrowser import AppBrowser, AppServer, make_server


async def people(talker: Talker[AppBrowser]) -> Reply:
    return await talker.browser.get(f"{talker.path}/people")


async def press(talker: Talker[AppBrowser], form: str, **fields: str) -> Reply:
    """Press a button on the people page."""
    page = (await people(talker)).page
    return await talker.browser.submit(page.form(f"/{form}"), **fields)


async def two(server: AppServer) -> tuple[Talker[AppBrowser], Talker[AppBrowser]]:
    return await join_room(server.browser()), await join_room(server.browser())


async def test_muted_member_is_hidden_live_and_in_the_plain_view() -> None:
    server = make_server()
    first, second = await two(server)
    third = await join_room(server.browser())
    assert (await press(first, "mute", who="2")).path == f"{first.path}/people"
    async with first.browser.watch(f"{first.path}/live?after=3") as stream:
        await second.send("loud")
        await third.send("soft")
        assert ">soft<" in await stream.event()
    assert await first.texts() == ["soft"]
    assert await third.texts() == ["loud", "soft"]
    # The muted member is not informed and sees no difference.
    assert "muted" not in (await people(second)).page.text.replace(
        "The messages of a muted person", ""
    )
    assert await second.texts() == ["loud", "soft"]


async def test_people_page_marks_muted_members_and_can_unmute() -> None:
    server = make_server()
    first, second = await two(server)
    await second.send("hello")
    assert "(muted by you)" not in (await people(first)).page.text
    muted = await press(first, "mute", who="2")
    assert "(muted by you)" in muted.page.text
    assert "Unmute" in muted.page.text
    assert "(muted by you)" not in (await press(first, "mute", who="2")).page.text
    assert await first.texts() == ["hello"]


async def test_messages_of_muted_members_are_not_counted_as_new() -> None:
    server = make_server()
    first, second = await two(server)
    await press(first, "mute", who="2")
    await second.send("one")
    await first.send("two")
    await second.send("three")
    html = (await first.browser.get(f"{first.path}/plain?after=2")).body.decode()
    assert "<h1>1 new line</h1>" in html
    assert html.index("id=new") < html.index("data-seq=4")


async def test_muted_member_who_left_can_still_be_unmuted() -> None:
    server = make_server()
    first, second = await two(server)
    await second.send("hello")
    await press(first, "mute", who="2")
    await second.press("leave")
    assert "(has left) (muted by you)" in (await people(first)).page.text
    await press(first, "mute", who="2")
    assert await first.texts() == ["hello"]


@pytest.mark.parametrize("number", ["", "0", "1", "3", "-2", "x", "9999999999", "%D9%A2", "2 "])
async def test_muting_an_unknown_number_is_404(number: str) -> None:
    server = make_server()
    first, _second = await two(server)
    reply = await press(first, "mute", who=number)
    assert reply.status == 404
    assert "this person is no longer here" in reply.page.text
    assert reply.page.form("/mute").fields
    assert not server.services.failures


async def test_own_messages_are_listed_and_can_be_deleted() -> None:
    server = make_server()
    first, second = await two(server)
    await first.send("take this back")
    await second.send("theirs")
    page = (await people(first)).page
    assert page.form("/delete").buttons == [("seq", "3")]
    assert "take this back" in page.text
    assert "theirs" not in page.text
    assert "have already seen it" in page.text
    async with second.browser.watch(f"{second.path}/live?after=4") as stream:
        await press(first, "delete", seq="3")
        event = await stream.event()
    nonce = stream.head.partition("<style nonce=")[2].partition(">")[0]
    assert f'<style nonce={nonce}>[data-seq="3"]{{display:none}}' in event
    # What continued it shows its name from now on.
    assert '[data-seq="3"]+.s>bdi{position:static' in event
    assert "data-event=deleted" in event
    assert len(frame(event.encode())) == CELL_BYTES
    assert "/delete" not in [form.action[-7:] for form in (await people(first)).page.forms]


async def test_deleted_message_is_replaced_in_the_plain_view() -> None:
    server = make_server()
    first, second = await two(server)
    await first.send("take this back")
    await press(first, "delete", seq="3")
    for reader in (first, second):
        reply = await reader.browser.get(f"{reader.path}/plain")
        assert "take this back" not in reply.body.decode()
        assert "display:none" not in reply.body.decode()
        lines = reply.page.lines
        assert [(line.seq, line.event) for line in lines[-2:]] == [(3, "deleted"), (4, "deleted")]
        assert lines[-2].text.endswith(": deleted")


async def test_deleted_message_is_not_resent_on_reconnect() -> None:
    server = make_server()
    first, second = await two(server)
    await first.send("take this back")
    await press(first, "delete", seq="3")
    async with second.browser.watch(f"{second.path}/live") as stream:
        events = [await stream.event() for _ in range(3)]
    assert not [event for event in events if "take this back" in event]
    assert '[data-seq="3"]' in events[-1]


@pytest.mark.checklist(17)
@pytest.mark.parametrize("seq", ["", "0", "1", "4", "5", "99", "x", "-3"])
async def test_deleting_a_foreign_message_is_404_like_an_unknown_one(seq: str) -> None:
    server = make_server()
    first, second = await two(server)
    await first.send("mine")
    await second.send("theirs")
    reply = await press(first, "delete", seq=seq)
    assert reply.status == 404
    assert "no longer kept, or is not yours" in reply.page.text
    assert await first.texts() == ["mine", "theirs"]


async def test_message_can_be_deleted_only_once() -> None:
    server = make_server()
    first, _second = await two(server)
    await first.send("mine")
    await first.send("more")
    await press(first, "delete", seq="3")
    assert (await press(first, "delete", seq="3")).status == 404
    assert (await first.lines())[-1].seq == 5


@pytest.mark.parametrize("form", ["mute", "delete"])
async def test_form_without_its_token_does_nothing(form: str) -> None:
    server = make_server()
    first, second = await two(server)
    await first.send("mine")
    leave = (await people(first)).page.form("/leave").fields["token"]
    own = (await people(second)).page.form("/mute").fields["token"]
    for token in ("", "AAAAAAAAAAAAAA", leave, own, "é"):
        fields = {"token": token, "who": "2", "seq": "3"}
        assert (await first.browser.send(f"{first.path}/{form}", fields)).status == 403
    assert await second.texts() == ["mine"]
    assert "(muted by you)" not in (await people(first)).page.text


async def test_long_message_is_shortened_on_the_page() -> None:
    server = make_server()
    first, _second = await two(server)
    await first.send("word " * 300)
    assert (await people(first)).page.text.count("word") < 30


async def test_people_page_works_in_a_pair() -> None:
    pair = await make_server().pair()
    await pair.first.send("mine")
    await press(pair.first, "delete", seq="2")
    await press(pair.first, "mute", who="2")
    await pair.second.send("theirs")
    assert await pair.first.texts() == []
    assert await pair.second.texts() == ["theirs"]


async def test_messages_of_muted_members_do_not_block_the_stream() -> None:
    server = make_server()
    first, second = await two(server)
    third = await join_room(server.browser())
    await press(first, "mute", who="2")
    for _ in range(60):
        server.clock.advance(2)
        await second.send(f"loud {server.clock.now_s}")
    await third.send("soft")
    async with first.browser.watch(f"{first.path}/live?after=3") as stream:
        assert ">soft<" in await stream.event()


async def test_muting_does_not_reveal_unknown_names() -> None:
    server = make_server()
    first, gone = await two(server)
    await gone.press("leave")
    late = await join_room(server.browser())
    assert (await press(late, "mute", who="1")).status == 200
    refused = await press(late, "mute", who="2")
    assert refused.status == 404
    assert (await press(first, "mute", who="2")).status == 200


async def test_deletion_is_streamed_even_from_a_muted_member() -> None:
    server = make_server()
    first, second = await two(server)
    await second.send("hello")
    async with first.browser.watch(f"{first.path}/live?after=2") as stream:
        assert ">hello<" in await stream.event()
        await press(first, "mute", who="2")
        await press(second, "delete", seq="3")
        assert '[data-seq="3"]{display:none}' in await stream.event()
