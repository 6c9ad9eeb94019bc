"""redis-server, or valkey-server: one process on a Unix socket and on a port, in memory only, with a password.

The port of a loopback is open to every user of this machine, and who may write to a Redis may write files by it.
"""

from __future__ import annotations

from udstui.services.programs import Listening, Program, Start


class Redis(Program):
    name = "redis"
    package = "redis-server"
    executables = ("redis-server", "valkey-server")

    def start(self, executable: str, at: Listening) -> Start:
        lines = [
            f'dir "{at.folder}"',
            f"port {at.port}",
            "bind 127.0.0.1",
            'save ""',
            "appendonly no",
            "daemonize no",
            "databases 1",
            "loglevel warning",
            f"requirepass {at.secret}",
        ]
        if at.path:
            lines += [f'unixsocket "{at.path}"', "unixsocketperm 600"]
        return Start((executable, "-"), "\n".join([*lines, ""]).encode())
