"""Tor's side: services, descriptors, circuits, keys; never rooms or messages."""
