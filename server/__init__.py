"""Sottovoce: anonymous chat that exists only as a Tor v3 onion service."""

__version__ = "0.1.0"
