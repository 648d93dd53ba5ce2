"""The identifiers of the house, as types that cannot be mixed up.

Secret   32 random bytes in a visitor's cookie; never stored, never printed
Handle   what the house finds them by instead: a keyless hash with a label
Imprint  all that is kept of a secret: the handle, and what keys can be sealed to
ChatId   one member's own name for a conversation, good in that member's URLs only
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import NewType

from .crypto.seal import LABEL_BOX, Keyring, PublicKey

SECRET_BYTES = 32
CHAT_ID_BYTES = 9
NONCE_BYTES = 6

LABEL_HANDLE = b"sottovoce-handle"
LABEL_SPENT_TOKEN = b"sottovoce-receip"
LABEL_REPEAT = b"sottovoce-echoes"

Handle = NewType("Handle", bytes)
"""BLAKE2b-128 of a secret under `LABEL_HANDLE`: 16 bytes. 2^128 guesses lead back to nothing."""

RoomId = NewType("RoomId", bytes)
"""16 random bytes: a conversation, as its members share it. In no URL and on no page."""

ChatId = NewType("ChatId", str)
"""12 characters of base64url, from 72 random bits. Each member has another for the same talk."""


@dataclass(frozen=True, slots=True)
class PublicIdentity:
    """What is stored of a secret."""

    handle: Handle
    public_key: PublicKey


class Secret:
    """What a session's cookie holds: 32 random bytes.

    Lives in one request or one open stream, in a local. It prints as stars, compares in
    constant time, and is never put into a URL, an error or anything that is stored.
    """

    __slots__ = ("_handle", "_keyring", "_raw")

    def __init__(self, raw: bytes) -> None:
        if len(raw) != SECRET_BYTES:
            raise ValueError("a secret has 32 bytes")
        self._raw = raw
        self._handle: Handle | None = None
        self._keyring: Keyring | None = None

    @classmethod
    def new(cls) -> Secret:
        """Draw a secret from the operating system's generator."""
        return cls(secrets.token_bytes(SECRET_BYTES))

    @classmethod
    def from_cookie(cls, value: str | None) -> Secret | None:
        """Read a cookie's value: 43 characters of base64url. Anything else is `None`."""
        if value is None or len(value) != 43 or not value.isascii():
            return None
        try:
            secret = cls(base64.b64decode(value + "=", altchars=b"-_", validate=True))
        except ValueError:  # no base64 (binascii.Error is one), or not 32 bytes
            return None
        # One secret, one spelling: the decoder also takes `+`, `/` and stray last bits.
        return secret if secret.to_cookie() == value else None

    def to_cookie(self) -> str:
        """Write the cookie's value: 43 characters of base64url."""
        return base64.urlsafe_b64encode(self._raw).rstrip(b"=").decode("ascii")

    @property
    def handle(self) -> Handle:
        """What may be stored of it.

        Source:
            BLAKE2 (RFC 7693) with personalisation; at most 16 bytes of label.
        """
        if self._handle is None:
            hashed = hashlib.blake2b(self._raw, digest_size=16, person=LABEL_HANDLE)
            self._handle = Handle(hashed.digest())
        return self._handle

    @property
    def identity(self) -> PublicIdentity:
        """All that may be stored of it."""
        return PublicIdentity(self.handle, self.keyring.public_key)

    @property
    def keyring(self) -> Keyring:
        """What it opens; made once, and gone with it.

        Source:
            BLAKE2 (RFC 7693) with personalisation: 32 bytes, which are an X25519 private key.
        """
        if self._keyring is None:
            hashed = hashlib.blake2b(self._raw, digest_size=32, person=LABEL_BOX)
            self._keyring = Keyring(hashed.digest())
        return self._keyring

    def lock(self) -> None:
        """Drop every key that was opened with it; it can open them again."""
        self._keyring = None

    def text_tag(self, text: str, label: bytes, chat_id: ChatId) -> bytes:
        """A hash of `text` that nobody can recompute without this secret: 16 bytes.

        It answers "is this the same text again?" without keeping the text, for one purpose in one
        conversation: the same words elsewhere have another.

        Args:
            text: what was said.
            label: what for, at most 16 bytes.
            chat_id: where; 12 characters.
        """
        salt = chat_id.encode()
        return hashlib.blake2b(
            text.encode(), digest_size=16, key=self._raw, person=label, salt=salt
        ).digest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._raw, other._raw)

    def __hash__(self) -> int:
        return hash(self.handle)

    def __repr__(self) -> str:
        return "Secret(***)"


def new_nonce() -> str:
    """Draw a nonce for the styles of one page: short, since no script is there to guess it."""
    return secrets.token_urlsafe(NONCE_BYTES)


def new_chat_id() -> ChatId:
    """Draw an id for one member's seat in one conversation."""
    return ChatId(secrets.token_urlsafe(CHAT_ID_BYTES))
