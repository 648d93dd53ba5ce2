"""Launches tor: finds the program, writes its torrc, runs the process, explains its exit."""
