"""The doors of the house, one blueprint each: parse, ask, render."""
