"""Word lists, as Python so that reading them needs no file: `docs/decisions/0011-word-lists.md`."""
