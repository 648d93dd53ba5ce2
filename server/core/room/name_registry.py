"""The names of one conversation: of everybody who is there, and of all that its log speaks of.

A name is held once by its owner's being there, and once by each entry that speaks of them. When
nothing holds it any more it is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from .log import Entry, Kind
from .message import OpenEntry
from .names import Name, draw_name


class NameRegistry:
    """Names by the numbers of those who have them. Numbers are counted from 1, never reused."""

    __slots__ = ("_holds", "_last_number", "_names")

    def __init__(self) -> None:
        self._names: dict[int, Name] = {}
        self._holds: dict[int, int] = {}
        self._last_number = 0

    @property
    def known(self) -> Set[int]:
        """The numbers of all that have a name."""
        return self._names.keys()

    def register(self, name: Name | None = None) -> int:
        """Give somebody who comes a number, and a name: a drawn one, if they bring none."""
        self._last_number += 1
        self._names[self._last_number] = name or draw_name(self._names.values())
        self._holds[self._last_number] = 1
        return self._last_number

    def get(self, number: int) -> Name | None:
        """The name of that number; `None` when nobody knows it any more."""
        return self._names.get(number)

    def render(self, numbers: Iterable[int] | None = None) -> Mapping[int, str]:
        """The names of these numbers, or of all, as they are shown; unknown ones are empty."""
        wanted = self._names if numbers is None else numbers
        return {number: str(self._names.get(number, "")) for number in wanted}

    def leave(self, number: int) -> None:
        """Who has this number is not there any more."""
        self._release(number)

    def hold(self, entry: Entry) -> None:
        """An entry is kept."""
        for number in speaks_of(entry):
            self._holds[number] += 1

    def release(self, entry: Entry) -> None:
        """An entry is kept no longer."""
        for number in speaks_of(entry):
            self._release(number)

    def clear(self) -> None:
        """Forget everybody."""
        self._names.clear()
        self._holds.clear()

    def _release(self, number: int) -> None:
        if number not in self._holds:  # everybody was forgotten
            return
        self._holds[number] -= 1
        if not self._holds[number]:
            del self._holds[number], self._names[number]


def speaks_of(entry: Entry | OpenEntry) -> tuple[int, ...]:
    """The numbers of those whose names an entry is told with."""
    return (entry.sender, entry.about) if entry.kind is Kind.MET else (entry.sender,)
