"""Who may come in, as the operator has ordered it."""
