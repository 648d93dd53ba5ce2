"""Form tokens against cross-site request forgery: a keyed hash over session handle and form.

    form      hash(key, handle, form, subject)
    first     hash(key, form, slice key) | ".onion/": before a session exists; valid for an hour
    composer  serial (3) | nonce (5) | hash(key, handle, "composer", subject, serial, nonce)

Issuing a token stores nothing, and no token contains a readable time (see `token_slices.py`). The
key is random and drawn at program start, so a restart invalidates every form that was rendered
before it.

The token of a first form looks like an onion address, but no such address exists. Gateways rewrite
onion addresses, so a gateway that rewrites pages changes the token, and the change is detected. The
token is nine bytes longer than the others for that.

Source: what gateways rewrite: `.onion/` after anything (zwiebelproxy); `.onion` after 16 letters
and digits (onion2web); `.onion` (onion.ly, as observed in SecureDrop pull request 6304).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable

from server.core.ids import ChatId, Handle
from server.core.room.spent_tokens import ComposerToken

from .token_slices import TokenSlices

LABEL = b"sottovoce-form"
MAC_BYTES = 10
SERIAL_BYTES = 3
NONCE_BYTES = 5
CANARY = ".onion/"
"""The ending of an onion address, which gateways rewrite."""

_LABEL = re.compile(r"(?<![a-z2-7])[a-z2-7]{16}(?![a-z2-7])")
"""The part before `CANARY`: `MAC_BYTES` in base32."""


class FormTokens:
    """Makes and checks form tokens under a key that lives as long as the process.

    Args:
        clock: monotonic seconds; used for tokens of first forms only.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._key = secrets.token_bytes(32)
        self._slices = TokenSlices(clock)

    def form(self, handle: Handle, form: str, subject: str = "") -> str:
        """Return the token of a form in a session: 14 characters.

        Args:
            handle: the session's handle.
            form: the name of the form.
            subject: what the form acts on, such as a conversation id.
        """
        return _encode(self._mac(handle, form.encode(), subject.encode()))

    def is_form(self, token: str, handle: Handle | None, form: str, subject: str = "") -> bool:
        """Check whether `token` belongs to this session, form and subject."""
        if handle is None:
            return False
        return hmac.compare_digest(_ascii(token), self.form(handle, form, subject).encode())

    def first_form(self, form: str) -> str:
        """Return the token of a form that is shown before a session exists: 23 characters."""
        return self._first_form_of(form, self._slices.current())

    def first_form_period(self) -> object:
        """Return what `first_form` depends on beside the form: while it is equal, so are tokens."""
        return self._slices.current()

    def is_first_form(self, token: str, form: str) -> bool:
        """Check whether `first_form` made `token` within the last hour."""
        # A list instead of `any`: all slices are compared, so the time does not show which fits.
        return True in [
            hmac.compare_digest(_ascii(token), self._first_form_of(form, key).encode())
            for key in self._slices.accepted()
        ]

    def is_rewritten_first_form(self, token: str, form: str) -> bool:
        """Check whether `first_form` made `token` and something changed it afterwards."""
        label = _LABEL.search(token)
        if label is None or self.is_first_form(token, form):
            return False
        return self.is_first_form(label[0] + CANARY, form)

    def composer(self, handle: Handle, chat_id: ChatId, serial: int) -> str:
        """Return a single-use token for a composer: 24 characters.

        Args:
            handle: the session's handle.
            chat_id: the conversation's id in this session.
            serial: number of posts of the member so far.
        """
        head = serial.to_bytes(SERIAL_BYTES, "big") + secrets.token_bytes(NONCE_BYTES)
        return _encode(head + self._composer_mac(handle, chat_id, head))

    def read_composer(
        self, token: str, handle: Handle | None, chat_id: ChatId
    ) -> ComposerToken | None:
        """Parse a composer token; `None` if it does not belong to this session and conversation."""
        raw = _decode(token)
        if handle is None or raw is None or len(raw) != SERIAL_BYTES + NONCE_BYTES + MAC_BYTES:
            return None
        head, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
        if not hmac.compare_digest(mac, self._composer_mac(handle, chat_id, head)):
            return None
        return ComposerToken(int.from_bytes(head[:SERIAL_BYTES], "big"), head[SERIAL_BYTES:])

    def _first_form_of(self, form: str, slice_key: bytes) -> str:
        mac = self._mac(b"", form.encode(), slice_key)
        return base64.b32encode(mac).decode("ascii").lower() + CANARY

    def _composer_mac(self, handle: Handle, chat_id: ChatId, head: bytes) -> bytes:
        return self._mac(handle, b"composer", chat_id.encode(), head)

    def _mac(self, *parts: bytes) -> bytes:
        # Each part is prefixed with its length, so that no two lists of parts hash alike.
        message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return hashlib.blake2b(message, digest_size=MAC_BYTES, key=self._key, person=LABEL).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decode(token: str) -> bytes | None:
    try:
        return base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:  # also covers binascii.Error and characters outside ASCII
        return None


def _ascii(token: str) -> bytes:
    return token.encode("utf-8", "replace")
