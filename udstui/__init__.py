"""udstui: Unix domain sockets raced against loopback TCP, live, on your own machine."""
