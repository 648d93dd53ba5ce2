"""Codes in a request: generates them to be shown once, and parses them as people type them."""

from __future__ import annotations

import re

from server.core.errors import CodeEmptyError
from server.core.invite_code import Code, CodeKey, CodeUse, InviteKeys
from server.core.limits import INVITATION_MINUTES, INVITATION_USES, MAX_RAW_CODE_CHARS
from server.store.contract.private_rooms import NewInvitation
from server.web.services import current_services

from .forms import Form
from .query_params import to_number

USUAL_USES = 5
USUAL_MINUTES = 60


def new_invitation(form: Form) -> NewInvitation:
    """Generate a code for the store to keep; the form sets number of uses and duration."""
    uses = to_number(form["uses"], USUAL_USES)
    minutes = to_number(form["minutes"], USUAL_MINUTES)
    code = Code.new()
    return NewInvitation(
        _invite_keys(code),
        uses if uses in INVITATION_USES else USUAL_USES,
        60.0 * (minutes if minutes in INVITATION_MINUTES else USUAL_MINUTES),
        code,
    )


def read_code(text: str) -> tuple[InviteKeys, CodeKey]:
    """Compute the stored keys of a typed code; a paste of both spellings at once works too.

    What is not a code is read as a code drawn at random. Nobody has that one, so the store refuses
    it like any wrong code, and counts it as a guess: otherwise what costs the most to parse would
    be free.

    Returns:
        Its keys as an invitation, and its key as a rematch code.

    Raises:
        CodeEmptyError: if nothing was typed.
    """
    if Code.is_blank(text):
        raise CodeEmptyError
    code = _parse(text) or Code.new()
    return _invite_keys(code), _key(code, CodeUse.REMATCH)


def _parse(text: str) -> Code | None:
    if len(text) > MAX_RAW_CODE_CHARS:
        return None
    code = Code.parse(text)
    if code is not None:
        return code
    words, digits = Code.parse(re.sub(r"\d", " ", text)), Code.parse(re.sub(r"\D", "", text))
    return words if words is not None and words == digits else None


def new_rematch_code() -> tuple[Code, CodeKey]:
    """Generate a rematch code and the key under which the store keeps it."""
    code = Code.new()
    return code, _key(code, CodeUse.REMATCH)


def _invite_keys(code: Code) -> InviteKeys:
    return InviteKeys(_key(code, CodeUse.INVITATION), _key(code, CodeUse.TITLE))


def _key(code: Code, use: CodeUse) -> CodeKey:
    return code.key(current_services().server_key, use)
