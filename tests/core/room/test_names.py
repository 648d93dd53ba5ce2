"""No two names of one conversation can be confused, and a draw always terminates."""

from __future__ import annotations

import itertools

import pytest

from server.core.room.names import ENGLISH, PAIRS, Name, NameWords, _similarity_keys, draw_name
from server.core.words import FIRST, SECOND


def words_of(name: Name) -> tuple[str, str]:
    return FIRST[name.first], SECOND[name.second]


def draw_many(count: int) -> list[Name]:
    names: list[Name] = []
    for _ in range(count):
        names.append(draw_name(names))
    return names


def is_one_edit(one: str, other: str) -> bool:
    """Check for an edit distance of at most one: strip the common ends, one letter may remain."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return max(len(one), len(other)) <= 1


def seen(word: str) -> str:
    return word.replace("rn", "m").replace("vv", "w").replace("cl", "d").replace("i", "l")


def are_alike(one: str, other: str) -> bool:
    return one[:4] == other[:4] or is_one_edit(one, other) or is_one_edit(seen(one), seen(other))


def test_name_is_formatted_as_two_words() -> None:
    name = Name(FIRST.index("quiet"), SECOND.index("heron"))
    assert str(name) == f"{name}" == name.render() == "Quiet Heron"


def test_names_are_equal_by_their_indexes() -> None:
    assert Name(3, 5) == Name(3, 5)
    assert len({Name(3, 5), Name(3, 5), Name(5, 3)}) == 2


def test_every_index_of_the_lists_can_be_formatted() -> None:
    for name in (Name(0, 0), Name(len(FIRST) - 1, len(SECOND) - 1)):
        assert str(name).lower().split() == list(words_of(name))


def test_another_language_has_its_own_words_and_word_order() -> None:
    first = tuple(f"a{place}" for place in range(len(FIRST)))
    second = tuple(f"b{place}" for place in range(len(SECOND)))
    assert Name(3, 5).render(NameWords(first, second, "{second}-e {first}")) == "b5-e a3"


@pytest.mark.parametrize("cut", [(1, 0), (0, 1)])
def test_word_list_of_another_length_is_refused(cut: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="one length"):
        NameWords(ENGLISH.first[cut[0] :], ENGLISH.second[cut[1] :])


def test_there_are_four_million_names() -> None:
    assert PAIRS >= 4_000_000


@pytest.mark.checklist(16)
def test_drawn_names_are_random() -> None:
    assert len({draw_name() for _ in range(200)}) > 195


def test_draw_reaches_both_ends_of_the_lists() -> None:
    names = [draw_name() for _ in range(2_000)]
    for places in ([name.first for name in names], [name.second for name in names]):
        assert min(places) < 40
        assert max(places) > len(FIRST) - 40


@pytest.mark.checklist(16)
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sunlit", "sunlight"),
        ("calm", "clam"),
        ("mellow", "yellow"),
        ("charmed", "charm"),
        ("barn", "bam"),
        ("clove", "dove"),
        ("flow", "flovv"),
        ("slip", "sllp"),
    ],
)
def test_confusable_words_share_a_similarity_key(one: str, other: str) -> None:
    assert _similarity_keys(one) & _similarity_keys(other)
    assert not _similarity_keys("quiet") & _similarity_keys("heron")


def test_two_words_of_one_name_are_not_alike() -> None:
    names = [words_of(draw_name()) for _ in range(20_000)]
    assert not [name for name in names if are_alike(*name)]


def test_names_of_a_pair_and_of_a_small_room_are_never_alike() -> None:
    for _ in range(30):
        words = [word for name in draw_many(8) for word in words_of(name)]
        assert not [pair for pair in itertools.combinations(words, 2) if are_alike(*pair)]


@pytest.mark.slow  # half a million comparisons of two words
def test_names_of_a_room_of_500_share_no_word_and_are_not_alike() -> None:
    words = [word for name in draw_many(500) for word in words_of(name)]
    assert len(set(words)) == len(words)
    assert not [pair for pair in itertools.combinations(words, 2) if are_alike(*pair)]


def test_room_too_large_for_the_rule_gets_distinct_names() -> None:
    taken = [Name(place, place) for place in range(len(FIRST))]
    for _ in range(100):
        taken.append(draw_name(taken))
    assert len(set(taken)) == len(taken)


def test_last_free_name_is_found_and_then_drawing_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.core.room.names.PAIRS", 8 * len(SECOND))
    monkeypatch.setattr("server.core.room.names.TRIES", 0)
    taken = [Name(first, second) for first in range(8) for second in range(len(SECOND))]
    free = taken.pop(5_000)
    assert draw_name(taken) == free
    with pytest.raises(ValueError, match="taken"):
        draw_name([*taken, free])
