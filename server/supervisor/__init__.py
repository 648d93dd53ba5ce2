"""Keeps tor and the web process running and together; knows how to say how it stands."""
