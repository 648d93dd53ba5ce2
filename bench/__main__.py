"""Every measurement, one table after the other: `make bench`."""

from __future__ import annotations

from . import arrivals, costs, talk

for part in (costs, arrivals, talk):
    part.run()
