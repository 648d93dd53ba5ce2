"""The word lists keep their size, form and order, and pass all checks for offensive words."""

from __future__ import annotations

import hashlib

import pytest

from server.core.words import CODE_WORDS, FIRST, SECOND

INSIDE = """
fuck shit cunt nigg fagg porn slut whore bitch nazi hitler penis vagin tranny wank jihad allah jesus
christ muslim genocid suicid murder cancer corpse torture
"""
"""Stems that no word may contain."""

AT_THE_START = """
ass anal anus arse bomb boob breast butt bloody blood chink church cock coon crack cripple cum dead
death devil dick die drug dumb dyke fag fat fart gay god gook gun gypsy hate heil hell heroin holy
homo hump idiot jap jew jugs kike kill kkk knife kraut lesbi lust meth moron naked nipple nude oral
orgasm orgy paki poop prick pus queer race rape rapist retard rifle satan semen sex shoot slave
spastic sperm spic squaw stab strip terror tit trump turd twat ugly vomit weed wetback whip wop
"""
"""Prefixes that no word may have, except the harmless words below."""

HARMLESS = """
assorted assured assuring butter butterfly buttery button buttoned buttress crackling fathom
hellebore lustrous stable striped stripy titanium whippet
"""

PEOPLE = """
amber angel april autumn basil bill bonny brook candy carol charity chase chastity cliff colt
crystal daisy dale dawn dean drake earnest eve faith fern flora frank gale gene glen grace grant
harmony hazel heath heather holly hope hunter iris ivy jack jade jasmine jasper jay jean jewel john
joy june juniper kit lance laurel lily mark martin mason max may merry mike misty myrtle olive opal
pansy pat patty paul pearl peg penny pete phoenix piper poppy ray raven reed rich rob robin rocky
rod rose rosemary rowan ruby rusty sandy scarlet skye sierra stella sue terry tiffany tony troy
veronica victor viola violet wade warren will willow wren
"""
"""Common given names that are also words."""

name_lists = pytest.mark.parametrize("words", [FIRST, SECOND], ids=["first", "second"])
every_list = pytest.mark.parametrize(
    "words", [FIRST, SECOND, CODE_WORDS], ids=["first", "second", "codes"]
)


@every_list
def test_list_is_sorted_unique_and_lower_ascii(words: tuple[str, ...]) -> None:
    assert list(words) == sorted(set(words))
    assert all(word.isascii() and word.isalpha() and word.islower() for word in words)
    assert all(3 <= len(word) <= 9 for word in words)


@pytest.mark.checklist(16)
def test_lists_have_the_required_sizes() -> None:
    assert (len(FIRST), len(SECOND)) == (2_048, 2_048)
    assert len(CODE_WORDS) == 6**5


def test_no_word_is_in_both_name_lists() -> None:
    assert not set(FIRST) & set(SECOND)


@name_lists
def test_name_list_has_many_different_prefixes(words: tuple[str, ...]) -> None:
    """`draw_name` allows each prefix once per room, so too few of them would exhaust the list."""
    assert len({word[:4] for word in words}) > 1_500


@name_lists
def test_no_name_word_has_an_offensive_stem(words: tuple[str, ...]) -> None:
    assert not [word for word in words for stem in INSIDE.split() if stem in word]
    checked = set(words) - set(HARMLESS.split())
    assert not [word for word in checked if word.startswith(tuple(AT_THE_START.split()))]


@name_lists
def test_no_name_word_is_a_common_given_name(words: tuple[str, ...]) -> None:
    assert not set(words) & set(PEOPLE.split())


@name_lists
def test_no_name_word_is_a_skin_colour(words: tuple[str, ...]) -> None:
    assert not set(words) & {"black", "white", "brown", "yellow", "red", "dark", "pale", "tan"}


def test_no_code_word_has_moved() -> None:
    """Digits and stored keys of a code depend on word indexes: a change breaks every code."""
    digest = hashlib.sha256(" ".join(CODE_WORDS).encode()).hexdigest()
    assert digest == "b8318bd79d5e1045638455d3d925e2e23a1de77aa1c120b36f037bd9628a9ed7"
