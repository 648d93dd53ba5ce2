"""Sealing: keys, epochs and what each box is bound to."""
