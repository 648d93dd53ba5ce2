"""Encryption of messages: keys, epochs and associated data."""
