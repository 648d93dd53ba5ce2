"""Opens the two encrypted layers of a v3 onion service's descriptor, as a visitor's tor does.

The inner layer says what introduction points there are, and whether a proof of work is asked for.
AES comes from the library that tor itself uses.

Source: rend-spec-v3, "Encrypting data between HSDir and client" and "Deriving keys"; cert-spec.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
import re
from base64 import b32decode, b64decode
from hmac import compare_digest

_LAYERS = (
    (b"hsdir-superencrypted-data", "superencrypted"),
    (b"hsdir-encrypted-data", "encrypted"),
)
_SALT, _KEY, _IV, _MAC = 16, 32, 16, 32
_SIGNED_WITH_KEY = 4


def open_descriptor(text: str, address: str) -> str:
    """Decrypt a descriptor and return its inner layer.

    Args:
        text: as an HSDir holds it.
        address: with `.onion`; whoever knows it can open the descriptor.

    Raises:
        ValueError: if it is not a descriptor of this address.
    """
    blinded = _blinded_key(_block(text, "descriptor-signing-key-cert", "ED25519 CERT"))
    public_key = b32decode(address.removesuffix(".onion").upper())[:32]
    credential = hashlib.sha3_256(b"credential" + public_key).digest()
    subcredential = hashlib.sha3_256(b"subcredential" + credential + blinded).digest()
    revision = re.search(r"^revision-counter (\d+)$", text, re.MULTILINE)
    assert revision is not None
    secret = blinded + subcredential + int(revision[1]).to_bytes(8)
    for label, keyword in _LAYERS:
        text = _open_layer(_block(text, keyword, "MESSAGE"), secret, label)
    return text


def _open_layer(sealed: bytes, secret: bytes, label: bytes) -> str:
    salt, encrypted, mac = sealed[:_SALT], sealed[_SALT:-_MAC], sealed[-_MAC:]
    keys = hashlib.shake_256(secret + salt + label).digest(_KEY + _IV + _MAC)
    key, iv, mac_key = keys[:_KEY], keys[_KEY : _KEY + _IV], keys[_KEY + _IV :]
    head = _MAC.to_bytes(8) + mac_key + _SALT.to_bytes(8) + salt
    if not compare_digest(hashlib.sha3_256(head + encrypted).digest(), mac):
        raise ValueError("the descriptor belongs to another address, or was altered")
    return _aes_256_ctr(key, iv, encrypted).rstrip(b"\0").decode()


def _block(text: str, keyword: str, kind: str) -> bytes:
    found = re.search(rf"^{keyword}\n-----BEGIN {kind}-----\n(.*?)-----END", text, re.M | re.S)
    if found is None:
        raise ValueError(f"no {keyword} in the descriptor")
    return b64decode(found[1])


def _blinded_key(certificate: bytes) -> bytes:
    """Return the key that signed a certificate, from its extension."""
    at, count = 40, certificate[39]
    for _ in range(count):
        size = int.from_bytes(certificate[at : at + 2])
        if certificate[at + 2] == _SIGNED_WITH_KEY:
            return certificate[at + 4 : at + 4 + size]
        at += 4 + size
    raise ValueError("the certificate does not name the key that signed it")


def _aes_256_ctr(key: bytes, iv: bytes, data: bytes) -> bytes:
    crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
    crypto.EVP_CIPHER_CTX_new.restype = crypto.EVP_aes_256_ctr.restype = ctypes.c_void_p
    context = ctypes.c_void_p(crypto.EVP_CIPHER_CTX_new())
    out, size = ctypes.create_string_buffer(len(data)), ctypes.c_int()
    try:
        cipher = ctypes.c_void_p(crypto.EVP_aes_256_ctr())
        assert crypto.EVP_DecryptInit_ex(context, cipher, None, key, iv) == 1
        assert crypto.EVP_DecryptUpdate(context, out, ctypes.byref(size), data, len(data)) == 1
    finally:
        crypto.EVP_CIPHER_CTX_free(context)
    return out.raw[: size.value]
