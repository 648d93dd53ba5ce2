"""Computes the v3 onion address of an ed25519 public key.

    address = base32(PUBKEY | CHECKSUM | VERSION) + ".onion"
    CHECKSUM = SHA3-256(".onion checksum" | PUBKEY | VERSION)[:2]      VERSION = 0x03

Source: rend-spec-v3, "Encoding onion addresses".
"""

from __future__ import annotations

import hashlib
from base64 import b32encode

PUBLIC_KEY_BYTES = 32
SUFFIX = ".onion"
_VERSION = b"\x03"


def address_of(public_key: bytes) -> str:
    """Encode a public key of 32 bytes as an onion address: lower case, with `.onion`.

    Raises:
        ValueError: if the key is not 32 bytes. Whether it is a point of the curve is not checked.
    """
    if len(public_key) != PUBLIC_KEY_BYTES:
        raise ValueError(f"an ed25519 public key has {PUBLIC_KEY_BYTES} bytes")
    label = b32encode(public_key + _checksum(public_key) + _VERSION)
    return label.decode("ascii").lower() + SUFFIX


def _checksum(public_key: bytes) -> bytes:
    return hashlib.sha3_256(b".onion checksum" + public_key + _VERSION).digest()[:2]
