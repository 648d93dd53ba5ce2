"""The operator's file: TOML in, checked values out."""
