"""A restart deletes everything: the process keeps its data in memory only."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.everything import code_on, press
from tests.fakes import ChatPair, join_room

from .private_folders import PrivateFolders
from .server_process import running_server


@pytest.mark.checklist(12, 27)
@pytest.mark.slow  # two processes
async def test_nothing_survives_a_restart(tmp_path: Path) -> None:
    folders = PrivateFolders(tmp_path)
    with running_server(folders.run, launch=folders.launch_options()) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        form = (await pair.first.browser.get(f"{pair.first.path}/composer")).page.form("/messages")
        opened = await press(pair.second.browser, "/rooms/new", "/rooms/new", title="Tea at five")
        words, _ = code_on(opened)
        await (await join_room(server.browser())).send("anybody here")
        server.stop()
    assert folders.files() == []
    with running_server(folders.run, launch=folders.launch_options()) as again:
        assert again.ask_admin(b"status\n")["sessions"] == 0
        late = again.browser()
        late.cookie = pair.first.browser.cookie
        assert (await late.get(pair.first.path)).status == 404
        assert (await late.submit(form, text="still there")).status == 403
        stranger = again.browser()
        invite = (await stranger.get("/rooms")).page.form("/invite")
        assert (await stranger.submit(invite, code=words)).status == 404
        assert await (await join_room(again.browser())).texts() == []
