"""Starts a tor of ours: its program, its options, its folder, how it ended."""
