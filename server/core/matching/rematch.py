"""A rematch: two visitors who met exchange one-time codes, and each code's holder is recorded.

Only the keys of the codes are stored (see `invite_code.Code`). Both codes must be presented, by
two different sessions. A session that presents a code again replaces the one that did before.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from server.core.ids import Handle
from server.core.invite_code import CodeKey

SIDES = 2


@dataclass(slots=True, eq=False)
class Rematch:
    """A rematch that two visitors have agreed on."""

    until_s: float
    """Expiry of both codes: a day after the first of them was requested."""

    holders: dict[CodeKey, Handle | None] = field(default_factory=dict)
    """Key of a code -> the session that presented it and waits; `None` if no session does."""

    is_matched: bool = False
    """Whether both were matched again, but have not opened the conversation yet."""

    def is_valid(self, now_s: float) -> bool:
        """Check whether both have a code and the codes have not expired."""
        return len(self.holders) == SIDES and now_s < self.until_s and not self.is_matched

    def partner_of(self, key: CodeKey) -> Handle | None:
        """Return the session that waits with the other code."""
        return next((holder for other, holder in self.holders.items() if other != key), None)
