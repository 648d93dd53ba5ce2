"""The service serves its source, its stylesheet, and correct pages about itself."""

from __future__ import annotations

import io
import re
import tarfile
from pathlib import Path

import pytest

from server import __version__
from server.web import request_handling
from server.web.safeguards import Safeguards

from .appbrowser import make_server

TOP = Path(__file__).parents[2]


async def test_about_links_to_the_source_of_the_running_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(request_handling, "PIECE_S", 0.0)
    browser = make_server().browser()
    about = (await browser.get("/about")).page
    assert __version__ in about.text
    (path,) = [link for link in about.links.values() if link.endswith(".tar.gz")]
    reply = await browser.get(path)
    assert (reply.status, reply.headers["content-type"]) == (200, "application/gzip")
    with tarfile.open(fileobj=io.BytesIO(reply.body)) as archive:
        names = archive.getnames()
        top = f"sottovoce-{__version__}"
        served = archive.extractfile(f"{top}/server/serve.py")
        assert served is not None
        assert served.read() == (TOP / "server" / "serve.py").read_bytes()
    assert {f"{top}/templates/door.html", f"{top}/LICENSE", f"{top}/pyproject.toml"} <= set(names)
    assert all(name.startswith(f"{top}/") and ".." not in name for name in names)
    assert not [
        name for name in names if "__pycache__" in name or ".venv" in name or ".git/" in name
    ]


async def test_archive_reveals_nothing_about_the_build_machine() -> None:
    server = make_server()
    with tarfile.open(fileobj=io.BytesIO(server.services.source_archive)) as archive:
        for info in archive.getmembers():
            assert (info.uid, info.gid, info.mtime, info.uname, info.gname) == (0, 0, 0, "", "")


@pytest.mark.checklist(22)
async def test_archive_contains_no_build_time() -> None:
    # Bytes 4 to 7 of a gzip file are its modification time. Source: RFC 1952, section 2.3.
    assert make_server().services.source_archive[4:8] == bytes(4)


async def test_every_page_links_the_stylesheet_under_its_hash() -> None:
    browser = make_server().browser()
    for page in ("/", "/pair", "/help"):
        html = (await browser.get(page)).body.decode()
        (path,) = re.findall(r"<link rel=stylesheet href=(/[0-9a-f]+\.css)>", html)
        sheet = await browser.get(path)
        assert (sheet.status, sheet.headers["content-type"]) == (200, "text/css; charset=utf-8")
        assert sheet.headers["cache-control"].startswith("max-age=")


async def test_stylesheet_under_any_other_name_is_404() -> None:
    for path in ("/style.css", "/000000000000.css", "/.css"):
        assert (await make_server().browser().get(path)).status == 404


@pytest.mark.checklist(5)
async def test_stylesheet_loads_nothing_and_has_no_comment() -> None:
    css = make_server().services.stylesheet.body.decode()
    for token in ("url(", "@import", "@font-face", "//", "svg", "expression", "javascript", "/*"):
        assert token not in css


@pytest.mark.parametrize("path", ["/safety", "/privacy", "/help", "/about"])
async def test_page_about_the_service_has_content(path: str) -> None:
    page = (await make_server().browser().get(path)).page
    assert len(page.text.split()) > 60


HELP_BEGINS = [
    "To begin",
    "To write",
    "To read",
    "If nothing new comes",
    "Next and Leave",
    "To leave nothing behind",
    "Something is wrong",
]


async def test_help_has_headings_in_the_order_in_which_people_need_them() -> None:
    page = (await make_server().browser().get("/help")).body.decode()
    headings = re.findall(r"<h2>(.+?)</h2>", page)
    assert headings[: len(HELP_BEGINS)] == HELP_BEGINS
    assert len(set(headings)) == len(headings) == page.count("<h2>")


LONGEST_PARAGRAPH_WORDS = 90


@pytest.mark.parametrize("path", ["/safety", "/privacy", "/help", "/about", "/cookies"])
async def test_no_paragraph_of_a_text_page_is_long(path: str) -> None:
    server = make_server()
    server.services.safeguards = Safeguards(knows_circuits=True)
    page = (await server.browser().get(path)).body.decode()
    main = page.partition("<main>")[2].partition("</main>")[0]
    for paragraph in re.split(r"<(?:p|li|h1|h2)\b[^>]*>", main):
        words = re.sub(r"<[^>]+>", " ", paragraph).split()
        assert len(words) <= LONGEST_PARAGRAPH_WORDS, paragraph


async def test_help_says_what_a_page_without_scripts_cannot_keep() -> None:
    page = (await make_server().browser().get("/help")).page
    assert "It is lost when you reload the page or open another one" in page.text


async def test_no_page_sends_a_text_browser_to_a_setting_of_firefox() -> None:
    for path in ("/help", "/cookies"):
        text = (await make_server().browser().get(path)).page.text
        assert "text browsers w3m and Lynx do not work" in text


async def test_safety_page_states_that_this_is_no_crisis_service() -> None:
    page = (await make_server().browser().get("/safety")).page
    assert "not a crisis service" in page.text


SAFETY_HEADINGS = [
    "Rules",
    "The most important",
    "What never to tell",
    "How manipulation goes",
    "Links and files",
    "Meeting",
    "Screenshots",
    "How you write",
    "Tor Browser at the level Safest",
    "Bridges",
    "When it is dangerous to be seen with Tor",
]


async def test_safety_page_has_its_sections_in_every_language() -> None:
    found = {}
    for language in ("en", "fa"):
        body = (await make_server().browser().get(f"/safety?lang={language}")).body.decode()
        found[language] = re.findall(r"<h2>(.+?)</h2>", body)
    assert found["en"] == SAFETY_HEADINGS
    assert len(set(found["fa"])) == len(SAFETY_HEADINGS)
    assert not set(found["fa"]) & set(SAFETY_HEADINGS)


@pytest.mark.parametrize(
    "sentence",
    [
        "a language and a topic, an illness and a profession",
        "Feigned closeness",
        "Urgency",
        "Half-truths",
        "One-sided questions",
        "It cannot delete a copy: a screenshot",
        "the shield in the address bar, then Settings, then Change, and choose Safest",
        "after a restart you cannot come back to a conversation",
        "It does not make that impossible",
        "Perhaps do not come here at all",
    ],
)
async def test_safety_page_says(sentence: str) -> None:
    assert sentence in (await make_server().browser().get("/safety")).page.text
