"""What seals words: the labels, the keys, the boxes. The one file that imports PyNaCl.

Theory of operation
===================

A visitor's cookie holds 32 random bytes, S (`ids.Secret`). Everything of theirs comes from it, by
BLAKE2b under a label for each purpose:

    S ──"sottovoce-handle"──> handle              stored: by it the session is found
    S ──"sottovoce-boxkey"──> X25519 private key ──> public key      stored: to it keys are sealed

A conversation has *epochs*, each with a key K of 32 random bytes that is never stored:

    SealedBox(K -> public key of a member)        stored: a *box*, 80 bytes, for each member
    K ──"sottovoce-lnkkey"──> X25519 private key ──> public key      stored: the epoch's *link key*
    SealedBox(K' -> link key of the epoch before) stored: a *link*, where one is enough

Words are padded to a size class and sealed under K by XChaCha20-Poly1305, with the place where
they stand as associated data: conversation, epoch, seq, sender, kind.

When a newcomer is to have the next key, everybody else can have it through one link, whatever
their number: who holds K opens K', and K' does not open K. When somebody has left, the next key
goes to each who stays in a box of its own, because a link would let the one who left follow.
`epochs.py` says when; this file says how.

Threat model
============

Against a copy of all that is stored, without a cookie: no words, no title. It shows handles,
public keys, who is in which conversation, the names that the house drew, the order, sender and
size class of messages, and times of the process's own clock.

Against who changes what is stored: a message that was altered, or that stands in another place,
another conversation or under another number of a sender, does not open. It can be left out. What is
not sealed can be changed: names, so that words stand under another name; comings and goings, which
can be made up. SealedBoxes name no sender: who can write can let the next key be sealed to somebody
whom nobody sees. So a store that others can write to is a store that others can read from then on.

Not against who runs another program than this one, and not against who reads the memory of the
process while it serves a member: S, the private key and K are there for as long as a request or a
stream lasts. Python cannot wipe them.

Rules of this file
==================

1. One key, one purpose, one label. Nothing but the system's generator makes keys and nonces.
2. What does not open gives `SealError`, always the same; which part was wrong is not told.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import NewType

from nacl.bindings import sodium_pad, sodium_unpad
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox
from nacl.public import PublicKey as NaclPublicKey
from nacl.secret import Aead

from .associated_data import AssociatedData, SealError

KEY_BYTES = 32
BOX_BYTES = 80
"""An ephemeral public key (32), the sealed key (32) and a tag (16)."""

SEALED_MORE_BYTES = 40
"""What is sealed is longer by a nonce (24) and a tag (16) than its size class."""

SMALLEST_CLASS = 64
"""Bytes of the smallest size class; each further one is twice as large."""

MAX_OPENED = 64
"""Keys that a keyring remembers: more epochs than one page speaks of, but for wild comings."""

# Of BLAKE2b, at most 16 bytes each; the last, and that of `AssociatedData`, of associated data.
LABEL_BOX = b"sottovoce-boxkey"
LABEL_LINK = b"sottovoce-lnkkey"
LABEL_TITLE = b"sottovoce title 1"

PublicKey = NewType("PublicKey", bytes)
"""X25519, 32 bytes: what a key can be sealed to."""

Box = NewType("Box", bytes)
"""A key sealed to a public key: `BOX_BYTES`."""


class EpochKey:
    """The key of one epoch: lives in one request or one open stream. It prints as stars."""

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        if len(raw) != KEY_BYTES:
            raise ValueError("an epoch key has 32 bytes")
        self._raw = raw

    @classmethod
    def new(cls) -> EpochKey:
        """Draw a key from the operating system's generator."""
        return cls(secrets.token_bytes(KEY_BYTES))

    def seal(self, position: AssociatedData, words: bytes) -> bytes:
        """Seal what was said.

        Returns:
            Nonce (24 bytes), ciphertext of a size class, tag (16 bytes).

        Source:
            XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), padded after ISO/IEC 7816-4.
        """
        return _seal(self._raw, words, position.to_bytes())

    def open(self, position: AssociatedData, sealed: bytes) -> bytes:
        """Open what was sealed for this place.

        Raises:
            SealError: if it was sealed under another key or for another place, or was altered.
        """
        return _open(self._raw, sealed, position.to_bytes())

    def box_for(self, public_key: PublicKey) -> Box:
        """This key, sealed to a member or to the epoch before; some 50 µs.

        Raises:
            SealError: if that is no public key.

        Source:
            crypto_box_seal of libsodium: X25519, XSalsa20-Poly1305, an ephemeral sender.
        """
        return Box(_seal_to(public_key, self._raw))

    @property
    def link_key(self) -> PublicKey:
        """To this the key of the next epoch may be sealed."""
        return PublicKey(bytes(self._link().public_key))

    def open_link(self, link: Box) -> EpochKey:
        """The key of the next epoch.

        Raises:
            SealError: if the link is no link of this epoch.
        """
        return _open_key(SealedBox(self._link()), link)

    def _link(self) -> PrivateKey:
        hashed = hashlib.blake2b(self._raw, digest_size=KEY_BYTES, person=LABEL_LINK)
        return PrivateKey(hashed.digest())

    def __repr__(self) -> str:
        return "EpochKey(***)"


