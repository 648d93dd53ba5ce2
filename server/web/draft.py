"""What stands in a composer when it is shown: words that were not sent, and why."""

from __future__ import annotations

from dataclasses import dataclass

from .forms import Form


@dataclass(frozen=True, slots=True)
class Draft:
    """The state of a composer that has not sent."""

    text: str = ""
    several: bool = False
    """Whether the field has several lines."""

    problem: str | None = None
    """Why nothing was sent, in the visitor's language."""

    @classmethod
    def kept(cls, form: Form, *, several: bool = False, problem: str | None = None) -> Draft:
        """The words of a form that was not accepted; a field of one line would drop line ends."""
        text = form["text"]
        return cls(text, several or bool(form["several"]) or "\n" in text, problem)
