"""What a check has found: a line, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """How it stands with what was checked."""

    HOLDS = "holds"
    FAILS = "fails"
    """A promise is broken here, or will be when the house runs."""

    UNKNOWN = "cannot tell"
    """It cannot be seen from here."""

    NOTED = "worth knowing"
    """No promise is broken; an operator may want it otherwise."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    name: str
    """What was checked, in one or two words."""

    state: State
    sentence: str
    """Lower case, without a full stop."""

    hint: str = ""
    """What to do; empty where there is nothing to do."""
