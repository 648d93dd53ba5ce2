"""The HTTP layer: read the form, call the store, render. One blueprint per group of pages."""
