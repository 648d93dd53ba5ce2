"""Encryption of messages and titles: labels, keys, boxes. The one file in core that uses PyNaCl.

Theory of operation
===================

A visitor's cookie holds 32 random bytes, S (`ids.Secret`). All keys of that visitor are derived
from S by BLAKE2b, with one label per purpose:

    S ──"sottovoce-handle"──> handle              stored: used to look up the session
    S ──"sottovoce-boxkey"──> X25519 private key ──> public key      stored: boxes are sealed to it
    private key ──"sottovoce-ownkey"──> own key   seals what only this visitor reads again: words of
                                                  a refused form, codes that they were issued

A conversation has *epochs*. Each epoch has a key K of 32 random bytes that is never stored:

    SealedBox(K -> public key of a member)        stored: a *box*, 80 bytes, one per member
    K ──"sottovoce-lnkkey"──> X25519 private key ──> public key      stored: the epoch's *link key*
    SealedBox(K' -> link key of the epoch before) stored: a *link*, where one is enough

A message is padded to a size class and sealed under K with XChaCha20-Poly1305. Its position is
the associated data: conversation, epoch, seq, sender, kind.

When a newcomer needs the next key K', one link gives it to all other members, however many
there are: K opens K', but K' does not open K. After a member has left, each remaining member
gets the next key in a box of their own, because the member who left could follow a link.
`epochs.py` decides when that happens; this file implements how.

Threat model
============

Against an attacker with a copy of everything stored, but no cookie: message texts and titles
stay secret. The copy shows handles, public keys, who is in which conversation, the names drawn
by the server, the order, sender and size class of messages, and times of the process's
monotonic clock.

Against an attacker who modifies what is stored: a message that was altered, or moved to another
position, conversation or sender number, does not open. A message can be removed. Unsealed data
can be changed: names, so that a message appears under another name, and join and leave events,
which can be invented. A SealedBox does not authenticate its sender, so an attacker with write
access can have the next key sealed to a member whom nobody sees. From then on, a store that
others can write to is a store that others can read.

Not against an operator who runs a modified program, and not against an attacker who reads the
memory of the process while it serves a member: S, the private key and K are in memory for the
duration of a request or stream. Python cannot wipe them.

Rules of this file
==================

1. One key, one purpose, one label. Random keys and nonces come only from the system's generator.
2. Every failure to open is the same `SealError`; it does not reveal which part was wrong.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import NewType

from nacl.bindings import (
    crypto_box_seal_open,
    crypto_scalarmult_base,
    sodium_pad,
    sodium_unpad,
)
from nacl.exceptions import CryptoError
from nacl.public import PublicKey as NaclPublicKey
from nacl.public import SealedBox
from nacl.secret import Aead

from .associated_data import AssociatedData, SealError

KEY_BYTES = 32
BOX_BYTES = 80
"""An ephemeral public key (32), the sealed key (32) and a tag (16)."""

SEAL_OVERHEAD_BYTES = 40
"""A nonce (24) and a tag (16), added to the size class of the plaintext."""

SMALLEST_CLASS = 64
"""Bytes of the smallest size class; each further class is twice as large."""

MAX_CACHED_KEYS = 64
"""Keys that a keyring caches: more epochs than one page spans, except after very many joins."""

# All but `LABEL_TITLE` personalise BLAKE2b, at most 16 bytes each. `LABEL_TITLE`, like the label in
# `AssociatedData`, is associated data.
LABEL_BOX = b"sottovoce-boxkey"
LABEL_LINK = b"sottovoce-lnkkey"
LABEL_OWN = b"sottovoce-ownkey"
LABEL_OWN_ID = b"sottovoce-own-id"
LABEL_TITLE = b"sottovoce title 1"

PublicKey = NewType("PublicKey", bytes)
"""X25519, 32 bytes: the recipient of a box or a link."""

Box = NewType("Box", bytes)
"""An epoch key sealed to a public key: `BOX_BYTES`."""


class EpochKey:
    """The key of one epoch. Lives in one request or one open stream; prints as stars."""

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        if len(raw) != KEY_BYTES:
            raise ValueError("an epoch key must be 32 bytes")
        self._raw = raw

    @classmethod
    def new(cls) -> EpochKey:
        """Draw a key from the operating system's generator."""
        return cls(secrets.token_bytes(KEY_BYTES))

    def seal(self, position: AssociatedData, plaintext: bytes) -> bytes:
        """Seal a message for one position.

        Returns:
            Nonce (24 bytes), ciphertext padded to a size class, tag (16 bytes).

        Source:
            XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), padded according to ISO/IEC 7816-4.
        """
        return _seal(self._raw, plaintext, position.to_bytes())

    def open(self, position: AssociatedData, sealed: bytes) -> bytes:
        """Open a message that was sealed for this position.

        Raises:
            SealError: if the key or the position is another one, or the message was altered.
        """
        return _open(self._raw, sealed, position.to_bytes())

    def box_for(self, public_key: PublicKey) -> Box:
        """Seal this key to a member, or to the link key of the previous epoch; about 50 µs.

        Raises:
            SealError: if `public_key` is not a valid X25519 key.

        Source:
            libsodium's crypto_box_seal: X25519, XSalsa20-Poly1305, ephemeral sender key.
        """
        return Box(_seal_to(public_key, self._raw))

    @property
    def link_key(self) -> PublicKey:
        """The public key to which the key of the next epoch can be sealed."""
        return PublicKey(crypto_scalarmult_base(self._link_private_key()))

    def open_link(self, link: Box) -> EpochKey:
        """Open the key of the next epoch.

        Raises:
            SealError: if the link does not belong to this epoch.
        """
        return _open_key(self._link_private_key(), self.link_key, link)

    def _link_private_key(self) -> bytes:
        hashed = hashlib.blake2b(self._raw, digest_size=KEY_BYTES, person=LABEL_LINK)
        return hashed.digest()

    def __repr__(self) -> str:
        return "EpochKey(***)"


