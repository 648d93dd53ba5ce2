"""HTTP's side: read the form, ask the store, render. One blueprint per door."""
