"""Finds in a message what leads to a person, so that they can be asked before they send it."""
