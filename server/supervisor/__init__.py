"""Runs tor and the web process, restarts them when they end, and reports their state."""
