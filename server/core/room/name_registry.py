"""The names of one conversation: of all members, and of former members that its log mentions.

Names are reference-counted. A present member holds their own name once, and each log entry holds
the names that it is shown with. A name without references is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from .log import OF_SERVER, Entry, Kind
from .message import OpenEntry
from .names import Name, draw_name


class NameRegistry:
    """Names by member number. Numbers are counted from 1 and never reused."""

    __slots__ = ("_last_number", "_names", "_references")

    def __init__(self) -> None:
        self._names: dict[int, Name] = {}
        self._references: dict[int, int] = {}
        self._last_number = 0

    @property
    def known(self) -> Set[int]:
        """The numbers of all members whose names are kept."""
        return self._names.keys()

    def register(self, name: Name | None = None) -> int:
        """Assign the next number to a new member, and a name: `name`, or a newly drawn one."""
        self._last_number += 1
        self._names[self._last_number] = name or draw_name(self._names.values())
        self._references[self._last_number] = 1
        return self._last_number

    def get(self, number: int) -> Name | None:
        """Return the name of a member number, or `None` if it is not kept any more."""
        return self._names.get(number)

    def render(self, numbers: Iterable[int] | None = None) -> Mapping[int, str]:
        """Return the names of these numbers, or of all, as text; an unknown name is empty."""
        wanted = self._names if numbers is None else numbers
        return {number: str(self._names.get(number, "")) for number in wanted}

    def leave(self, number: int) -> None:
        """Drop the reference of a member who left."""
        self._release(number)

    def hold(self, entry: Entry) -> None:
        """Add the references of an entry that the log keeps."""
        for number in named_in(entry):
            self._references[number] += 1

    def release(self, entry: Entry) -> None:
        """Drop the references of an entry that the log no longer keeps."""
        for number in named_in(entry):
            self._release(number)

    def clear(self) -> None:
        """Delete all names."""
        self._names.clear()
        self._references.clear()

    def _release(self, number: int) -> None:
        if number not in self._references:  # after `clear`
            return
        self._references[number] -= 1
        if not self._references[number]:
            del self._references[number], self._names[number]


def named_in(entry: Entry | OpenEntry) -> tuple[int, ...]:
    """Return the numbers of the members whose names are shown with an entry."""
    if entry.kind in OF_SERVER:
        return ()
    return (entry.sender, entry.about) if entry.kind is Kind.MET else (entry.sender,)
