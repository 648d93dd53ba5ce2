"""The privacy page shows what is true of this process, and names the test of every promise."""

from __future__ import annotations

from html import unescape

import pytest

from server.core.limits import (
    CELL_BYTES,
    CIRCUIT_KEPT_S,
    KEPT_S,
    PUBLIC_RENEWAL_S,
    RING_MESSAGES,
    SESSION_SILENCE_S,
)
from server.web.render.promises import NOT_PROTECTED, PROMISES
from server.web.safeguards import Safeguards

from .appbrowser import make_server


async def privacy_page(here: Safeguards | None = None, language: str = "en") -> str:
    server = make_server()
    server.services.safeguards = here or Safeguards()
    return (await server.browser().get(f"/privacy?lang={language}")).page.text


@pytest.mark.parametrize("here", [Safeguards(), Safeguards(is_locked_down=False)])
async def test_every_promise_has_the_number_of_its_test_on_the_other_page(
    here: Safeguards,
) -> None:
    server = make_server()
    server.services.safeguards = here
    browser = server.browser()
    privacy = (await browser.get("/privacy")).body.decode()
    about = (await browser.get("/about")).body.decode()
    held = [promise for promise in PROMISES if promise.holds(here)]
    promises = privacy.partition("<ol>")[2].partition("</ol>")[0].split("<li>")[1:]
    tests = about.partition("<ol dir=ltr>")[2].partition("</ol>")[0].split("<li>")[1:]
    assert [test.strip() for test in tests] == [promise.test for promise in held]
    for shown, promise in zip(promises, held, strict=True):
        assert unescape(shown).strip()[:40] == promise.text[:40]
    assert "%(" not in privacy


async def test_limits_come_before_promises() -> None:
    page = await privacy_page()
    assert page.index("What is not protected") < page.index("What this server promises")


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_no_id_of_a_test_stands_on_the_page(language: str) -> None:
    assert "tests/" not in await privacy_page(language=language)


async def test_numbers_are_those_in_force() -> None:
    page = await privacy_page(Safeguards(knows_circuits=True))
    assert f"gone {SESSION_SILENCE_S // 60} minutes later" in page
    assert f"at most {RING_MESSAGES} messages (sealed)" in page
    assert f"keeps the name for {int(CIRCUIT_KEPT_S // 60)} minutes" in page
    assert f"from {PUBLIC_RENEWAL_S:.0f} seconds later" in page
    assert f"for up to {KEPT_S / 60:.0f} minutes, so that you can correct it" in page
    assert f"whole Tor cells ({CELL_BYTES} bytes)" in page


async def test_numbers_are_in_the_digits_of_the_language() -> None:
    page = await privacy_page(language="fa")
    assert "۲۰۰" in page
    assert "%(" not in page


NO_SOCKET, NO_FILE = "another program or write a file", "cannot open any file"
ONLY_OWN = "cannot remove any file except"
REMOVES = "the kernel has no Landlock"
CIRCUITS = "for at most 10 minutes after that"
TRACES = "freed memory is not overwritten"


@pytest.mark.parametrize(
    ("here", "shown", "hidden"),
    [
        (Safeguards(), (NO_SOCKET, NO_FILE, ONLY_OWN), (TRACES, REMOVES)),
        (
            Safeguards(removes_own_files_only=False),
            (NO_SOCKET, NO_FILE, REMOVES),
            (ONLY_OWN, TRACES),
        ),
        (Safeguards(is_locked_down=False), (), (NO_SOCKET, NO_FILE, ONLY_OWN, REMOVES)),
        (Safeguards(overwrites_freed_memory=False), (NO_SOCKET, TRACES), ()),
        (Safeguards(), (), (CIRCUITS,)),
        (Safeguards(knows_circuits=True), (CIRCUITS,), ()),
    ],
)
async def test_sentences_about_the_machine_appear_only_where_true(
    here: Safeguards, shown: tuple[str, ...], hidden: tuple[str, ...]
) -> None:
    page = await privacy_page(here)
    assert [sentence in page for sentence in shown] == [True] * len(shown)
    assert not [sentence for sentence in hidden if sentence in page]


async def test_page_shows_what_is_not_protected() -> None:
    page = await privacy_page(
        Safeguards(overwrites_freed_memory=False, removes_own_files_only=False)
    )
    for sentence in NOT_PROTECTED:
        numbers = {name: f"{number}" for name, number in sentence.numbers.items()}
        assert sentence.text % numbers in page
