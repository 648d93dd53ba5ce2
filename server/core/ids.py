"""Identifiers and secrets, as distinct types that cannot be confused.

Secret          32 random bytes in a visitor's cookie; never stored, never printed
Handle          identifies a session in the store: an unkeyed hash of the secret under a label
PublicIdentity  all that is stored of a secret: the handle, and the public key for sealing keys
CircuitKey      stands for a circuit of tor, so that places can be shared by circuit
ChatId          one member's own id for a conversation, valid only in that member's URLs
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import NewType

from .crypto.seal import LABEL_BOX, Keyring, PublicKey

SECRET_BYTES = 32
CHAT_ID_BYTES = 9
NONCE_BYTES = 6

LABEL_HANDLE = b"sottovoce-handle"
LABEL_SPENT_TOKEN = b"sottovoce-spent"
LABEL_REPEAT = b"sottovoce-repeat"
LABEL_MINT = b"sottovoce-mint"

MARK_BYTES = 8
"""Of the bytes of a secret, those by which the process that drew it knows it again."""

_COOKIE = re.compile("[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
"""32 bytes in base64url. One secret has one spelling: the last two bits are zero."""

Handle = NewType("Handle", bytes)
"""BLAKE2b-128 of a secret under `LABEL_HANDLE`: 16 bytes. Finding a preimage takes 2^128 tries."""

CircuitKey = NewType("CircuitKey", bytes)
"""16 random bytes that stand for a rendezvous circuit while its quota is counted. Never tor's id,
and nothing that is computed from it."""

RoomId = NewType("RoomId", bytes)
"""16 random bytes: a conversation, as its members share it. In no URL and on no page."""

ChatId = NewType("ChatId", str)
"""12 characters of base64url, 72 random bits. Each member has another one for the same room."""


@dataclass(frozen=True, slots=True)
class PublicIdentity:
    """All that is stored of a secret."""

    handle: Handle
    public_key: PublicKey


class Secret:
    """The secret in a session's cookie: 32 random bytes.

    Lives in one request or one open stream, in a local variable. It prints as stars, compares in
    constant time, and never enters a URL, an error or the store.
    """

    __slots__ = ("_handle", "_keyring", "_public_key", "_raw")

    def __init__(self, raw: bytes) -> None:
        if len(raw) != SECRET_BYTES:
            raise ValueError("a secret must be 32 bytes")
        self._raw = raw
        self._handle: Handle | None = None
        self._keyring: Keyring | None = None
        self._public_key: PublicKey | None = None

    @classmethod
    def new(cls) -> Secret:
        """Draw a secret from the operating system's generator."""
        return cls(secrets.token_bytes(SECRET_BYTES))

    @classmethod
    def marked(cls, key: bytes) -> Secret:
        """Draw a secret of which `is_marked` tells, with the same key, that it was drawn with it.

        24 of its bytes are random. To everybody without the key all of them look so.

        Args:
            key: 16 to 64 bytes.
        """
        drawn = secrets.token_bytes(SECRET_BYTES - MARK_BYTES)
        return cls(drawn + _mark(drawn, key))

    def is_marked(self, key: bytes) -> bool:
        """Whether it was drawn by `marked` with this key; by chance in one of 2^64."""
        drawn, mark = self._raw[:-MARK_BYTES], self._raw[-MARK_BYTES:]
        return hmac.compare_digest(mark, _mark(drawn, key))

    @classmethod
    def from_cookie(cls, value: str | None) -> Secret | None:
        """Parse a cookie's value: 43 characters of base64url. Anything else is `None`."""
        if value is None or _COOKIE.fullmatch(value) is None:
            return None
        return cls(base64.urlsafe_b64decode(value + "="))

    def to_cookie(self) -> str:
        """Write the cookie's value: 43 characters of base64url."""
        return base64.urlsafe_b64encode(self._raw).rstrip(b"=").decode("ascii")

    @property
    def handle(self) -> Handle:
        """The handle that identifies the session in the store.

        Source:
            BLAKE2 (RFC 7693) with personalisation; a label has at most 16 bytes.
        """
        if self._handle is None:
            hashed = hashlib.blake2b(self._raw, digest_size=16, person=LABEL_HANDLE)
            self._handle = Handle(hashed.digest())
        return self._handle

    @property
    def identity(self) -> PublicIdentity:
        """All that may be stored of the secret."""
        return PublicIdentity(self.handle, self.keyring.public_key)

    @property
    def keyring(self) -> Keyring:
        """The visitor's private key; derived once, and dropped with the secret.

        Source:
            BLAKE2 (RFC 7693) with personalisation: 32 bytes, used as an X25519 private key.
        """
        if self._keyring is None:
            hashed = hashlib.blake2b(self._raw, digest_size=32, person=LABEL_BOX)
            self._keyring = Keyring(hashed.digest(), self._public_key)
        return self._keyring

    def recognise(self, identity: PublicIdentity) -> None:
        """Use the public key that is stored of this secret, instead of deriving it again."""
        if identity.handle == self.handle:
            self._public_key = identity.public_key

    def lock(self) -> None:
        """Drop the keyring and all keys that it opened. It is derived again when needed."""
        self._keyring = None

    def text_tag(self, text: str, label: bytes, chat_id: ChatId) -> bytes:
        """Hash `text` so that nobody can recompute it without this secret: 16 bytes.

        Used to recognise a repeated text without storing it. The tag is specific to one purpose
        and one conversation: the same text elsewhere has another tag.

        Args:
            text: a message after cleaning.
            label: the purpose, at most 16 bytes.
            chat_id: the conversation; 12 characters.
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


def _mark(drawn: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(drawn, digest_size=MARK_BYTES, key=key, person=LABEL_MINT).digest()


def new_nonce() -> str:
    """Draw a CSP nonce for the styles of one page: short, because no script can guess it."""
    return secrets.token_urlsafe(NONCE_BYTES)


def new_chat_id() -> ChatId:
    """Draw an id for one member in one conversation."""
    return ChatId(secrets.token_urlsafe(CHAT_ID_BYTES))
