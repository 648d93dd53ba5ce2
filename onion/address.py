"""A v3 onion address and the ed25519 public key that it spells, each from the other.

    address = base32(PUBKEY | CHECKSUM | VERSION) + ".onion"
    CHECKSUM = SHA3-256(".onion checksum" | PUBKEY | VERSION)[:2]      VERSION = 0x03

Source: rend-spec-v3, "Encoding onion addresses".
"""

from __future__ import annotations

import hashlib
from base64 import b32decode, b32encode
from binascii import Error as Base32Error

PUBLIC_KEY_BYTES = 32
SUFFIX = ".onion"
_VERSION = b"\x03"
_LABEL_CHARACTERS = 56  # 35 bytes in base32, without padding


def address_of(public_key: bytes) -> str:
    """Spell a public key of 32 bytes as an onion address: lower case, with `.onion`.

    Raises:
        ValueError: if the key is not 32 bytes. That it is a point of the curve is not checked.
    """
    if len(public_key) != PUBLIC_KEY_BYTES:
        raise ValueError(f"an ed25519 public key has {PUBLIC_KEY_BYTES} bytes")
    label = b32encode(public_key + _checksum(public_key) + _VERSION)
    return label.decode("ascii").lower() + SUFFIX


def public_key_of(address: str) -> bytes:
    """Read the public key out of an onion address, any case, with or without `.onion`.

    Raises:
        ValueError: if it is no v3 address: length, alphabet, version or checksum.
    """
    label = address.lower().removesuffix(SUFFIX)
    if len(label) != _LABEL_CHARACTERS or not label.isascii():
        raise ValueError(f"a v3 onion address has {_LABEL_CHARACTERS} characters before .onion")
    try:
        raw = b32decode(label.upper())
    except Base32Error:
        raise ValueError("not an onion address: a character outside a-z and 2-7") from None
    public_key, checksum, version = raw[:32], raw[32:34], raw[34:]
    if version != _VERSION:
        raise ValueError("not a version 3 onion address")
    if checksum != _checksum(public_key):
        raise ValueError("the checksum does not fit: is a character wrong")
    return public_key


def _checksum(public_key: bytes) -> bytes:
    return hashlib.sha3_256(b".onion checksum" + public_key + _VERSION).digest()[:2]
