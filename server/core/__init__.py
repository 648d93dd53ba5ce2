"""The chat itself: what a pair, a match, a message is. No I/O, no clock, no framework."""
