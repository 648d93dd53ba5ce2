"""The operator's words stand on the start page: as text, in the best language, if given."""

from __future__ import annotations

from server.core.house import House

from .appbrowser import make_server

WORDS = House(
    title={"en": "The <b>reading</b> room", "fa": "اتاق مطالعه"},
    welcome={"en": "See http://example.org & <a href=/x>this</a>."},
    rules={"en": "No advertising.\nNo spoilers."},
    contact={"en": '"Ask" the <i>person</i> at a@example.org'},
)


async def door_of(house: House, path: str = "/") -> str:
    server = make_server()
    server.services.house = house
    return (await server.browser().get(path)).body.decode()


async def test_words_of_the_operator_are_text_and_no_link() -> None:
    body = await door_of(WORDS)
    assert "<title>The &lt;b&gt;reading&lt;/b&gt; room</title>" in body
    assert "<h1 lang=en dir=auto>The &lt;b&gt;reading&lt;/b&gt; room</h1>" in body
    assert (
        "<p lang=en dir=auto>See http://example.org &amp; &lt;a href=/x&gt;this&lt;/a&gt;." in body
    )
    assert "<p lang=en dir=auto>No advertising.<p lang=en dir=auto>No spoilers." in body
    assert "&#34;Ask&#34; the &lt;i&gt;person&lt;/i&gt; at a@example.org</bdi>" in body
    assert "Sottovoce" not in body


async def test_words_are_in_the_language_of_the_page_if_there_are_any() -> None:
    body = await door_of(WORDS, "/?lang=fa")
    assert "<h1 lang=fa dir=auto>اتاق مطالعه</h1>" in body
    assert "<p lang=en dir=auto>No advertising." in body


async def test_page_without_words_of_the_operator_has_nothing_of_them() -> None:
    body = await door_of(House())
    assert "<title>Sottovoce</title>" in body
    assert "<h1>Sottovoce</h1>" in body
    for part in ("dir=auto", "<bdi", "Whoever runs this server"):
        assert part not in body


async def test_each_part_may_stand_alone() -> None:
    body = await door_of(House(contact={"en": "Ask."}))
    assert "<h1>Sottovoce</h1>" in body
    assert "Whoever runs this server writes: <bdi lang=en>Ask.</bdi>" in body
