"""Counts what happens to a service's descriptor: uploads, and our own requests for it.

Tor uploads to about sixteen HSDirs, for two time periods. One confirmed upload is enough for
visitors to find the service. Only counts are kept, so memory stays constant over years.

Source: control-spec, HS_DESC; rend-spec-v3, "Where to publish a hidden service descriptor".
"""

from __future__ import annotations

from .address import SUFFIX

# Reasons of a failed request; every other one is that of a failed upload.
_REQUEST_FAILED = ("NOT_FOUND", "BAD_DESC", "QUERY_")
# Tor asks each HSDir once in 15 minutes at most, and then refuses to ask at all.
_NOT_ASKED = ("QUERY_RATE_LIMITED", "QUERY_NO_HSDIR")


class Uploads:
    """The uploads of one service's descriptor, counted since it was published."""

    def __init__(self, address: str) -> None:
        self._service_id = address.removesuffix(SUFFIX)
        self.started = 0
        self.confirmed = 0
        self.failed = 0

    def note(self, line: str) -> bool:
        """Count an event line; return whether it was about an upload of this service."""
        words = line.split()
        if len(words) < 3 or words[0] != "HS_DESC" or words[2] != self._service_id:
            return False
        if words[1] == "UPLOAD":
            self.started += 1
        elif words[1] == "UPLOADED":
            self.confirmed += 1
        elif words[1] == "FAILED" and not _reason_of(words).startswith(_REQUEST_FAILED):
            self.failed += 1
        else:
            return False
        return True

    @property
    def is_reachable(self) -> bool:
        """Whether at least one HSDir has confirmed that it holds the descriptor."""
        return self.confirmed > 0


class Requests:
    """Our own requests for one service's descriptor, as a visitor's tor makes them."""

    def __init__(self, address: str) -> None:
        self._service_id = address.removesuffix(SUFFIX)
        self.received = 0
        self.failed = 0
        self.not_asked = 0
        """How often tor has asked no HSDir, because it had asked all of them shortly before."""

    @property
    def ended(self) -> int:
        """How many have ended, in whichever way."""
        return self.received + self.failed + self.not_asked

    def note(self, line: str) -> None:
        """Count an event line, if it is about a request for this service's descriptor."""
        words = line.split()
        if len(words) < 3 or words[0] != "HS_DESC" or words[2] != self._service_id:
            return
        reason = _reason_of(words)
        if words[1] == "RECEIVED":
            self.received += 1
        elif words[1] == "FAILED" and reason in _NOT_ASKED:
            self.not_asked += 1
        elif words[1] == "FAILED" and reason.startswith(_REQUEST_FAILED):
            self.failed += 1


def _reason_of(words: list[str]) -> str:
    prefix = "REASON="
    return next((word.removeprefix(prefix) for word in words if word.startswith(prefix)), "")
