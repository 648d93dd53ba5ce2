"""The repository agrees with itself: errors, sentences, numbers, versions, promises.

Files are read once, for all rules.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from server import __version__
from server.core.errors import VisitorError
from server.core.limits import DEAD_MAN_S
from server.web.edge.error_pages import FAILURES, HTTP
from server.web.render.promises import PROMISES
from tests.failures import Failures

ROOT = Path(__file__).parents[1]
TEMPLATES = sorted((ROOT / "templates").glob("*.html"))
STYLESHEET = ROOT / "templates" / "style.css"
CATALOGUE = ROOT / "server" / "locales" / "chat.pot"

NAMES = {"Sottovoce"}
"""Words that are the same in every language."""

PATH = re.compile(r"`((?:server|onion|tests|bench|templates|docs)/[\w./-]*)`")
"""How a document names a file or folder of the project."""


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def below(kind: type[VisitorError]) -> Iterator[type[VisitorError]]:
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


def test_every_visitor_error_has_its_answer() -> None:
    assert set(below(VisitorError)) == set(FAILURES)


def test_every_answer_to_a_failure_can_be_filled_in() -> None:
    for failure in [*FAILURES.values(), *HTTP.values()]:
        failure.sentence % {"chars": 1, "bytes": 2, "lines": 3}


def without_code(text: str) -> str:
    """Remove the expressions, statements, comments and translated blocks of a template."""
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", "", text, flags=re.DOTALL)
    # Attributes that a page passes to its base's tag are outside of any tag in this file.
    text = re.sub(r"(\{% block \w+ %\}) \w+=\w+(?=\{% endblock %\})", r"\1", text)
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.DOTALL)


class Shown(HTMLParser):
    """Collects a page's text, and the attributes that are shown or read aloud."""

    READ = frozenset({"title", "aria-label", "alt", "placeholder", "aria-description"})

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the attributes that are shown or read aloud."""
        self.texts += [value or "" for name, value in attrs if name in self.READ]

    def handle_data(self, data: str) -> None:
        """Collect the text, except that of a style element."""
        if self.cdata_elem != "style":
            self.texts.append(data)


def words_shown(template: Path) -> set[str]:
    """The words of a template that do not come from the catalogue."""
    shown = Shown()
    shown.feed(without_code(text_of(template)))
    shown.close()
    return {word for text in shown.texts for word in re.findall(r"[^\W\d_]{2,}", text)}


def test_no_template_holds_a_sentence_that_cannot_be_translated() -> None:
    found = {template.name: words_shown(template) - NAMES for template in TEMPLATES}
    assert TEMPLATES
    assert not {name: words for name, words in found.items() if words}


def test_no_page_names_a_script_a_picture_or_another_server() -> None:
    banned = (
        *("<script", "<svg", "<img", "<object", "<embed", "://", "javascript:", "url("),
        *("@import", "@font-face", "data:", "http-equiv=set"),
    )
    texts = {path.name: text_of(path).lower() for path in (*TEMPLATES, STYLESHEET)}
    assert not [(name, part) for name, text in texts.items() for part in banned if part in text]
    assert not [name for name, text in texts.items() if re.search(r"\son[a-z]+=", text)]


def test_no_template_switches_escaping_off() -> None:
    assert not [
        template.name
        for template in TEMPLATES
        if "|safe" in text_of(template).replace(" ", "") or "autoescape" in text_of(template)
    ]


def test_attribute_that_holds_a_visitors_words_is_quoted() -> None:
    unquoted = re.compile(r"=\{\{\s*draft\b")
    assert not [template.name for template in TEMPLATES if unquoted.search(text_of(template))]


def test_stylesheet_names_no_left_and_no_right() -> None:
    css = STYLESHEET.read_text(encoding="utf-8")
    sided = (
        r"\b(margin|padding|border)-(left|right)\b|\b(left|right)\s*:|text-align:\s*(left|right)"
    )
    assert not re.search(sided, css)


def test_banner_of_a_dead_stream_comes_at_the_limit() -> None:
    css = STYLESHEET.read_text(encoding="utf-8")
    assert re.findall(r"animation:\s*\w+ 0s (\d+)s both", css) == [f"{DEAD_MAN_S}"]


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


def copy_sources(to: Path) -> Path:
    for folder in ("server", "templates"):
        shutil.copytree(ROOT / folder, to / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return to


def make_messages(sources: Path) -> None:
    """Run the commands of `make messages` there, with the Babel of these tests, without set-up."""
    commands = subprocess.run(
        ["make", "--no-print-directory", "-n", "messages"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    script = commands.replace("./setup.sh test\n", "").replace(".venv/bin/pybabel", '"$@"')
    babel = (sys.executable, "-m", "babel.messages.frontend")
    subprocess.run(["sh", "-ec", script, "messages", *babel], cwd=sources, check=True)


def catalogues(sources: Path) -> dict[str, str]:
    folder = sources / CATALOGUE.parent.relative_to(ROOT)
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("chat.po*"))
    }


def sentences(catalogue: str) -> set[str]:
    """The sentences of a catalogue, wherever its lines are broken."""
    joined = catalogue.replace('"\n"', "")
    return set(re.findall(r'^msgid(?:_plural)? "(.+)"$', joined, re.MULTILINE))


@pytest.mark.slow  # reads every source with Babel
def test_catalogues_are_up_to_date_with_the_sources(tmp_path: Path) -> None:
    make_messages(copy_sources(tmp_path))
    fresh = catalogues(tmp_path)
    assert "chat.pot" in fresh
    assert sentences(fresh["chat.pot"]) == sentences(CATALOGUE.read_text(encoding="utf-8"))
    assert fresh == catalogues(ROOT), "run `make messages`"


@pytest.mark.slow  # reads every source with Babel
def test_sentence_that_is_added_reaches_every_catalogue(tmp_path: Path) -> None:
    sources = copy_sources(tmp_path)
    persian = sources / CATALOGUE.parent.relative_to(ROOT) / "fa" / "LC_MESSAGES" / "chat.po"
    persian.parent.mkdir(parents=True, exist_ok=True)
    persian.write_text('msgid ""\nmsgstr "Language: fa\\n"\n', encoding="utf-8")
    for file, added in {
        "templates/door.html": '{{ _("Added one.") }}{% trans n=1 %}Added {{ n }}.{% endtrans %}',
        "server/web/views/mine.py": 'ADDED = (mark("Added " "two."), ENGLISH.gettext("Added 3."))',
        "server/web/views/chat.py": 'ADDED = ENGLISH.ngettext("Added four.", "Added fours.", 4)',
    }.items():
        with (sources / file).open("a", encoding="utf-8") as source:
            source.write(f"\n{added}\n")
    make_messages(sources)
    wanted = {"one.", "%(n)s.", "two.", "3.", "four.", "fours."}
    for catalogue in catalogues(sources).values():
        assert {f"Added {words}" for words in wanted} <= sentences(catalogue)


def test_catalogue_names_no_day_and_no_machine() -> None:
    head, _, _ = CATALOGUE.read_text(encoding="utf-8").partition("\n\n")
    assert "charset=utf-8" in head
    assert not re.search(r"\d{2}|POT-Creation-Date|Generated-By|/", head.replace("text/plain", ""))


def test_every_sentence_is_one_line() -> None:
    """Pages strip the ends of their lines, so a sentence of two lines would not be found."""
    assert not [text for text in sentences(CATALOGUE.read_text("utf-8")) if "\\n" in text]


def test_no_sentence_stands_inside_an_f_string() -> None:
    """Python before 3.12 reads an f-string as one word, and Babel finds nothing inside."""
    hidden = [
        (path.name, call.lineno)
        for path in (ROOT / "server").rglob("*.py")
        for outer in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(outer, ast.JoinedStr)
        for call in ast.walk(outer)
        if isinstance(call, ast.Call) and is_keyword(call.func)
    ]
    assert not hidden


def is_keyword(called: ast.expr) -> bool:
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in {"gettext", "ngettext", "mark"}


def test_tests_run_on_the_versions_that_are_shipped() -> None:
    run, test = (
        set(re.findall(r"^\S+==\S+", (ROOT / "requirements" / name).read_text("utf-8"), re.M))
        for name in ("run.lock", "test.lock")
    )
    assert run
    assert run <= test


def test_no_path_of_a_machine_is_in_the_sources() -> None:
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
    assert all(promise.test for promise in PROMISES)
    for promise in PROMISES:
        file, _, name = promise.test.partition("::")
        source = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"^(async )?def {name}\(", source, flags=re.MULTILINE), promise.test


def test_threat_model_names_tests_that_exist() -> None:
    text = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert len(named) > 10
    for file, name in named:
        source = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"^(async )?def {name}\(", source, flags=re.MULTILINE), (file, name)


def test_documents_link_to_each_other_by_names_that_exist() -> None:
    for document in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        text = document.read_text(encoding="utf-8")
        for path in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (document.parent / path).exists(), (document.name, path)


def test_documents_name_paths_and_tests_that_exist() -> None:
    tests = list((ROOT / "tests").glob("**/*.py"))
    known = {file.stem for file in tests}
    for file in tests:
        known |= set(re.findall(r"def (test_\w+)", text_of(file)))
    with Failures() as failures:
        for document in [ROOT / "README.md", *(ROOT / "docs").glob("**/*.md")]:
            with failures.of(document.name):
                text = text_of(document)
                assert not [path for path in PATH.findall(text) if not (ROOT / path).exists()]
                assert not set(re.findall(r"\btest_\w+", text)) - known
