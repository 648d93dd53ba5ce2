"""Conversations of two or more members: members, log, names, keys, policy."""
