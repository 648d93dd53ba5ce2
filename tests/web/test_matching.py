"""Matching with preferences: what can be chosen, who meets, and what both members see."""

from __future__ import annotations

import pytest
from babel import Locale

from server.config.defaults import default_topics
from server.core.limits import (
    MAX_CHOICES,
    MAX_LIMITS,
    SAME_PARTNER_S,
    TALKERS_MEET_S,
    TOPICS_RELAX_S,
)
from server.demo.text_browser import Reply
from server.web.edge.match_form import NAMES
from tests.fakes import Talker

from .appbrowser import AppBrowser, AppServer, make_server

TOPICS = default_topics()
MANY = [*TOPICS][: MAX_CHOICES + 1]


async def ask(browser: AppBrowser, *choices: tuple[str, str], intent: str = "any") -> Reply:
    """Post the long form, in which a field may occur more than once, and follow the redirect."""
    form = (await browser.get("/pair")).page.form("/pair")
    pairs = [("token", form.fields["token"]), ("intent", intent), *choices]
    body = "&".join(f"{name}={value}" for name, value in pairs).encode()
    posted = await browser.request("POST", form.action, body)
    return await browser.get(posted.headers["location"]) if posted.status == 303 else posted


async def ask_in_turn(server: AppServer, *choices: list[tuple[str, str]]) -> list[str]:
    """Let visitors with these choices come one after another; return the page of each."""
    browsers = [server.browser() for _ in choices]
    for browser, chosen in zip(browsers, choices, strict=True):
        await ask(browser, *chosen)
    return [(await browser.get("/wait")).path for browser in browsers]


def met(paths: list[str]) -> bool:
    return all(path.startswith("/chat/") for path in paths)


async def test_long_form_offers_topics_limits_and_languages() -> None:
    page = (await make_server().browser().get("/pair")).body.decode()
    for name, codes in (("topic", TOPICS), ("limits", TOPICS), ("speak", NAMES)):
        assert all(f"name={name} value={code}>" in page for code in codes)
    assert page.count("name=practise") == len(NAMES)


def test_language_names_agree_with_babel() -> None:
    assert {code: Locale.parse(code).get_display_name() for code in NAMES} == dict(NAMES)


async def test_two_with_a_common_topic_meet_at_once_and_see_it() -> None:
    server = make_server()
    first, second = server.browser(), server.browser()
    await ask(first, ("topic", "music"), ("topic", "books"))
    chat = await ask(second, ("topic", "books"), ("topic", "games"))
    assert chat.path.startswith("/chat/")
    for reply in (chat, await first.get("/wait")):
        assert "You both chose: books and films." in reply.page.text
        plain = await second.get(f"{chat.path}/plain")
        assert "You both chose: books and films." in plain.page.text


async def test_two_without_a_common_topic_meet_after_twenty_seconds() -> None:
    server = make_server()
    assert not met(await ask_in_turn(server, [("topic", "music")], [("topic", "books")]))
    server.clock.advance(TOPICS_RELAX_S)
    await server.draw()
    assert (await server.store.counts()).conversations == 1


async def test_two_talkers_meet_after_a_minute() -> None:
    server = make_server()
    first, second = server.browser(), server.browser()
    for browser in (first, second):
        assert (await ask(browser, intent="talk")).path == "/wait"
    async with first.watch("/wait/live") as stream:
        server.clock.advance(TALKERS_MEET_S)
        await second.get("/wait")
        await server.draw()
        assert "url=/chat/" in await stream.event()


async def test_limit_excludes_a_match_and_is_shown_to_both_members() -> None:
    assert not met(await ask_in_turn(make_server(), [("limits", "faith")], [("topic", "faith")]))
    server = make_server()
    first, second = server.browser(), server.browser()
    await ask(first, ("limits", "politics"), intent="talk")
    chat = await ask(second, intent="listen")
    assert "Topics to avoid: politics." in chat.page.text
    assert "Topics to avoid: politics." in (await first.get("/wait")).page.text


async def test_common_language_is_required_until_both_waive_it() -> None:
    server = make_server()
    first, second = server.browser(), server.browser()
    waits = await ask(first, ("speak", "fa"))
    assert "فارسی" in waits.page.text
    assert (await ask(second, ("speak", "my"))).path == "/wait"
    once = await first.submit(waits.page.form("/wait/further"))
    assert once.path == "/wait"
    assert "with any language" in once.page.text
    then = await second.submit((await second.get("/wait")).page.form("/wait/further"))
    assert then.path.startswith("/chat/")
    assert (await first.get("/wait")).path.startswith("/chat/")


