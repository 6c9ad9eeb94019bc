"""udstui: Unix domain sockets raced against loopback TCP, live, on your own machine."""

import os

__version__ = "0.1.0"

# Nothing here multiplies matrices: numpy need not start a thread for each core, which fails where threads are limited.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
