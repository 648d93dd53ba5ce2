"""Every measurement, one table after the other: `make bench`."""

from __future__ import annotations

from . import arrivals, costs, freed, sealing, talk

for part in (costs, arrivals, talk, sealing, freed):
    part.run()
