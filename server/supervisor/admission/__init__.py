"""Who may come in, as the operator orders it; the web processes are told."""
