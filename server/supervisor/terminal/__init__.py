"""The operator's terminal: how lines get into it, the QR code, and the standard streams."""
