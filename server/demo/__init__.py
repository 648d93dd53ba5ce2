"""A text browser of our own: what a visitor without Firefox can do, no more and no less.

The demo's scripted guest lives in it, and the tests see the house through it: it follows links
and forms as they stand on the page, over any stream that reaches the web process.
"""
