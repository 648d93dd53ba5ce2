"""What a stream says: a conversation's entries, the waiting, notices."""
