"""udstui: Unix domain sockets raced against loopback TCP, live, on your own machine."""

__version__ = "0.1.0"
