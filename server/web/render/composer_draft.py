"""What stands in a composer when it is shown: words that were not sent, and why."""

from __future__ import annotations

from dataclasses import dataclass

from server.web.edge.forms import Form


@dataclass(frozen=True, slots=True)
class Draft:
    """The state of a composer that has not sent."""

    text: str = ""
    several: bool = False
    """Whether the field has several lines."""

    problem: str | None = None
    """Why nothing was sent, in the visitor's language."""

    @classmethod
    def kept(cls, form: Form, *, several: bool | None = None, problem: str | None = None) -> Draft:
        """The words of a form that was not accepted, in the field that they were typed in.

        Args:
            form: what was posted.
            several: whether a field of several lines is wanted, or one of one line. That one
                would drop line ends: words that have some stay in the larger one.
            problem: why nothing was sent.
        """
        text = form["text"]
        wanted = bool(form["several"]) if several is None else several
        return cls(text, wanted or "\n" in text, problem)
