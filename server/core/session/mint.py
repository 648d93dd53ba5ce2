"""Draws the secrets of sessions, and knows its own again.

The key lives as long as the process. So a cookie of an earlier start can be told from one of this
start whose session has ended, and nothing has to be kept for that: no list of sessions that were.
"""

from __future__ import annotations

import secrets

from server.core.ids import Secret

KEY_BYTES = 32


class Mint:
    """Draws secrets with a key of its own."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(KEY_BYTES)

    def new(self) -> Secret:
        """Draw a secret."""
        return Secret.marked(self._key)

    def drew(self, secret: Secret) -> bool:
        """Whether this secret was drawn here, and not before the last start."""
        return secret.is_marked(self._key)