class Keyring:
    """What one visitor's secret opens; it lives exactly as long as the secret. Prints as stars.

    Args:
        raw: the private key, 32 bytes, made from the secret under `LABEL_BOX`.
    """

    __slots__ = ("_opened", "_private")

    def __init__(self, raw: bytes) -> None:
        self._private = PrivateKey(raw)
        self._opened: dict[tuple[bytes, Box], EpochKey] = {}
        """What was opened already, by which key, so that each is opened once."""

    @property
    def public_key(self) -> PublicKey:
        """What may be stored of it."""
        return PublicKey(bytes(self._private.public_key))

    def open_key(self, box: Box) -> EpochKey:
        """Open the key of an epoch that was sealed to this visitor; some 35 µs, once.

        Raises:
            SealError: if it was sealed to somebody else.
        """
        if (b"", box) not in self._opened:
            self._remember(b"", box, _open_key(SealedBox(self._private), box))
        return self._opened[b"", box]

    def follow(self, key: EpochKey, link: Box) -> EpochKey:
        """The key of the epoch after that of `key`; as `EpochKey.open_link`, but once."""
        if (key._raw, link) not in self._opened:
            self._remember(key._raw, link, key.open_link(link))
        return self._opened[key._raw, link]

    def open_title(self, sealed: bytes) -> str:
        """Open the title of a room that was sealed to this visitor.

        Raises:
            SealError: if it was sealed to somebody else.
        """
        return _text(_unpad(_open_box(SealedBox(self._private), sealed)))

    def _remember(self, before: bytes, box: Box, key: EpochKey) -> None:
        self._opened[before, box] = key
        if len(self._opened) > MAX_OPENED:
            del self._opened[next(iter(self._opened))]

    def __repr__(self) -> str:
        return "Keyring(***)"


def seal_title(title: str, public_key: PublicKey) -> bytes:
    """Seal the title of a room to one member."""
    return _seal_to(public_key, _pad(title.encode()))


def wrap_title(title: str, code_key: bytes) -> bytes:
    """Seal the title of a room for whoever has the code that leads into it.

    Args:
        title: cleaned.
        code_key: 32 bytes made from the code, see `invitation.CodeUse.TITLE`.
    """
    return _seal(code_key, title.encode(), LABEL_TITLE)


def unwrap_title(wrapped: bytes, code_key: bytes) -> str:
    """The inverse of `wrap_title`.

    Raises:
        SealError: if it is another code.
    """
    return _text(_open(code_key, wrapped, LABEL_TITLE))


def size_class(length: int) -> int:
    """The bytes that this many are padded to: at least one more."""
    return max(SMALLEST_CLASS, 1 << length.bit_length())


def _seal(key: bytes, plain: bytes, associated: bytes) -> bytes:
    return bytes(Aead(key).encrypt(_pad(plain), associated))


def _open(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    try:
        padded = Aead(key).decrypt(sealed, associated)
    except (CryptoError, ValueError):  # ValueError: too short to hold a nonce
        raise SealError from None
    return _unpad(padded)


def _seal_to(public_key: PublicKey, plain: bytes) -> bytes:
    try:
        return SealedBox(NaclPublicKey(public_key)).encrypt(plain)
    except (CryptoError, ValueError, TypeError):  # such as all zeros, which no secret has
        raise SealError from None


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise SealError from None


def _open_key(box: SealedBox[PrivateKey], sealed: Box) -> EpochKey:
    # By its length: a title, which comes in the same kind of box, is never taken for a key.
    if len(sealed) != BOX_BYTES:
        raise SealError
    return EpochKey(_open_box(box, sealed))


def _open_box(box: SealedBox[PrivateKey], sealed: bytes) -> bytes:
    try:
        return box.decrypt(sealed)
    except (CryptoError, ValueError, TypeError):
        raise SealError from None


def _pad(plain: bytes) -> bytes:
    return sodium_pad(plain, size_class(len(plain)))


def _unpad(padded: bytes) -> bytes:
    try:
        return sodium_unpad(padded, len(padded))
    except (CryptoError, ValueError):
        raise SealError from None
