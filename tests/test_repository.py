"""The repository agrees with itself: errors, sentences, numbers, versions, promises."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from server import __version__
from server.core.errors import VisitorError
from server.core.limits import DEAD_MAN_S
from server.web.failures import FAILURES, HTTP
from server.web.language import load_language
from server.web.pages import Pages
from server.web.promises import PROMISES

ROOT = Path(__file__).parents[1]
TEMPLATES = sorted((ROOT / "templates").glob("*.html"))
STYLESHEET = ROOT / "templates" / "style.css"
CATALOGUE = ROOT / "server" / "locales" / "chat.pot"

NAMES = {"Sottovoce"}
"""What is written alike in every language."""

every_template = pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)


def below(kind: type[VisitorError]) -> Iterator[type[VisitorError]]:
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


def test_every_error_that_a_visitor_can_meet_has_its_answer() -> None:
    assert set(below(VisitorError)) == set(FAILURES)


def test_every_answer_to_a_failure_can_be_filled_in() -> None:
    for failure in [*FAILURES.values(), *HTTP.values()]:
        failure.sentence % {"chars": 1, "bytes": 2}


def without_code(text: str) -> str:
    """A template without its expressions, statements, comments and translated blocks."""
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", "", text, flags=re.DOTALL)
    # Attributes that a page hands to the tag of its base stand outside of any tag here.
    text = re.sub(r"(\{% block \w+ %\}) \w+=\w+(?=\{% endblock %\})", r"\1", text)
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.DOTALL)


class Shown(HTMLParser):
    """Collects what a page shows: its text, and the attributes that people read or hear."""

    READ = frozenset({"title", "aria-label", "alt", "placeholder", "aria-description"})

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what is read aloud."""
        self.texts += [value or "" for name, value in attrs if name in self.READ]

    def handle_data(self, data: str) -> None:
        """Keep what is shown; a style is for nobody's eyes."""
        if self.cdata_elem != "style":
            self.texts.append(data)


@every_template
def test_no_template_holds_a_sentence_that_cannot_be_translated(template: Path) -> None:
    shown = Shown()
    shown.feed(without_code(template.read_text(encoding="utf-8")))
    shown.close()
    words = [word for text in shown.texts for word in re.findall(r"[^\W\d_]{2,}", text)]
    assert not set(words) - NAMES


@pytest.mark.parametrize("path", [*TEMPLATES, STYLESHEET], ids=lambda path: path.name)
def test_no_page_names_a_script_a_picture_or_another_house(path: Path) -> None:
    text = path.read_text(encoding="utf-8").lower()
    for banned in ("<script", "<svg", "<img", "<object", "<embed", "://", "javascript:", "url("):
        assert banned not in text
    for banned in ("@import", "@font-face", "data:", "http-equiv=set"):
        assert banned not in text
    assert not re.search(r"\son[a-z]+=", text)


@every_template
def test_no_template_switches_escaping_off(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert "|safe" not in text.replace(" ", "")
    assert "autoescape" not in text


@every_template
def test_attribute_that_holds_a_word_of_a_visitor_is_quoted(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"=\{\{\s*draft\b", text)


def test_every_template_compiles_in_both_directions() -> None:
    for code in ("en",):
        language = load_language(code)
        assert language.direction == "ltr"
        Pages(language, "/x.css")


def test_stylesheet_takes_the_sides_from_the_direction_of_the_language() -> None:
    css = STYLESHEET.read_text(encoding="utf-8")
    sided = (
        r"\b(margin|padding|border)-(left|right)\b|\b(left|right)\s*:|text-align:\s*(left|right)"
    )
    assert not re.search(sided, css)


def test_banner_of_a_dead_line_comes_when_the_limits_say() -> None:
    css = STYLESHEET.read_text(encoding="utf-8")
    assert re.findall(r"animation:\s*\w+ 0s (\d+)s forwards", css) == [f"{DEAD_MAN_S}"]


def test_versions_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "server/__init__.py"
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)


def test_every_dependency_is_pinned_with_its_hash() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    locked = (ROOT / "requirements" / "run.lock").read_text(encoding="utf-8").lower()
    for dependency in project["project"]["dependencies"]:
        name = re.split(r"[<>=!~ ]", dependency)[0]
        assert re.search(rf"^{re.escape(name)}==\S+ \\\n\s+--hash=sha256:", locked, re.MULTILINE)


@pytest.mark.slow  # reads every source with babel
def test_catalogue_of_sentences_is_current_where_there_is_one(tmp_path: Path) -> None:
    if not CATALOGUE.exists():
        return  # nothing is translated yet, so nothing can be out of date
    fresh = tmp_path / "chat.pot"
    recipe = re.search(
        r"^messages:.*?\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.M
    )
    assert recipe is not None, "no way is written down to make it"
    command = next(line for line in recipe[1].splitlines() if str(CATALOGUE.name) in line)
    words = command.strip("\t@").replace(str(CATALOGUE.relative_to(ROOT)), str(fresh)).split()
    words[:1] = [sys.executable, "-m", "babel.messages.frontend"]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    assert sentences(fresh) == sentences(CATALOGUE)


def sentences(catalogue: Path) -> set[str]:
    """The sentences of a catalogue, however they are broken into lines."""
    joined = re.sub(r'"\n"', "", catalogue.read_text(encoding="utf-8"))
    return set(re.findall(r'^msgid(?:_plural)? "(.+)"$', joined, re.MULTILINE))


def test_no_machines_path_stands_in_the_sources() -> None:
    folders = ("onion", "server", "templates", "tests", "bench", "docs")
    files = [
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".css", ".md", ".toml"} and path != Path(__file__)
    ]
    homes = re.compile(r"(?<![\w.])/(home|root|Users)/\w+")
    assert not [path.name for path in files if homes.search(path.read_text(encoding="utf-8"))]


def test_every_promise_names_a_test_that_exists() -> None:
    for promise in PROMISES:
        file, _, name = promise.test.partition("::")
        source = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"^(async )?def {name}\(", source, flags=re.MULTILINE), promise.test
