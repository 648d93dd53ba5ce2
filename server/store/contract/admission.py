"""Calls about who may come in, as the operator has ordered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from server.core.admission.closing import Closing


@dataclass(frozen=True, slots=True)
class AdmissionView:
    """What visitors may know of it. Times are rough: see `durations.rough_s`."""

    admits: bool = True
    """Whether somebody new may come in."""

    words: str = ""
    """The operator's, for those who may not."""

    opens_in_s: int = 0
    """In how many seconds somebody new may come in, about; 0 for less than a minute."""

    restarts_in_s: int | None = None
    """In how many seconds the server restarts at the latest, about; `None` if it does not."""

    @property
    def is_draining(self) -> bool:
        """Whether the server restarts soon, and nothing new begins."""
        return self.restarts_in_s is not None


class AdmissionStore(Protocol):
    """Calls about who may come in."""

    async def set_closing(self, closing: Closing) -> None:
        """Follow an order of the operator, in place of the one before.

        While it does not admit, no session is opened (`NotAdmittedError`). While it drains, no
        conversation begins or grows (`NothingBeginsError`), those who wait for a match wait no
        longer, and each conversation has an event that says when the server restarts: at once, and
        again shortly before. If a drain is cancelled, an event says so.
        """

    async def admission(self) -> AdmissionView:
        """Return who may come in now; as of the last sweep, as far as it depends on the time."""

    async def is_drained(self) -> bool:
        """Whether the server drains, and no two people can talk with each other any more.

        Whoever is left alone in a conversation has `LAST_LOOK_S` to read what was said.
        """
