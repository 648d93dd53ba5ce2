"""Encrypts a service key with a passphrase, and decrypts it.

A sealed key is four lines of ASCII:

    sottovoce sealed key 1
    argon2id OPERATIONS BYTES SALT
    secretbox BOX
    sha256 DIGEST

SALT (16 bytes) and BOX (24 bytes of nonce, 16 of tag, 64 of the expanded key) are in hexadecimal.
The key of the box is Argon2id of the passphrase, in UTF-8, with that many operations and that much
memory. DIGEST is of all lines before it: a damaged file is told from a wrong passphrase, and nobody
is asked again in vain. Nobody who changes a file with it gains anything: the box has its own tag.

The address is not in it: a disk that is taken does not tell which service it has served.

Source: RFC 9106; libsodium, "Password hashing" (the limit "moderate") and "Secret-key encryption".
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from nacl.exceptions import CryptoError
from nacl.exceptions import RuntimeError as LibraryError
from nacl.pwhash import argon2id
from nacl.secret import SecretBox
from nacl.utils import random

from onion.keys import EXPANDED_BYTES, ServiceKey


@dataclass(frozen=True, slots=True)
class Cost:
    """What one attempt with a passphrase costs."""

    operations: int
    memory_bytes: int


MODERATE = Cost(argon2id.OPSLIMIT_MODERATE, argon2id.MEMLIMIT_MODERATE)
"""Three passes over 256 MiB: 0.7 s of one core."""

MAX_COST = Cost(16, 1024 * 1024 * 1024)
"""A file that asks for more is not ours, and could stop the machine."""

MIN_COST = Cost(argon2id.OPSLIMIT_MIN, argon2id.MEMLIMIT_MIN)

_BOX_BYTES = SecretBox.NONCE_SIZE + SecretBox.MACBYTES + EXPANDED_BYTES
_LINES = re.compile(
    rb"sottovoce sealed key 1\n"
    rb"argon2id (?P<operations>[1-9][0-9]{0,9}) (?P<memory>[1-9][0-9]{0,11})"
    rb" (?P<salt>[0-9a-f]{%d})\n"
    rb"secretbox (?P<box>[0-9a-f]{%d})\n" % (2 * argon2id.SALTBYTES, 2 * _BOX_BYTES)
)
_LAST_LINE = re.compile(rb"sha256 (?P<digest>[0-9a-f]{64})\n")

MAX_SEALED_BYTES = 1024
"""No sealed key is longer."""


class DamagedError(Exception):
    """These bytes are no sealed key of version 1, or not a whole one."""


def seal_key(key: ServiceKey, passphrase: str, cost: Cost = MODERATE) -> bytes:
    """Encrypt a key. Takes the time and the memory of `cost`.

    Raises:
        MemoryError: if there is not that much memory.
    """
    salt = random(argon2id.SALTBYTES)
    box = SecretBox(_derive(passphrase, salt, cost)).encrypt(key.reveal())
    lines = (
        f"sottovoce sealed key 1\n"
        f"argon2id {cost.operations} {cost.memory_bytes} {salt.hex()}\n"
        f"secretbox {bytes(box).hex()}\n"
    ).encode()
    return lines + b"sha256 " + hashlib.sha256(lines).hexdigest().encode() + b"\n"


def check_sealed(sealed: bytes) -> None:
    """Check that a sealed key is whole; no passphrase is needed.

    Raises:
        DamagedError: if it is not.
    """
    _parse(sealed)


def open_key(sealed: bytes, passphrase: str) -> ServiceKey | None:
    """Decrypt a key; `None` if the passphrase is wrong.

    Raises:
        DamagedError: if it is not a sealed key, or asks for more than `MAX_COST`.
        MemoryError: if there is not enough memory.
    """
    cost, salt, box = _parse(sealed)
    try:
        return ServiceKey(SecretBox(_derive(passphrase, salt, cost)).decrypt(box))
    except CryptoError:
        return None
    except ValueError:
        raise DamagedError from None


def _parse(sealed: bytes) -> tuple[Cost, bytes, bytes]:
    found = _LINES.match(sealed)
    last = _LAST_LINE.fullmatch(sealed[found.end() :]) if found else None
    if found is None or last is None:
        raise DamagedError
    if hashlib.sha256(found[0]).hexdigest().encode() != last["digest"]:
        raise DamagedError
    cost = Cost(int(found["operations"]), int(found["memory"]))
    if not (
        MIN_COST.operations <= cost.operations <= MAX_COST.operations
        and MIN_COST.memory_bytes <= cost.memory_bytes <= MAX_COST.memory_bytes
    ):
        raise DamagedError
    return cost, bytes.fromhex(found["salt"].decode()), bytes.fromhex(found["box"].decode())


def _derive(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    try:
        return argon2id.kdf(
            SecretBox.KEY_SIZE,
            passphrase.encode(),
            salt,
            opslimit=cost.operations,
            memlimit=cost.memory_bytes,
        )
    except LibraryError:
        raise MemoryError from None
