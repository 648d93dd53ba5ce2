"""In every page mode, and across switches between them, no entry is lost without a note.

A reader has only a cursor. Whatever is posted, deleted or dropped in the meantime, each page mode
accounts for every entry after the cursor: it shows the entry once or counts it as missed.
"""

from __future__ import annotations

import asyncio
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.core.ids import Secret
from server.core.room.log import RoomLog
from server.core.room.spent_tokens import ComposerToken
from server.demo.document import Document
from server.store.contract.chat import Store
from server.web.views import plain
from tests.fakes import Talker, join_room

from .appbrowser import AppBrowser, AppServer, make_server

RING = {"max_messages": 12, "max_events": 6, "max_bytes": 10_000}

STEPS = st.one_of(
    st.tuples(st.just("post"), st.integers(1, 20)),
    st.tuples(st.just("join and leave"), st.integers(1, 5)),
    st.tuples(st.just("delete"), st.integers(0, 3)),
    st.tuples(st.sampled_from(["live", "plain", "refresh", "stay"]), st.just(0)),
)


@pytest.fixture(autouse=True)
def small_ring_and_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the ring overflow and pages span several parts within a few steps."""
    defaults = RoomLog.__init__.__kwdefaults__
    assert defaults is not None
    for name, value in RING.items():
        monkeypatch.setitem(defaults, name, value)
    monkeypatch.setattr(plain, "PLAIN_PAGE_ENTRIES", 5)
    monkeypatch.setattr(plain, "REFRESH_ENTRIES", 3)


class OtherMembers:
    """The other members of the room and their actions."""

    def __init__(self, server: AppServer, secret: Secret, talker: Talker[AppBrowser]) -> None:
        self._server = server
        self._secret = secret
        self._talker = talker
        self._posts = 0

    @property
    def _store(self) -> Store:
        return self._server.store

    async def post(self, count: int) -> None:
        """Post this many messages."""
        chat_id = (await self._store.list_chats(self._secret))[0].chat_id
        for _ in range(count):
            self._server.clock.advance(2)
            token = ComposerToken(self._posts, b"%d" % self._posts)
            self._posts += 1
            await self._store.post(self._secret, chat_id, f"words {self._posts}", token)

    async def join_and_leave(self, count: int) -> None:
        """Let this many members join and leave again."""
        for _ in range(count):
            # Slowly, so that the pace of the room refuses nothing.
            self._server.clock.advance(5)
            await (await join_room(self._server.browser())).press("leave")

    async def delete(self, index: int) -> None:
        """Delete one of the newest messages, if there is one."""
        chat_id = (await self._store.list_chats(self._secret))[0].chat_id
        own = await self._store.own_messages(self._secret, chat_id)
        if index < len(own):
            await self._store.delete_message(self._secret, chat_id, own[index].seq)


class Reader:
    """Reads in every page mode, and checks that every entry is accounted for."""

    def __init__(self, talker: Talker[AppBrowser], cursor: int) -> None:
        self._talker = talker
        self._joined = cursor
        self.cursor = cursor

    async def newest(self) -> int:
        """Return the seq of the newest entry: the cursor in the page's form."""
        page = (await self._get("")).form("/messages")
        return int(page.fields["after"])

    async def live(self) -> None:
        """Open a stream at the cursor, and read it up to the newest entry."""
        last = await self.newest()
        async with self._talker.browser.watch(f"{self._talker.path}/live{self._after()}") as stream:
            shown, missed = await _take(stream.event, last if last > self.cursor else None)
        self._account(shown, missed, last)

    async def plain(self) -> None:
        """Read the static page, and page back to the beginning."""
        last = await self.newest()
        page = await self._get(self._after())
        self._check_page(page, last)
        shown, forgotten = await self._page_back(page)
        # Every entry since joining is on the pages or counted as forgotten.
        assert len(shown) + forgotten == last - self._joined
        self._account([seq for seq in shown if seq > self.cursor], None, last)

    async def refresh(self) -> None:
        """Read the reloading page twice, then confirm that everything is read."""
        last = await self.newest()
        for _ in range(2):
            page = await self._get(f"{self._after()}&every=10")
            self._check_page(page, last)
            assert page.title.startswith(f"({last - self.cursor}) ")
        read = page.links["I have read all this"]
        assert f"after={last}&" in read
        self.cursor = last

    def _after(self) -> str:
        return f"?after={self.cursor}"

    async def _get(self, query: str) -> Document:
        reply = await self._talker.browser.get(f"{self._talker.path}/plain{query}")
        assert reply.status == 200
        return reply.page

    def _check_page(self, page: Document, last: int) -> None:
        """Check that the heading counts all new entries, and that lines are ordered and unique."""
        heading = re.search(r"(\d+) new line", page.text)
        assert heading is not None
        assert int(heading[1]) == last - self.cursor
        seqs = [line.seq for line in page.lines]
        assert seqs == sorted(set(seqs))

    async def _page_back(self, page: Document) -> tuple[list[int], int]:
        shown: list[int] = []
        forgotten = 0
        while True:
            shown = [line.seq for line in page.lines] + shown
            forgotten += _forgotten(page.text)
            if "Earlier" not in page.links:
                return shown, forgotten
            page = (await self._talker.browser.get(page.links["Earlier"])).page

    def _account(self, shown: list[int], missed: int | None, last: int) -> None:
        assert shown == sorted(set(shown))
        assert all(self.cursor < seq <= last for seq in shown)
        if missed is not None:
            assert len(shown) + missed == last - self.cursor
        self.cursor = last


class OpenStreamReader(Reader):
    """Reads one stream that stays open for the whole test."""

    async def read_to(self, event: object, last: int) -> None:
        """Read the stream up to the entry `last`."""
        shown, missed = await _take(event, last if last > self.cursor else None)
        self._account(shown, missed, last)


async def _take(event: object, last: int | None) -> tuple[list[int], int]:
    """Read a stream up to the entry `last`; return the entries shown and the number missed."""
    shown: list[int] = []
    missed = 0
    while last is not None and (not shown or shown[-1] != last):
        html = await event()  # type: ignore[operator]
        missed += _forgotten(html)
        shown += [int(seq) for seq in re.findall(r"data-seq=(\d+)", html)]
    return shown, missed


def _forgotten(text: str) -> int:
    found = re.search(r"(\d+) older line", text)
    return int(found[1]) if found else 0


@pytest.mark.slow  # dozens of conversations through the pages
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(STEPS, max_size=14))
def test_each_way_of_reading_accounts_for_everything(steps: list[tuple[str, int]]) -> None:
    async def run() -> None:
        server = make_server()
        writer, reading = await join_room(server.browser()), await join_room(server.browser())
        staying = await join_room(server.browser())
        secret = Secret.from_cookie(writer.browser.cookie.partition("=")[2])
        assert secret is not None
        others = OtherMembers(server, secret, writer)
        reader, stream_reader = Reader(reading, 1), OpenStreamReader(staying, 2)
        async with staying.browser.watch(f"{staying.path}/live") as stream:
            for step, count in steps:
                if step == "post":
                    await others.post(count)
                elif step == "join and leave":
                    await others.join_and_leave(count)
                elif step == "delete":
                    await others.delete(count)
                elif step == "stay":
                    await stream_reader.read_to(stream.event, await reader.newest())
                else:
                    await {"live": reader.live, "plain": reader.plain, "refresh": reader.refresh}[
                        step
                    ]()
            await reader.plain()
            assert reader.cursor == await reader.newest()
        assert not server.services.failures

    asyncio.run(run())
