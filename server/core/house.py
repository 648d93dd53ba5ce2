"""What an operator says about the server as a whole, on its start page."""

from __future__ import annotations

from dataclasses import dataclass, field

from server.core.room.public import LocalizedText


@dataclass(frozen=True, slots=True)
class House:
    """The operator's words; each may be missing."""

    title: LocalizedText = field(default_factory=dict)
    """In place of the program's name."""

    welcome: LocalizedText = field(default_factory=dict)
    """A paragraph below what the service is."""

    rules: LocalizedText = field(default_factory=dict)
    """One rule per line, beside the service's own."""

    contact: LocalizedText = field(default_factory=dict)
    """How the operator is reached. Shown as a text: it never becomes a link."""
