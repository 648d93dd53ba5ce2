"""Matching: the queue of waiting tickets, and the rules for which two tickets fit."""
