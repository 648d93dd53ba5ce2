"""Two who met and would like to meet again: a one-time code for each, and who has shown which.

Only keys of the codes are known here (see `invitation.Code`). Both codes have to be shown, by two
sessions; whoever shows the same one again takes the place of who showed it before.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from server.core.ids import Handle
from server.core.invite_code import CodeKey

SIDES = 2


@dataclass(slots=True, eq=False)
class Rematch:
    """A meeting that may come about."""

    until_s: float
    """After that the codes open nothing: a day after the first of them was asked for."""

    holders: dict[CodeKey, Handle | None] = field(default_factory=dict)
    """Key of a code -> the session that has shown it and waits; `None` while nobody does."""

    is_met: bool = False
    """Whether both have been brought together, and have yet to look."""

    def is_good(self, now_s: float) -> bool:
        """Whether both have a code, and time."""
        return len(self.holders) == SIDES and now_s < self.until_s and not self.is_met

    def partner_of(self, key: CodeKey) -> Handle | None:
        """Who waits with the other code."""
        return next((holder for other, holder in self.holders.items() if other != key), None)
