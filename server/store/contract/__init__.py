"""What the web may ask of the state."""
