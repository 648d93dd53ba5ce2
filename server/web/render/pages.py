"""Renders pages in one language: the templates, and what every page shares."""

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
"""In an installed wheel beside the package, in a checkout at the top."""


class _Loader(BaseLoader):
    """Reads every template at once, without indentation: a reader pays for each byte.

    At once, because the program opens no file any more when it serves.
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


class Compiled(BytecodeCache):
    """Templates that were compiled for one language, and serve for all of them.

    Compiling takes longer than everything else that is made at the start. A template must not
    hold anything of a language once it is compiled: what differs is looked up when it is filled in.
    """

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Put into the bucket what was compiled of these very lines, if it was."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


def _strip_lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def css_string(text: str) -> Markup:
    """Write a sentence of ours as a string of CSS, for a `<style>` element.

    Source: CSS Syntax Level 3, "serialize a string"; `<` too, so that no tag can be closed.
    """
    escaped = "".join(f"\\{ord(c):x} " if c in '"\\<\n' else c for c in text)
    return Markup(f'"{escaped}"')  # noqa: S704 nothing is left that ends the string


def plain_link(path: str) -> Markup:
    """Write an address of ours as the value of an attribute."""
    return Markup(path)  # noqa: S704 ours


class Pages:
    """Every page of the house in one language, ready to be filled in.

    Args:
        language: whose sentences and direction.
        stylesheet_path: what every page links to.
        folder: where the templates are.
        compiled: what other languages have compiled.
        unsealed: whether the process keeps its ways out, which every page then admits.
    """

    def __init__(
        self,
        language: Language,
        stylesheet_path: str,
        folder: Path = TEMPLATES,
        *,
        compiled: Compiled | None = None,
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
        # Of a context: otherwise a number that stands in the template would be written once, when
        # it is compiled, in the figures of the first language.
        self._environment.filters["n"] = pass_context(
            lambda _context, number: language.number(number)
        )
        # newstyle: placeholders are filled in after translation, and escaped there.
        self._environment.install_gettext_callables(  # type: ignore[attr-defined]
            language.gettext, language.ngettext, newstyle=True
        )
        for name in self._environment.list_templates():
            self._environment.get_template(name)

    def render(self, template: str, /, **context: object) -> str:
        """Fill in a page.

        Args:
            template: its file's name.
            context: what the template names; a missing one raises.
        """
        return self._environment.get_template(template).render({"to": plain_link, **context})
