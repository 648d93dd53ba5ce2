"""`python -m server` is `sottovoce`."""

from server.cli import main

main()
