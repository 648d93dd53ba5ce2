"""A complete Tor network on loopback, for running an onion service without the internet."""

from .network import PrivateNetwork

__all__ = ["PrivateNetwork"]
