"""Keeps of an answer only what is safe to show in a terminal.

The web process answers to a supervisor and to a command line that trust it no more than a visitor:
an attacker may control it. A control sequence in its answer must not reach a terminal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLAIN = re.compile(r"[a-z_ ]{1,40}")


def plain_fields(answer: Mapping[str, object]) -> dict[str, object]:
    """Return the fields whose name is plain, and whose value is a number or a plain text."""
    return {name: value for name, value in answer.items() if _is_plain(name) and _is_plain(value)}


def _is_plain(value: object) -> bool:
    """Whether `value` is a number, a boolean, or a word or two of ASCII letters."""
    return isinstance(value, int) or (isinstance(value, str) and bool(_PLAIN.fullmatch(value)))
