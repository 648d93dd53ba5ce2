"""A bug anywhere gives one static page and one count. No output contains the request's data."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.web.edge.error_pages import BROKEN

from .breaking import HEADER
from .needles import Needles
from .private_folders import PrivateFolders
from .provocations import fill_path, routes
from .server_process import ServerProcess, running_server
from .witnesses import Witness, marked_headers

pytestmark = pytest.mark.slow  # each test starts a process of its own

BREAKING = "tests.process.breaking"

LOUD = {"PYTHONDEVMODE": "1", "PYTHONWARNINGS": "always", "QUART_DEBUG": "1"}
"""Variables that a developer sets to see more output."""


OUTSIDE = ("callback", "task", "finalizer", "thread", "warning", "log")
"""Kinds of bugs outside of views; the last two raise nothing and are not counted."""


def visitor(server: ServerProcess, needles: Needles, kind: str) -> Witness:
    """Return a visitor whose requests trigger bugs of one kind."""
    headers = {**marked_headers(needles), HEADER: kind}
    return Witness(server.connect, needles, headers=headers)


async def break_every_view(server: ServerProcess, needles: Needles) -> list[bytes]:
    """Trigger a bug on every route with a cookie and a form; return the pages."""
    browser, word = visitor(server, needles, "view"), needles.mark("path")
    browser.cookie = f"__Host-s={needles.mark('cookie')}"
    pages = []
    for method, path in routes():
        body = f"text={needles.mark('word')}".encode() if method == "POST" else b""
        reply = await browser.request(method, fill_path(path, word) + f"?after={word}", body)
        assert reply.status == BROKEN.status
        assert bool(reply.body) is (method != "HEAD")
        pages.append(reply.body)
    return pages


@pytest.mark.checklist(10, 23)
async def test_bug_in_any_view_is_one_static_page_and_one_count(tmp_path: Path) -> None:
    folders, needles = PrivateFolders(tmp_path), Needles()
    traces = folders.traces()
    with running_server(folders.run, launch=folders.launch_options(BREAKING, **LOUD)) as server:
        pages = await break_every_view(server, needles)
        status = server.ask_admin(b"status\n")
        code, out, err = server.stop()
    assert status["failures"] == len(pages)
    assert all(isinstance(value, int) for name, value in status.items() if name != "status")
    (page,) = set(pages) - {b""}
    assert BROKEN.sentence in page.decode()
    assert needles.found_in(page) == set()
    assert not traces.found(needles, out=out, err=err)
    assert (code, out, err) == (0, '{"event": "ready"}\n', "")


@pytest.mark.checklist(23)
async def test_bug_outside_of_a_view_leaves_no_trace(tmp_path: Path) -> None:
    folders, needles = PrivateFolders(tmp_path), Needles()
    traces, counted = folders.traces(), []
    with running_server(folders.run, launch=folders.launch_options(BREAKING, **LOUD)) as server:
        for kind in OUTSIDE:
            browser = visitor(server, needles, kind)
            browser.cookie = f"__Host-s={needles.mark(f'cookie of {kind}')}"
            await browser.get(f"/help?lang={needles.mark(f'query of {kind}')}")
            # A second request; once it is answered, the first is finished.
            assert (await server.browser().get("/help")).status == 200
            counted.append(server.ask_admin(b"status\n")["failures"])
        code, out, err = server.stop()
    assert not traces.found(needles, out=out, err=err)
    assert (code, out, err) == (0, '{"event": "ready"}\n', "")
    assert counted == [1, 2, 3, 4, 4, 4]


@pytest.mark.checklist(23)
async def test_leaking_server_is_detected(tmp_path: Path) -> None:
    folders, needles = PrivateFolders(tmp_path), Needles()
    traces = folders.traces()
    with running_server(
        folders.run, "--unsealed", launch=folders.launch_options(BREAKING)
    ) as server:
        browser = visitor(server, needles, "leak")
        browser.cookie = f"__Host-s={needles.mark('cookie')}"
        await browser.get(f"/help?{needles.mark('query')}")
        _, out, err = server.stop()
    found = traces.found(needles, out=out, err=err)
    log_folders = (folders.cwd, folders.home, folders.temporary)
    assert set(found) == {"out", "err", *(str(folder / "log") for folder in log_folders)}
    sent = {"user agent", "language", "referer", "cookie", "query"}
    assert all(kinds == sent for kinds in found.values())
