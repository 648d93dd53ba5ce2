"""Checks a machine for what would break a promise, one line each, with what to do."""
