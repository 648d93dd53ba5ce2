"""What a refused form held, kept for the page that the visitor is led back to.

A form is never answered with a page: otherwise a reload would send it again. The page that it came
from shows the words once more, and for that they have to stay somewhere. Here they are sealed under
a key that only the visitor's cookie leads to, for a few minutes, one form for each session.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from server.core.crypto.associated_data import SealError
from server.core.crypto.seal import Keyring
from server.core.limits import KEPT_S, MAX_KEPT_BYTES

LABEL = b"sottovoce kept 1 "
CODE_LABEL = b"sottovoce code 1 "


@dataclass(frozen=True, slots=True)
class KeptForm:
    """The words of one refused form, sealed."""

    id: str
    """Names it in the URL of the page that shows it."""

    sealed: bytes
    until_s: float

    @classmethod
    def seal(cls, keyring: Keyring, words: bytes, now_s: float) -> KeptForm:
        """Seal words for `KEPT_S`.

        Raises:
            ValueError: if there are `MAX_KEPT_BYTES` or more.
        """
        if len(words) >= MAX_KEPT_BYTES:
            raise ValueError("more words than a form can have")
        kept_id = keyring.own_id(words)
        sealed = keyring.seal_own(LABEL + kept_id.encode(), words, most=MAX_KEPT_BYTES)
        return cls(kept_id, sealed, now_s + KEPT_S)

    def open(self, keyring: Keyring, kept_id: str | None, now_s: float) -> bytes | None:
        """Open the words; `None` for another id, after their time, and if they were altered.

        Args:
            keyring: of the visitor.
            kept_id: theirs; `None` for whatever is kept.
            now_s: monotonic seconds.
        """
        if kept_id not in (None, self.id) or now_s >= self.until_s:
            return None
        try:
            return keyring.open_own(LABEL + self.id.encode(), self.sealed)
        except SealError:
            return None

    def move(self, old: Keyring | None, new: Keyring) -> KeptForm | None:
        """Seal the words under another key of the same visitor; `None` if they do not open.

        The id stays: it is in a URL already.
        """
        position = LABEL + self.id.encode()
        sealed = move_own(self.sealed, position, old, new, MAX_KEPT_BYTES)
        return replace(self, sealed=sealed) if sealed else None


def code_position(chat_id: str) -> bytes:
    """Where the code of a conversation is sealed."""
    return CODE_LABEL + chat_id.encode()


def move_own(
    sealed: bytes, position: bytes, old: Keyring | None, new: Keyring, most: int | None = None
) -> bytes:
    """Seal something of a visitor under the key of a new secret; empty if it does not open."""
    if not sealed or old is None:
        return b""
    try:
        return new.seal_own(position, old.open_own(position, sealed), most=most)
    except SealError:
        return b""
