"""Gives up every way out of the web process, once it has what it needs."""
