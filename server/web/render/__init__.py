"""How pages and entries are drawn, in each language."""
