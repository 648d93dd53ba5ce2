"""The plain view is static, counts the new lines, and shows nothing twice."""

from __future__ import annotations

import pytest

from server.core.limits import PLAIN_PAGE_ENTRIES, RING_MESSAGES
from tests.fakes import ChatPair, FakeClock, Talker

from .appbrowser import AppBrowser, AppServer, make_server


async def post_many(
    server: AppServer, talker: Talker[AppBrowser], count: int, first: int = 1
) -> None:
    for number in range(first, first + count):
        server.clock.advance(2)
        assert (await talker.send(f"number {number}")).status == 200


async def heading_of(talker: Talker[AppBrowser], query: str = "") -> str:
    body = (await talker.browser.get(f"{talker.path}/plain{query}")).body.decode()
    return body.partition("<h1>")[2].partition("</h1>")[0]


async def seqs(talker: Talker[AppBrowser], query: str = "") -> list[int]:
    return [line.seq for line in await talker.lines(query)]


async def test_page_has_the_newest_fifty_and_a_link_to_earlier_ones() -> None:
    server = make_server()
    pair = await server.pair()
    await post_many(server, pair.first, PLAIN_PAGE_ENTRIES)
    page = (await pair.second.browser.get(f"{pair.second.path}/plain")).page
    assert [line.seq for line in page.lines] == list(range(2, PLAIN_PAGE_ENTRIES + 2))
    earlier = (await pair.second.browser.get(page.links["Earlier"])).page
    assert [line.seq for line in earlier.lines] == [1]
    assert "Earlier" not in earlier.links


async def test_reload_shows_new_lines_under_their_own_heading() -> None:
    server = make_server()
    pair = await server.pair()
    page = (await pair.second.browser.get(f"{pair.second.path}/plain")).page
    await post_many(server, pair.first, 2)
    reload_path = page.links["Reload"]
    assert reload_path.endswith("/plain?after=1#new")
    assert await heading_of(pair.second, "?after=1") == "2 new lines"
    again = (await pair.second.browser.get(reload_path)).body.decode()
    assert again.index("id=new") < again.index("number 1")
    assert again.index("data-event=joined") < again.index("id=new")


async def test_page_that_reloads_itself_opens_at_what_is_new() -> None:
    server = make_server()
    pair = await server.pair()
    await post_many(server, pair.first, 3)
    path = f"{pair.second.path}/plain?after=2"
    reloading = (await pair.second.browser.get(f"{path}&every=10")).body.decode()
    assert "<h2 id=new tabindex=-1 autofocus>" in reloading
    assert "<a href=#new>" in reloading
    assert "autofocus" not in (await pair.second.browser.get(path)).body.decode()


@pytest.mark.parametrize(
    ("after", "heading"), [(1, "1 new line"), (2, "0 new lines"), (0, "2 new lines")]
)
async def test_first_heading_counts_the_new_lines(after: int, heading: str) -> None:
    pair = await make_server().pair()
    await pair.first.send("hello")
    assert await heading_of(pair.second, f"?after={after}") == heading


async def test_after_is_exclusive_and_seen_lines_are_not_new() -> None:
    pair = await make_server().pair()
    reply = await pair.first.browser.get(f"{pair.first.path}/plain?after=1")
    assert b"id=new" not in reply.body


async def test_page_of_earlier_lines_marks_nothing_as_new() -> None:
    pair = await make_server().pair()
    await pair.first.send("hello")
    assert await heading_of(pair.second, "?before=2") == "0 new lines"


@pytest.mark.parametrize(
    "query",
    [
        "?after=3",
        "?after=-1",
        "?after=x",
        "?after=",
        "?after=1e3",
        "?after=%D9%A3",
        "?after=9999999999",
        "?before=0",
        "?before=4",
        "?before=x",
        "?after=2&before=-2",
    ],
)
async def test_invalid_cursor_is_400(query: str) -> None:
    server = make_server()
    pair = await server.pair()
    reply = await pair.first.browser.get(f"{pair.first.path}/plain{query}")
    assert reply.status == 400
    assert "does not exist" in reply.page.text
    assert not server.services.failures


async def test_message_from_the_plain_view_returns_to_the_new_lines() -> None:
    pair = await make_server().pair()
    page = (await pair.first.browser.get(f"{pair.first.path}/plain")).page
    await pair.second.send("meanwhile")
    form = page.form("/messages")
    assert form.fields["view"] == "plain"
    posted = await pair.first.browser.post(form.action, {**form.fields, "text": "mine"})
    assert posted.status == 303
    assert posted.headers["location"] == f"{pair.first.path}/plain?after=1#new"
    assert await heading_of(pair.first, "?after=1") == "2 new lines"


async def test_refused_message_comes_back_in_the_plain_view() -> None:
    pair = await make_server().pair()
    page = (await pair.first.browser.get(f"{pair.first.path}/plain")).page
    refused = await pair.first.browser.submit(page.form("/messages"), text="x" * 2_001)
    assert refused.status == 413
    assert refused.page.lines
    assert refused.page.form("/messages").fields["text"] == "x" * 2_001


async def test_refused_message_comes_back_whatever_the_query_is() -> None:
    pair = await make_server().pair()
    form = (await pair.first.browser.get(f"{pair.first.path}/plain")).page.form("/messages")
    sent = {**form.fields, "text": "x" * 2_001}
    refused = await pair.first.browser.send(f"{form.action}?before=x&after=99", sent)
    assert refused.status == 413
    assert refused.page.form("/messages").fields["text"] == "x" * 2_001


async def test_refused_message_does_not_make_old_lines_new() -> None:
    pair = await make_server().pair()
    page = (await pair.first.browser.get(f"{pair.first.path}/plain")).page
    refused = await pair.first.browser.submit(page.form("/messages"), text="")
    assert "<h1>0 new lines</h1>" in refused.body.decode()


async def test_plain_view_and_live_view_link_to_each_other() -> None:
    pair = await make_server().pair()
    plain = (await pair.first.browser.get(f"{pair.first.path}/plain")).page
    assert plain.links["Live view"] == pair.first.path
    live = (await pair.first.browser.get(pair.first.path)).page
    assert live.links["Plain view"] == f"{pair.first.path}/plain"


async def test_plain_view_has_both_exit_buttons() -> None:
    pair = await make_server().pair()
    page = (await pair.first.browser.get(f"{pair.first.path}/plain")).page
    assert page.form("/next").fields["token"]
    assert (await pair.first.browser.submit(page.form("/leave"))).path == "/"


async def long_talk(count: int) -> tuple[ChatPair[AppBrowser], FakeClock]:
    server = make_server()
    pair = await server.pair()
    await post_many(server, pair.first, count)
    return pair, server.clock


@pytest.mark.slow  # 260 messages through the composer
async def test_paging_back_shows_each_kept_line_once_and_counts_the_rest() -> None:
    pair, _clock = await long_talk(259)
    seen: list[int] = []
    path = f"{pair.second.path}/plain"
    for _ in range(10):
        reply = await pair.second.browser.get(path)
        seen = [line.seq for line in reply.page.lines] + seen
        if "Earlier" not in reply.page.links:
            break
        path = reply.page.links["Earlier"]
    assert seen == [1, *range(260 - RING_MESSAGES + 1, 261)]
    assert "59 older lines are forgotten." in reply.page.text
