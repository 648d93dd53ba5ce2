"""A name after an `@` mentions its owner, in any case; anything else mentions nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.limits import MAX_MENTIONS
from server.core.room.mentions import find_mentions

NAMES = {1: "Quiet Heron", 2: "Brave Otter", 3: "Quiet Her", 30: "Straße Élan"}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@Quiet Heron hello", (1,)),
        ("hello @quiet heron", (1,)),
        ("hello @QUIET HERON!", (1,)),
        ("(@Quiet Heron)", (1,)),
        ("@Quiet Heron: @Brave Otter, @Quiet Heron", (1, 2)),
        ("@Brave Otter@Quiet Heron", (2, 1)),
        ("@@Quiet Heron", (1,)),
        ("@Quiet Her", (3,)),
        ("@Quiet Her?", (3,)),
        ("@STRASSE ÉLAN", (30,)),
        ("Quiet Heron", ()),
        ("@Quiet", ()),
        ("@ Quiet Heron", ()),
        ("@Quiet  Heron", ()),
        ("@Quiet\nHeron", ()),
        ("@Quiet Herons", ()),
        ("@Lost Lynx", ()),
        ("@", ()),
        ("", ()),
    ],
)
def test_mentions_are_found(text: str, meant: tuple[int, ...]) -> None:
    assert find_mentions(text, NAMES) == meant


def test_mentions_per_message_are_bounded() -> None:
    names = {number: f"Name N{number}" for number in range(1, 40)}
    text = " ".join(f"@{name}" for name in names.values())
    assert find_mentions(text, names) == tuple(range(1, MAX_MENTIONS + 1))


def test_no_names_means_no_mentions() -> None:
    assert find_mentions("@Quiet Heron", {}) == ()


@given(st.text(st.sampled_from("@quietheron QH\n"), max_size=40))
def test_find_mentions_agrees_with_a_naive_search(text: str) -> None:
    folded = text.casefold()
    meant: list[int] = []
    for place in range(len(folded)):
        fitting = [
            (len(name), number)
            for number, name in NAMES.items()
            if folded.startswith("@" + name.casefold(), place)
            and not folded[place + 1 + len(name) :][:1].isalnum()
        ]
        if fitting:
            meant.append(max(fitting)[1])
    assert find_mentions(text, NAMES) == tuple(dict.fromkeys(meant))[:MAX_MENTIONS]
