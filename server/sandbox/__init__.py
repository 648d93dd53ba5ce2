"""The web process's sandbox: it drops all privileges that it does not need, before it serves."""
