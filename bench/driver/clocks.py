"""Measures who used the cores between two moments: the server, the driver, or other processes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Self

from bench.children import spent_s, waited_s
from bench.figures import Load


@dataclass(frozen=True, slots=True)
class Moment:
    """Processor time used until now, in seconds."""

    now_s: float
    server_s: float
    driver_s: float
    others_s: float

    @classmethod
    def now(cls, pid: int) -> Self:
        """Read the clocks of a server and of this process."""
        return cls(time.perf_counter(), spent_s(pid), time.process_time(), waited_s(pid))


def load(began: Moment, ended: Moment) -> Load:
    """The shares of a core between two moments."""
    took_s = ended.now_s - began.now_s
    return Load(
        server=(ended.server_s - began.server_s) / took_s,
        driver=(ended.driver_s - began.driver_s) / took_s,
        others=(ended.others_s - began.others_s) / took_s,
    )
