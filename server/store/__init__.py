"""Where state lives. The web asks through the contract of `base` and keeps nothing itself."""
