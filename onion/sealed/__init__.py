"""A service key that is on disk only encrypted with a passphrase."""
