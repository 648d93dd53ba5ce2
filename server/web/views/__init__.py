"""The views, one blueprint per file: parse the request, call the store, render."""
