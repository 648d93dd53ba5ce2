"""The result of a check: one sentence, and a hint that says what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """The result of one check."""

    HOLDS = "holds"
    FAILS = "fails"
    """A promise is broken here, or will be when the server runs."""

    UNKNOWN = "cannot tell"
    """The answer cannot be found out from here."""

    NOTED = "worth knowing"
    """No promise is broken, but the operator may want to change it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    name: str
    """What was checked, in one or two words."""

    state: State
    sentence: str
    """Lower case, without a full stop."""

    hint: str = ""
    """What to do; empty if there is nothing to do."""