async def test_learner_of_a_language_meets_a_speaker_of_it() -> None:
    choices = [[("speak", "my"), ("practise", "en")], [("speak", "en")]]
    assert met(await ask_in_turn(make_server(), *choices))


async def test_default_language_is_that_of_the_page() -> None:
    assert met(await ask_in_turn(make_server(), [], [("speak", "en")]))
    assert not met(await ask_in_turn(make_server(), [], [("speak", "fa")]))


@pytest.mark.parametrize(
    "choice",
    [("topic", "x"), ("limits", "x"), ("speak", "xx"), ("practise", "EN"), ("topic", "%00")],
)
async def test_unknown_choice_is_400(choice: tuple[str, str]) -> None:
    assert (await ask(make_server().browser(), choice)).status == 400


@pytest.mark.parametrize(
    ("name", "codes", "sentence"),
    [("topic", MANY, "at most four"), ("limits", MANY[: MAX_LIMITS + 1], "at most two topics")],
)
async def test_too_many_choices_are_refused_and_kept(
    name: str, codes: list[str], sentence: str
) -> None:
    server = make_server()
    reply = await ask(server.browser(), *((name, code) for code in codes), intent="listen")
    assert reply.status == 400
    assert sentence in reply.page.text
    html = reply.body.decode()
    assert all(f"name={name} value={code} checked>" in html for code in codes)
    assert "value=listen checked>" in html
    assert (await server.store.counts()).sessions == 0


async def test_topic_that_is_a_limit_too_is_refused_and_kept() -> None:
    server = make_server()
    reply = await ask(server.browser(), ("topic", "day"), ("limits", "day"))
    assert reply.status == 400
    assert "You chose the same topic in both lists" in reply.page.text
    html = reply.body.decode()
    assert all(f"name={name} value=day checked>" in html for name in ("topic", "limits"))
    assert (await server.store.counts()).sessions == 0


async def test_limits_that_next_keeps_are_shown_wherever_next_is() -> None:
    server = make_server()
    first, second = server.browser(), server.browser()
    waits = await ask(first, ("limits", "politics"))
    own = "You do not want to talk about: politics. Next keeps this."
    assert own in waits.page.text
    chat = await ask(second)
    assert own not in chat.page.text
    mine = await first.get("/wait")
    assert own in mine.page.text
    assert own in (await first.get(f"{mine.path}/plain")).page.text
    after = await Talker(first, mine.path).press("next")
    assert own in after.page.text
    assert after.page.links["Choose again"] == "/pair"


async def test_long_form_says_that_limits_can_be_recognised() -> None:
    page = await make_server().browser().get("/pair")
    assert "can show somebody who has met you before that it is you again" in page.page.text
    assert "at most 2 topics that you do not want to talk about" in page.page.text


async def test_safety_says_what_chance_cannot_cure() -> None:
    page = await make_server().browser().get("/safety")
    assert "one person can pretend to be many" in page.page.text


async def test_waiving_the_language_without_a_token_is_refused() -> None:
    browser = make_server().browser()
    await ask(browser)
    assert (await browser.send("/wait/further", {"token": "x"})).status == 403


async def test_same_two_do_not_meet_again_within_a_minute() -> None:
    server = make_server()
    pair = await server.pair()
    for talker in (pair.first, pair.second):
        await talker.press("next")
    assert (await server.store.counts()).waiting == 2
    server.clock.advance(SAME_PARTNER_S)
    for talker in (pair.first, pair.second):
        await talker.browser.get("/wait")
    await server.draw()
    assert (await server.store.counts()).waiting == 0


async def test_blocking_is_permanent_and_the_partner_sees_only_leaving() -> None:
    server = make_server()
    pair = await server.pair()
    wrong = (await pair.first.browser.get(f"{pair.first.path}/wrong")).page
    assert [form.action.rpartition("/")[2] for form in wrong.forms] == [
        *("panic", "never", "mute", "leave")
    ]
    after = await pair.first.browser.submit(wrong.form("/never"))
    assert after.path == "/wait"
    lines = await pair.second.lines()
    assert [line.event for line in lines] == ["joined", "left"]
    await pair.second.press("next")
    server.clock.advance(10 * SAME_PARTNER_S)
    for talker in (pair.first, pair.second):
        assert (await talker.browser.get("/wait")).path == "/wait"
    await server.draw()
    assert (await server.store.counts()).waiting == 2


async def test_blocking_without_a_token_is_refused() -> None:
    pair = await make_server().pair()
    reply = await pair.first.browser.send(f"{pair.first.path}/never", {"token": "x"})
    assert reply.status == 403
    assert (await pair.first.browser.get(pair.first.path)).status == 200
