"""Renders pages in one language from the Jinja templates, with the values every page shares."""

from __future__ import annotations

from pathlib import Path
from types import CodeType

from jinja2 import (
    BaseLoader,
    BytecodeCache,
    Environment,
    StrictUndefined,
    TemplateNotFound,
    pass_context,
)
from jinja2.bccache import Bucket
from jinja2.ext import InternationalizationExtension
from markupsafe import Markup

from server import __version__
from server.locales.language import Language

_PACKAGED = Path(__file__).parents[2] / "templates"
TEMPLATES = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[3] / "templates"
"""Beside the package in an installed wheel, at the top level in a checkout."""


class _Loader(BaseLoader):
    """Loads every template at construction and strips indentation, because bytes are costly.

    Nothing is loaded later, because the serving process cannot open files any more.
    """

    def __init__(self, folder: Path) -> None:
        self._sources = {
            path.name: _strip_lines(path.read_text(encoding="utf-8"))
            for path in folder.glob("*.html")
        }

    def get_source(self, environment: Environment, template: str) -> tuple[str, None, None]:
        if template not in self._sources:
            raise TemplateNotFound(template)
        return self._sources[template], None, None

    def list_templates(self) -> list[str]:
        return sorted(self._sources)


class TemplateCache(BytecodeCache):
    """Bytecode cache that lets all languages share the compiled templates.

    Compiling takes longer than everything else at program start. A compiled template must
    therefore contain nothing that depends on the language; that is looked up when it is rendered.
    """

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load the code that was compiled from this exact source, if there is any."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the compiled code."""
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


def _strip_lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def css_string(text: str) -> Markup:
    """Serialise one of our sentences as a CSS string, for a `<style>` element.

    Source: CSS Syntax Level 3, "serialize a string"; `<` is escaped too, so that no tag can close.
    """
    escaped = "".join(f"\\{ord(c):x} " if c in '"\\<\n' else c for c in text)
    return Markup(f'"{escaped}"')  # noqa: S704 every character that ends the string is escaped


def plain_link(path: str) -> Markup:
    """Return one of our own paths as an attribute value, without a language parameter."""
    return Markup(path)  # noqa: S704 a constant of ours, not input


class Pages:
    """Every page of the service in one language, ready to render.

    Args:
        language: gives sentences, number format and text direction.
        stylesheet_path: the stylesheet that every page links to.
        folder: the folder with the templates.
        compiled: a cache shared with the other languages.
        unsealed: whether the process runs without its sandbox; every page then says so.
    """

    def __init__(
        self,
        language: Language,
        stylesheet_path: str,
        folder: Path = TEMPLATES,
        *,
        compiled: TemplateCache | None = None,
        unsealed: bool = False,
    ) -> None:
        self.language = language
        self._environment = Environment(
            loader=_Loader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=compiled,
            extensions=[InternationalizationExtension],
        )
        self._environment.globals.update(
            stylesheet=stylesheet_path,
            version=__version__,
            lang=language.code,
            unsealed=unsealed,
            side=f" dir={language.direction}" if language.direction != "ltr" else "",
        )
        self._environment.filters["css_string"] = css_string
        # `pass_context` prevents constant folding: a literal number in a template would otherwise
        # be formatted at compile time, with the digits of the first language.
        self._environment.filters["n"] = pass_context(
            lambda _context, number: language.number(number)
        )
        # newstyle: Jinja fills in the placeholders after translation and escapes the values.
        self._environment.install_gettext_callables(  # type: ignore[attr-defined]
            language.gettext, language.ngettext, newstyle=True
        )
        for name in self._environment.list_templates():
            self._environment.get_template(name)

    def render(self, template: str, /, **context: object) -> str:
        """Render a page.

        Args:
            template: the file name of the template.
            context: the variables of the template; a missing one raises.
        """
        return self._environment.get_template(template).render({"to": plain_link, **context})
