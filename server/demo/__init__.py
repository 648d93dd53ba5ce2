"""The demo, and a minimal browser that can do exactly what a visitor without Firefox can do.

The demo's bot uses this text browser, and the tests use it to read the server's pages. It follows
links and forms as they are on the page, over any stream that reaches the web process.
"""
