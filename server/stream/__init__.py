"""Open streams of this process: one stream, and the fan-out to all."""
