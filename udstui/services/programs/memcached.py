"""memcached: one process on a Unix socket and one on a port, since a memcached that has a socket has no port."""

from __future__ import annotations

import os

from udstui.services.programs import Listening, Program, Start

_MEMORY_MIB = "1024"
"""At most; it is taken as values come."""
_LARGEST_VALUE = "128m"


class Memcached(Program):
    name = "memcached"
    package = "memcached"
    executables = ("memcached",)
    serves_both = False

    def start(self, executable: str, at: Listening) -> Start:
        where = ("-s", at.path, "-a", "600") if at.path else ("-l", "127.0.0.1", "-p", str(at.port), "-U", "0")
        as_root = () if os.getuid() else ("-u", "root")  # it wants to be told so
        return Start((executable, *where, *as_root, "-t", "1", "-m", _MEMORY_MIB, "-I", _LARGEST_VALUE, "-c", "2048"))
