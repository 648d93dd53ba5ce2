"""Renders pages and entries in each language."""