class Keyring:
    """The private key of one visitor, and the epoch keys opened with it.

    Lives exactly as long as the visitor's secret; prints as stars.

    Args:
        raw: the private key, 32 bytes, derived from the secret under `LABEL_BOX`.
        public_key: what is stored of it. Deriving it takes as long as half of opening a key. If it
            is another one, nothing opens.
    """

    __slots__ = ("_cache", "_public", "_raw")

    def __init__(self, raw: bytes, public_key: PublicKey | None = None) -> None:
        self._raw = raw
        self._public = public_key or PublicKey(crypto_scalarmult_base(raw))
        self._cache: dict[tuple[bytes, Box], EpochKey] = {}
        """(Key of the epoch before, or empty for a box; sealed key) -> opened key."""

    @property
    def public_key(self) -> PublicKey:
        """The part that may be stored."""
        return self._public

    def open_key(self, box: Box) -> EpochKey:
        """Open an epoch key that was sealed to this visitor; about 35 µs, then cached.

        Raises:
            SealError: if it was sealed to another visitor.
        """
        if (b"", box) not in self._cache:
            self._add_to_cache(b"", box, _open_key(self._raw, self._public, box))
        return self._cache[b"", box]

    def follow(self, key: EpochKey, link: Box) -> EpochKey:
        """Open the key of the epoch after `key`; as `EpochKey.open_link`, but cached."""
        if (key._raw, link) not in self._cache:
            self._add_to_cache(key._raw, link, key.open_link(link))
        return self._cache[key._raw, link]

    def open_title(self, sealed: bytes) -> str:
        """Open a room title that was sealed to this visitor.

        Raises:
            SealError: if it was sealed to another visitor.
        """
        return _decode(_unpad(_open_box(self._raw, self._public, sealed)))

    def seal_own(self, position: bytes, plaintext: bytes, *, most: int | None = None) -> bytes:
        """Seal something that only this visitor reads again.

        Args:
            position: what it is and where it belongs; it opens nowhere else.
            plaintext: what to seal.
            most: the largest size class; `None` for no limit.

        Returns:
            Nonce (24 bytes), ciphertext padded to a size class, tag (16 bytes).
        """
        size = size_class(len(plaintext))
        if most is not None and len(plaintext) < most:
            size = min(size, most)
        return bytes(Aead(self._own_key()).encrypt(sodium_pad(plaintext, size), position))

    def open_own(self, position: bytes, sealed: bytes) -> bytes:
        """Open what `seal_own` sealed.

        Raises:
            SealError: if it belongs to another visitor or position, or was altered.
        """
        return _open(self._own_key(), sealed, position)

    def own_id(self, plaintext: bytes) -> str:
        """Name something in the URLs of this visitor: 12 characters, always the same for it.

        Whoever does not have the visitor's secret cannot tell what it names.
        """
        hashed = hashlib.blake2b(plaintext, digest_size=9, key=self._raw, person=LABEL_OWN_ID)
        return base64.urlsafe_b64encode(hashed.digest()).decode("ascii")

    def _own_key(self) -> bytes:
        return hashlib.blake2b(self._raw, digest_size=KEY_BYTES, person=LABEL_OWN).digest()

    def _add_to_cache(self, before: bytes, box: Box, key: EpochKey) -> None:
        self._cache[before, box] = key
        if len(self._cache) > MAX_CACHED_KEYS:
            del self._cache[next(iter(self._cache))]

    def __repr__(self) -> str:
        return "Keyring(***)"


