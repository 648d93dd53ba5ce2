"""A visitor's session: its seats, its lifetime, what it may see."""
