"""What the process needs of its machine: sockets, open files, the garbage collector."""
