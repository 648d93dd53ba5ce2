"""Nothing that a visitor sends is written down: not on stdout, not on stderr, not in a file."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from server.core.ids import ChatId, Secret
from server.guest.textbrowser import TextBrowser
from server.listener import serve_http
from server.serve import build_services
from server.sockets import listen_on
from server.store.base import Passage
from server.store.memory import MemoryStore
from server.web.app import create_app
from server.web.guard import Guard
from tests.fakes import ChatPair

from .house import running_house

CANARY = "heron-lamplight-quartz"


@pytest.mark.slow  # a process of its own, and twenty conversations
async def test_words_agents_and_names_reach_no_output_and_no_file(tmp_path: Path) -> None:
    with running_house(tmp_path) as house:
        agent = {"user-agent": f"{CANARY}-agent", "referer": f"/{CANARY}"}
        for _ in range(20):
            pair = await ChatPair.meet(house.browser(**agent), house.browser(**agent))
            await pair.first.say(f"{CANARY} said")
            await pair.first.browser.get(f"/{CANARY}?{CANARY}")
            await pair.first.browser.post(f"/chat/{CANARY}/messages", {"text": CANARY})
            await pair.second.press("leave")
        house.exchange(f"{CANARY}\r\n\r\n".encode())
        house.ask_admin(f"{CANARY}\n".encode())
        written = files_below(tmp_path)
        code, out, err = house.stop()
    assert (code, out, err) == (0, '{"event": "ready"}\n', "")
    assert written == []


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


class BrokenStore(MemoryStore):
    """Breaks when it is read, with what a visitor wrote in the exception."""

    async def read(
        self, secret: Secret, chat_id: ChatId, after: int, limit: int, until: int | None = None
    ) -> Passage:
        """Raise what a bug could raise."""
        page = await super().read(secret, chat_id, after, limit, until)
        if any(entry.message and CANARY in entry.message.text for entry in page.entries):
            raise RuntimeError(f"could not read {CANARY}")
        return page


async def test_exception_inside_a_stream_is_not_written_down(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path, stop = tmp_path / "web.sock", asyncio.Event()
    services = build_services(BrokenStore())
    serving = asyncio.ensure_future(
        serve_http(Guard(create_app(services), None, services.failures), listen_on(path), stop)
    )

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_unix_connection(str(path))

    pair = await ChatPair.meet(TextBrowser(connect), TextBrowser(connect))
    async with pair.second.browser.stream(f"{pair.second.chat}/live") as stream:
        await pair.first.say(CANARY)
        said_in_stream = [chunk async for chunk in stream.chunks()]
    plain = await pair.first.browser.get(f"{pair.first.chat}/plain")
    stop.set()
    await serving
    assert plain.status == 500
    for said in (str(said_in_stream), plain.body.decode(), *capfd.readouterr(), caplog.text):
        assert CANARY not in said
    # Once in the stream, which then ended, and once in the page.
    assert services.failures == {"RuntimeError": 2}
