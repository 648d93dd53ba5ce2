"""Parses a page as a text browser does: its forms, links, frames and messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"input", "link", "meta", "br", "hr", "img"})


@dataclass(slots=True)
class WebForm:
    """One form: its target, and the fields that it would send."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    """Hidden fields, and the preset values of the others."""

    buttons: list[tuple[str, str]] = field(default_factory=list)
    """Name and value of each button that has them."""


@dataclass(slots=True)
class Line:
    """One message or event of a conversation."""

    seq: int
    event: str
    """`joined`, `left`, or empty for a message."""

    name: str = ""
    text: str = ""


@dataclass(slots=True)
class Document:
    """The content of a page."""

    title: str = ""
    text: str = ""
    forms: list[WebForm] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    """Text of a link -> its target."""

    frames: dict[str, str] = field(default_factory=dict)
    """Name of a frame -> its address."""

    lines: list[Line] = field(default_factory=list)
    refresh: str = ""
    """Target of a `<meta http-equiv=refresh>`."""

    def form(self, action_end: str) -> WebForm:
        """Return the first form whose action ends with `action_end`.

        Raises:
            LookupError: if there is none.
        """
        for form in self.forms:
            if form.action.endswith(action_end):
                return form
        raise LookupError(f"no form to {action_end} on this page: {self.text[:200]!r}")


class _DocumentParser(HTMLParser):
    """Fills a `Document` from HTML that may be incomplete."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.document = Document()
        self._open: list[str] = []
        self._link: str | None = None
        self._textarea: str | None = None
        self._line: Line | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.document.forms.append(WebForm(attributes.get("action", "")))
        elif tag in {"input", "textarea", "button"}:
            self._read_field(tag, attributes)
        elif tag == "a":
            self._link = attributes.get("href", "")
        elif tag == "iframe":
            self.document.frames[attributes.get("name", "")] = attributes.get("src", "")
        elif tag == "meta" and attributes.get("http-equiv") == "refresh":
            self.document.refresh = attributes.get("content", "").partition("url=")[2]
        elif "m" in attributes.get("class", "").split():
            self._line = Line(int(attributes["data-seq"]), attributes.get("data-event", ""))
            self.document.lines.append(self._line)
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self._line = None
        elif tag == "a":
            self._link = None
        elif tag == "textarea":
            self._textarea = None
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        within = self._open[-1] if self._open else ""
        self.document.text += data
        if within == "title":
            self.document.title += data
        if self._link is not None:
            self.document.links[data.strip()] = self._link
        if self._textarea is not None and self.document.forms:
            fields = self.document.forms[-1].fields
            fields[self._textarea] = fields.get(self._textarea, "") + data.removeprefix("\n")
        if self._line is not None:
            self._read_line(within, data)

    def _read_field(self, tag: str, attributes: dict[str, str]) -> None:
        if not self.document.forms or not attributes.get("name"):
            return
        form, name = self.document.forms[-1], attributes["name"]
        if tag == "button":
            form.buttons.append((name, attributes.get("value", "")))
        elif tag == "textarea":
            self._textarea = name
            form.fields[name] = ""
        elif attributes.get("type") not in {"radio", "checkbox"} or "checked" in attributes:
            form.fields[name] = attributes.get("value", "")

    def _read_line(self, within: str, data: str) -> None:
        if self._line is None:
            return
        if within == "bdi" and not self._line.event:
            self._line.name += data
        elif within in {"span", "em"} or self._line.event:
            self._line.text += data


def read_document(html: str) -> Document:
    """Parse a page, or the part of it that has arrived."""
    reader = _DocumentParser()
    reader.feed(html)
    return reader.document
