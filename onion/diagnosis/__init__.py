"""Tells the operator what tor's warnings mean, without repeating them endlessly."""
