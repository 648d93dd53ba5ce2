"""Checks a machine for what would break a promise: one line per check, and how to fix it."""
