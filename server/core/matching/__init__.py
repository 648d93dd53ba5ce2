"""Matching: who is waiting, who fits whom, who is next."""
