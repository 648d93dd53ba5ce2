"""The secret key of an onion service, in memory.

An ed25519 key has two forms. The *seed* is 32 random bytes. The *expanded* key of 64 bytes is
SHA-512 of the seed, clamped; tor accepts and stores this form. The seed is discarded: the
expanded key is enough to publish the service and to derive its address.

Source: RFC 8032 section 5.1.5; tor(1), "FILES", hs_ed25519_secret_key.
"""

from __future__ import annotations

import hashlib

from nacl.bindings import crypto_scalarmult_ed25519_base_noclamp
from nacl.utils import random

from .address import address_of

EXPANDED_BYTES = 64


class ServiceKey:
    """The secret key of an onion service. A copy of it is enough to take over the address.

    CPython cannot wipe bytes, so the key stays in memory until the program ends.
    """

    __slots__ = ("_expanded", "address", "public_key")

    def __init__(self, expanded: bytes) -> None:
        """Take an expanded key of 64 bytes: the clamped scalar, then the prefix for nonces.

        Raises:
            ValueError: if the length or the clamping is not that of an expanded key.
        """
        if len(expanded) != EXPANDED_BYTES or expanded[:32] != _clamped(expanded[:32]):
            raise ValueError("not an expanded ed25519 secret key")
        self._expanded = expanded
        # "noclamp": the scalar is clamped already and must not be changed again.
        self.public_key: bytes = crypto_scalarmult_ed25519_base_noclamp(expanded[:32])
        self.address: str = address_of(self.public_key)

    @classmethod
    def generate(cls) -> ServiceKey:
        """Generate a key from 32 bytes of the system's randomness."""
        return cls.from_seed(random(32))

    @classmethod
    def from_seed(cls, seed: bytes) -> ServiceKey:
        """Expand a seed of 32 bytes; the same seed always gives the same address."""
        if len(seed) != 32:
            raise ValueError("an ed25519 seed has 32 bytes")
        digest = hashlib.sha512(seed).digest()
        return cls(_clamped(digest[:32]) + digest[32:])

    def reveal(self) -> bytes:
        """Return the expanded key, 64 bytes: `keyfile.py` writes it, `sealed/box.py` seals it."""
        return self._expanded

    def __repr__(self) -> str:
        return f"ServiceKey({self.address}, ***)"


def _clamped(scalar: bytes) -> bytes:
    return bytes([scalar[0] & 248]) + scalar[1:31] + bytes([scalar[31] & 63 | 64])
