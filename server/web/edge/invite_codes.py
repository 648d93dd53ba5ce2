"""Codes on their way through a request: drawn, shown once, read as people type them."""

from __future__ import annotations

import re

from server.core.invite_code import Code, CodeKey, CodeUse, InviteKeys
from server.core.limits import INVITATION_MINUTES, INVITATION_USES
from server.store.contract.private_rooms import NewInvitation
from server.web.services import current_services

from .forms import Form
from .query_params import to_number

USUAL_USES = 5
USUAL_MINUTES = 60


def new_invitation(form: Form) -> tuple[Code, NewInvitation]:
    """Draw a code, and what the store is told of it; the form says for how many and how long."""
    uses = to_number(form["uses"], USUAL_USES)
    minutes = to_number(form["minutes"], USUAL_MINUTES)
    code = Code.new()
    return code, NewInvitation(
        _way(code),
        uses if uses in INVITATION_USES else USUAL_USES,
        60.0 * (minutes if minutes in INVITATION_MINUTES else USUAL_MINUTES),
    )


def read_code(text: str) -> tuple[InviteKeys, CodeKey] | None:
    """What the store knows of a code that was typed, or pasted as it was shown: in both spellings.

    Returns:
        What it is as an invitation, and as a code to meet again by; `None` if it is no code.
    """
    code = Code.parse(text)
    if code is None:
        words, digits = Code.parse(re.sub(r"\d", " ", text)), Code.parse(re.sub(r"\D", "", text))
        code = words if words is not None and words == digits else None
    return None if code is None else (_way(code), _key(code, CodeUse.MEET_AGAIN))


def new_again() -> tuple[Code, CodeKey]:
    """Draw a code to meet again by, and what the store is told of it."""
    code = Code.new()
    return code, _key(code, CodeUse.MEET_AGAIN)


def _way(code: Code) -> InviteKeys:
    return InviteKeys(_key(code, CodeUse.INVITATION), _key(code, CodeUse.TITLE))


def _key(code: Code, use: CodeUse) -> CodeKey:
    return code.key(current_services().server_key, use)
