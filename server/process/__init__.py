"""What the web process needs from its machine: sockets, open files, the garbage collector."""
