"""What was before a restart is gone: the process had it in its memory, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.everything import code_on, press
from tests.fakes import ChatPair, come_in

from .house import running_house
from .ownfolders import OwnFolders


@pytest.mark.checklist(12, 27)
@pytest.mark.slow  # two processes
async def test_nothing_of_before_is_known_after_a_restart(tmp_path: Path) -> None:
    own = OwnFolders(tmp_path)
    with running_house(own.run, around=own.around()) as house:
        pair = await ChatPair.meet(house.browser(), house.browser())
        form = (await pair.first.browser.get(f"{pair.first.chat}/composer")).page.form("/messages")
        opened = await press(pair.second.browser, "/rooms/new", "/rooms/new", title="Tea at five")
        words, _ = code_on(opened)
        await (await come_in(house.browser())).say("anybody here")
        house.stop()
    assert own.files() == []
    with running_house(own.run, around=own.around()) as again:
        assert again.ask_admin(b"status\n")["sessions"] == 0
        late = again.browser()
        late.cookie = pair.first.browser.cookie
        assert (await late.get(pair.first.chat)).status == 404
        assert (await late.submit(form, text="still there")).status == 403
        stranger = again.browser()
        invite = (await stranger.get("/rooms")).page.form("/invite")
        assert (await stranger.submit(invite, code=words)).status == 404
        assert await (await come_in(again.browser())).texts() == []
