"""The contract between the web and the state: `chat.Store` and the types that it returns."""
