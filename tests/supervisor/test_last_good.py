"""A web process gets the configuration as it was when it last was valid."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.core.errors import OperatorError
from server.supervisor.last_good import LastGood


def must_not_be_called(sentence: str) -> None:
    raise AssertionError(sentence)


def write_title(file: Path, title: str) -> None:
    file.write_text(f'[house]\ntitle.en = "{title}"\n', encoding="utf-8")


def test_without_a_file_there_is_nothing() -> None:
    assert LastGood(None).read(must_not_be_called) is None


def test_each_reads_the_file_again(tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    config = LastGood(file)
    for title in ("Garden", "Harbour"):
        write_title(file, title)
        assert title in str(config.read(must_not_be_called))


@pytest.mark.parametrize("text", ["[house]\ntitel.en = 1\n", "[[[", None])
def test_last_valid_one_stands_while_the_file_is_wrong(tmp_path: Path, text: str | None) -> None:
    file, notes = tmp_path / "server.toml", list[str]()
    config = LastGood(file)
    write_title(file, "Garden")
    good = config.read(must_not_be_called)
    file.unlink()
    if text is not None:
        file.write_text(text, encoding="utf-8")
    assert config.read(notes.append) == good
    assert notes[0].endswith("the web process goes on with the configuration as it was before")
    assert notes[1].startswith("hint: ")
    write_title(file, "Harbour")
    assert "Harbour" in str(config.read(must_not_be_called))


def test_variables_are_in_force_with_and_without_a_file(tmp_path: Path) -> None:
    file, variables = tmp_path / "server.toml", {"SOTTOVOCE_HOUSE_TITLE": "Outside"}
    assert "Outside" in str(LastGood(None, variables).read(must_not_be_called))
    write_title(file, "Garden")
    text = str(LastGood(file, variables).read(must_not_be_called))
    assert "Outside" in text
    assert "Garden" not in text


def test_file_that_never_was_valid_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    file.write_text("[capacity]\nrooms = 0\n", encoding="utf-8")
    with pytest.raises(OperatorError, match=r"rooms \(line 2\) is not a valid number") as refused:
        LastGood(file).read(must_not_be_called)
    assert refused.value.hint.startswith("capacity.rooms: a whole number")


def test_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"server\.toml cannot be read"):
        LastGood(tmp_path / "server.toml").read(must_not_be_called)


@pytest.mark.checklist(51)
def test_bridges_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    file.write_text('[tor]\nbridges = ["192.0.2.1:443"]\n', encoding="utf-8")
    text = str(LastGood(file).read(must_not_be_called))
    assert "tor" in text
    assert "192.0.2" not in text
