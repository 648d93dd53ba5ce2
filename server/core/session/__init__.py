"""A visitor's session: its conversations, its lifetime, and what its members may see."""
