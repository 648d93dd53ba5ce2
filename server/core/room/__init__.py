"""A conversation: members, log, rules; of two people or of many."""