def seal_title(title: str, public_key: PublicKey) -> bytes:
    """Seal the title of a room to one member."""
    return _seal_to(public_key, _pad(title.encode()))


def wrap_title(title: str, code_key: bytes) -> bytes:
    """Seal the title of a room for visitors who have its invitation code.

    Args:
        title: cleaned.
        code_key: 32 bytes derived from the code, see `CodeUse.TITLE`.
    """
    return _seal(code_key, title.encode(), LABEL_TITLE)


def unwrap_title(wrapped: bytes, code_key: bytes) -> str:
    """Open a title that `wrap_title` sealed.

    Raises:
        SealError: if the key belongs to another code.
    """
    return _decode(_open(code_key, wrapped, LABEL_TITLE))


def size_class(length: int) -> int:
    """Return the padded size of a plaintext: at least one byte more than `length`."""
    return max(SMALLEST_CLASS, 1 << length.bit_length())


def _seal(key: bytes, plaintext: bytes, associated: bytes) -> bytes:
    return bytes(Aead(key).encrypt(_pad(plaintext), associated))


def _open(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    try:
        padded = Aead(key).decrypt(sealed, associated)
    except (CryptoError, ValueError):  # ValueError: too short to hold a nonce
        raise SealError from None
    return _unpad(padded)


def _seal_to(public_key: PublicKey, plaintext: bytes) -> bytes:
    try:
        return SealedBox(NaclPublicKey(public_key)).encrypt(plaintext)
    except (CryptoError, ValueError, TypeError):  # such as all zeros, which libsodium rejects
        raise SealError from None


def _decode(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise SealError from None


def _open_key(private_key: bytes, public_key: PublicKey, sealed: Box) -> EpochKey:
    # The length check keeps a title, sealed in the same kind of box, from being taken for a key.
    if len(sealed) != BOX_BYTES:
        raise SealError
    return EpochKey(_open_box(private_key, public_key, sealed))


def _open_box(private_key: bytes, public_key: PublicKey, sealed: bytes) -> bytes:
    try:
        return crypto_box_seal_open(sealed, public_key, private_key)
    except (CryptoError, ValueError, TypeError):
        raise SealError from None


def _pad(plaintext: bytes) -> bytes:
    return sodium_pad(plaintext, size_class(len(plaintext)))


def _unpad(padded: bytes) -> bytes:
    try:
        return sodium_unpad(padded, len(padded))
    except (CryptoError, ValueError):
        raise SealError from None
