"""The onion service's key where it is sealed with a passphrase."""
