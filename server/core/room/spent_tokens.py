"""Which composer tokens of one member are spent, and on which words.

A GET stores nothing, so a token is not remembered when it is handed out. It carries a serial,
the number of posts its member had made by then, and a nonce of its own. What is remembered are
the last `SPENT_TOKENS` tokens that were spent; a token whose serial is older than that memory
counts as spent, so that none ever serves twice.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from dataclasses import dataclass

from server.core.errors import TokenSpentError
from server.core.limits import SPENT_TOKENS


@dataclass(frozen=True, slots=True)
class ComposerToken:
    """What a composer's token says, once its keyed hash was found right."""

    serial: int
    """Posts that the member had made when the form was rendered."""

    nonce: bytes
    """Random, so that two forms rendered between the same two posts are two forms."""


class SpentTokens:
    """The spent tokens of one member in one conversation; gone with the member."""

    __slots__ = ("_posts", "_spent")

    def __init__(self) -> None:
        self._posts = 0
        self._spent: OrderedDict[bytes, bytes] = OrderedDict()

    @property
    def posts(self) -> int:
        """How many posts were accepted: the serial of the next form."""
        return self._posts

    @property
    def kept(self) -> int:
        """How many spent tokens are remembered, each with a hash of its text."""
        return len(self._spent)

    def is_repeat(self, token: ComposerToken, text_tag: bytes) -> bool:
        """Whether this very form was already accepted with this very text.

        Raises:
            TokenSpentError: if the token was used for another text, or is too old to tell.
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
        """Remember that the token served, and for which text."""
        self._posts += 1
        self._spent[token.nonce] = text_tag
        while len(self._spent) > SPENT_TOKENS:
            self._spent.popitem(last=False)
