"""Reads bridge lines, finds the programs of their transports, lets nothing go beside a bridge."""
