"""The operator's configuration file: TOML in, checked values out."""
