"""Counts the uploads of a service's descriptor: started, confirmed, failed.

Tor uploads to about sixteen HSDirs, for two time periods. One confirmed upload is enough for
visitors to find the service. Only counts are kept, so memory stays constant over years.

Source: control-spec, HS_DESC; rend-spec-v3, "Where to publish a hidden service descriptor".
"""

from __future__ import annotations

from .address import SUFFIX


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
        elif words[1] == "FAILED":
            self.failed += 1
        else:
            return False
        return True

    @property
    def is_reachable(self) -> bool:
        """Whether at least one HSDir has confirmed that it holds the descriptor."""
        return self.confirmed > 0
