"""A whole Tor network on loopback, for trying an onion service without the internet."""

from .network import PrivateNetwork

__all__ = ["PrivateNetwork"]
