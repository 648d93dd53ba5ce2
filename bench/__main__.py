"""Every measurement, one table after the other: `make bench`."""

from __future__ import annotations

from . import arrivals, costs, sealing, talk

for part in (costs, arrivals, talk, sealing):
    part.run()
