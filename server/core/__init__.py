"""The domain model: members, matching, rooms, keys. No I/O, no clock, no framework."""
