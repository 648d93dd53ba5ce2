"""Composer tokens that one member has spent, and a hash of the text that each was spent on.

A GET stores nothing, so a token is not recorded when it is issued. It carries a serial, which is
the number of posts its member had made by then, and a nonce. Only the last `SPENT_TOKENS` spent
tokens are recorded. A token whose serial is older than that counts as spent, so that no token can
be used twice.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from dataclasses import dataclass

from server.core.errors import TokenSpentError
from server.core.limits import SPENT_TOKENS


@dataclass(frozen=True, slots=True)
class ComposerToken:
    """The content of a composer token, after its MAC was verified."""

    serial: int
    """Posts that the member had made when the form was rendered."""

    nonce: bytes
    """Random, so that two forms rendered between the same two posts are distinct."""


class SpentTokens:
    """The spent tokens of one member in one conversation; deleted with the member."""

    __slots__ = ("_posts", "_spent")

    def __init__(self) -> None:
        self._posts = 0
        self._spent: OrderedDict[bytes, bytes] = OrderedDict()

    @property
    def posts(self) -> int:
        """Count of accepted posts: the serial of the next form."""
        return self._posts

    @property
    def kept(self) -> int:
        """Count of recorded tokens, each with a hash of its text."""
        return len(self._spent)

    def is_repeat(self, token: ComposerToken, text_tag: bytes) -> bool:
        """Check whether this form was already accepted with the same text.

        Raises:
            TokenSpentError: if the token was spent on another text, or is too old to know.
        """
        spent_on = self._spent.get(token.nonce)
        if spent_on is not None:
            if hmac.compare_digest(spent_on, text_tag):
                return True
            raise TokenSpentError
        if token.serial + SPENT_TOKENS <= self._posts:
            raise TokenSpentError
        return False

    def spend(self, token: ComposerToken, text_tag: bytes) -> None:
        """Record that the token was spent, and on which text."""
        self._posts += 1
        self._spent[token.nonce] = text_tag
        while len(self._spent) > SPENT_TOKENS:
            self._spent.popitem(last=False)
