"""The content of a composer: text that was not sent, and the reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """The content of a composer."""

    text: str = ""
    several: bool = False
    """Whether the field is multi-line."""

    problem: str | None = None
    """Why nothing was sent, in the visitor's language."""

    @classmethod
    def kept(cls, text: str, *, several: bool, problem: str | None = None) -> Draft:
        """Build a draft that keeps text that was not sent.

        Args:
            text: the typed text.
            several: whether a multi-line field is wanted. A text with line ends always gets one,
                because a single-line field would drop them.
            problem: why nothing was sent.
        """
        return cls(text, several or "\n" in text, problem)
