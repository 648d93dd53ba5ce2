"""The file of the first start says what was answered, and has every other key with its default."""

from __future__ import annotations

import pytest

from server.config.example import uncommented
from server.config.load import default_config, parse_config
from server.core.errors import OperatorError
from server.core.limits import MAX_PUBLIC_ROOMS
from server.first_start.answers import Answers, languages_in, render_answers, rooms_in, title_in


def test_nothing_answered_means_what_no_file_means() -> None:
    assert parse_config(render_answers(Answers())) == default_config()


def test_answers_are_in_force_and_the_rest_is_the_default() -> None:
    answers = Answers(
        'A "room" of \\ my own', ("fa", "en"), ("کتاب", "Café Blue", "new", "Café Blue")
    )
    config, default = parse_config(render_answers(answers)), default_config()
    assert config.house.languages == ("fa", "en")
    assert config.house.title == {"fa": 'A "room" of \\ my own'}
    assert [(room.name, room.title) for room in config.rooms] == [
        ("room-1", {"fa": "کتاب"}),
        ("cafe-blue", {"fa": "Café Blue"}),
        ("room-3", {"fa": "new"}),
        ("room-4", {"fa": "Café Blue"}),
    ]
    assert (config.topics, config.hours) == (default.topics, default.hours)
    assert (config.capacity, config.tor) == (default.capacity, default.tor)


def test_bridges_are_in_force_as_they_were_pasted() -> None:
    config = parse_config(render_answers(Answers(bridges=("obfs4 a=b", 'b "c"'))))
    assert config.tor.bridges == ("obfs4 a=b", 'b "c"')
    assert not config.tor.circuit_ids


def test_no_room_is_no_room() -> None:
    config = parse_config(render_answers(Answers("A", (), ())))
    assert (config.rooms, config.house.title) == ((), {"en": "A"})


def test_every_other_key_is_in_it_behind_its_reason() -> None:
    text = render_answers(Answers("A", ("fa",)))
    assert "#[capacity]" in text
    assert "#bridges = []" in text
    assert "#welcome.en" in text
    # With everything in force it is still one valid document.
    assert parse_config(uncommented(text)).house.title == {"fa": "A"}


@pytest.mark.parametrize(
    ("answer", "codes"), [("en, fa", ()), ("fa,en", ("fa", "en")), ("فارسی", ("fa",))]
)
def test_languages_are_separated_by_commas(answer: str, codes: tuple[str, ...]) -> None:
    assert languages_in(answer) == codes


def test_answer_that_cannot_be_used_is_refused() -> None:
    with pytest.raises(OperatorError):
        languages_in("en, xx")
    with pytest.raises(OperatorError):
        title_in("x" * 61, "en")
    with pytest.raises(OperatorError):
        rooms_in("a," + "b" * 61, "en")
    with pytest.raises(OperatorError):
        rooms_in(",".join(str(number) for number in range(MAX_PUBLIC_ROOMS + 1)), "en")
