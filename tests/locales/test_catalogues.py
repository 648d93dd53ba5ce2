"""Every catalogue is complete: all sentences translated, none fuzzy, placeholders intact."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from server.locales.language import LOCALES, load_language
from server.web.render.pages import Pages

FILES = sorted(LOCALES.glob("*/LC_MESSAGES/chat.po"))
every_catalogue = pytest.mark.parametrize("file", FILES, ids=lambda file: file.parts[-3])


def read(file: Path) -> Catalog:
    with file.open("rb") as source:
        return read_po(source, locale=file.parts[-3])


def sentences(catalogue: Catalog) -> dict[str, Message]:
    return {str(message.id): message for message in catalogue if message.id}


def test_persian_catalogue_exists() -> None:
    assert "fa" in {file.parts[-3] for file in FILES}


@every_catalogue
def test_catalogue_has_every_sentence_and_no_other(file: Path) -> None:
    with (LOCALES / "chat.pot").open("rb") as template:
        assert sentences(read(file)).keys() == sentences(read_po(template)).keys()
    assert not read(file).obsolete


@every_catalogue
def test_every_sentence_is_translated_and_none_is_fuzzy(file: Path) -> None:
    for message in sentences(read(file)).values():
        forms = [message.string] if isinstance(message.string, str) else message.string or [""]
        assert all(form.strip() for form in forms), message.id
        assert not message.fuzzy, message.id


@every_catalogue
def test_placeholders_match_the_source(file: Path) -> None:
    catalogue = read(file)
    invalid = [message.id for message in catalogue if list(message.check(catalogue))]
    assert not invalid


@every_catalogue
def test_header_names_no_person_machine_or_time(file: Path) -> None:
    header = file.read_text(encoding="utf-8").partition("\n\n")[0]
    for banned in ("Date", "Translator", "Team", "@", "Generated"):
        assert banned not in header


@every_catalogue
def test_pages_compile_and_have_a_writing_direction(file: Path) -> None:
    language = load_language(file.parts[-3].replace("_", "-"))
    Pages(language, "/x.css")
    assert language.direction in {"ltr", "rtl"}
