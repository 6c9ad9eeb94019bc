"""The runtime `python`: loops over blocking sockets in plain Python."""
