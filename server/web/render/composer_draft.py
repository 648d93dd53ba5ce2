"""What stands in a composer when it is shown: words that were not sent, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """The state of a composer that has not sent."""

    text: str = ""
    several: bool = False
    """Whether the field has several lines."""

    problem: str | None = None
    """Why nothing was sent, in the visitor's language."""

    @classmethod
    def kept(cls, text: str, *, several: bool, problem: str | None = None) -> Draft:
        """Words that were not accepted, in the field that they were typed in.

        Args:
            text: the words.
            several: whether a field of several lines is wanted. A field of one line would drop
                line ends: words that have some stay in the larger one.
            problem: why nothing was sent.
        """
        return cls(text, several or "\n" in text, problem)
