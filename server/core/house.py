"""What an operator says about the server as a whole: languages, and words for the start page."""

from __future__ import annotations

from dataclasses import dataclass, field

from server.core.room.public import LocalizedText


@dataclass(frozen=True, slots=True)
class House:
    """The operator's choice and words; each may be missing."""

    languages: tuple[str, ...] = ()
    """Codes of the languages in which pages are offered, in this order; empty for all of them.
    Whoever has chosen none gets the first."""

    title: LocalizedText = field(default_factory=dict)
    """In place of the program's name."""

    welcome: LocalizedText = field(default_factory=dict)
    """A paragraph below what the service is."""

    rules: LocalizedText = field(default_factory=dict)
    """One rule per line, beside the service's own."""

    contact: LocalizedText = field(default_factory=dict)
    """How the operator is reached. Shown as a text: it never becomes a link."""
